import Foundation

/// The hub under load: a process of its own on a store of its own, or one that runs somewhere.
final class LoadHub: Sendable {
    /// Where it answers.
    let url: String
    private let hub: HubProcess?
    private let folder: String?

    /// A hub that runs already.
    init(url: String) {
        self.url = url
        hub = nil
        folder = nil
    }

    /// Starts a hub in this folder and waits until it takes connections.
    init(startingIn folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let started = try HubProcess(
            in: folder,
            ["--port", "0", "--rate", "0", "--log-level", "error"]
        )
        url = started.url
        hub = started
        self.folder = folder
    }

    /// The most memory that it has had, in MiB; nil for a hub that was not started here.
    var peakMemory: Double? { memory("VmHWM:") }

    /// Its memory now, in MiB; nil for a hub that was not started here.
    var memory: Double? { memory("VmRSS:") }

    private func memory(_ key: String) -> Double? {
        guard let hub,
            let status = try? String(
                contentsOfFile: "/proc/\(hub.identifier)/status",
                encoding: .utf8
            ),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) })
        else { return nil }
        return line.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1_024 }
    }

    /// Ends a hub that was started here and deletes its folder.
    func end() {
        guard let hub, let folder else { return }
        hub.end()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
