import Foundation
import Interchange
import Synchronization

/// The hub under load: a process of its own on a store of its own, or one that runs somewhere.
final class LoadHub: Sendable {
    /// Where it answers.
    let url: String
    private let process: Int32?
    private let folder: String?

    /// A hub that runs already.
    init(url: String) {
        self.url = url
        process = nil
        folder = nil
    }

    /// Starts a hub in this folder and waits until it takes connections.
    init(startingIn folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let log = folder + "/hub.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let hub = Process()
        hub.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/exe"
            )
        )
        hub.arguments = [
            "serve", "--store", folder + "/hub", "--port", "0", "--rate", "0", "--json",
            "--log-level", "error",
        ]
        let pipe = Pipe()
        hub.standardOutput = pipe
        hub.standardError = FileHandle(forWritingAtPath: log) ?? .nullDevice
        hub.standardInput = FileHandle.nullDevice
        try hub.run()
        var text = ""
        while true {
            let data = pipe.fileHandleForReading.availableData
            text += String(decoding: data, as: UTF8.self)
            if let url = (try? JSONParser().parse(text))?["url"]?.string {
                self.url = url
                break
            }
            guard !data.isEmpty else {
                throw Failure(
                    .portUnavailable,
                    words("the hub did not start; see ", "中心未能启动；见 ") + log
                )
            }
        }
        process = hub.processIdentifier
        self.folder = folder
    }

    /// The most memory that it has had, in MiB; nil for a hub that was not started here.
    var peakMemory: Double? { memory("VmHWM:") }

    /// Its memory now, in MiB; nil for a hub that was not started here.
    var memory: Double? { memory("VmRSS:") }

    private func memory(_ key: String) -> Double? {
        guard let process,
            let status = try? String(
                contentsOfFile: "/proc/\(process)/status",
                encoding: .utf8
            ),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) })
        else { return nil }
        return line.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1_024 }
    }

    /// Ends a hub that was started here and deletes its folder.
    func end() {
        guard let process, let folder else { return }
        kill(process, SIGTERM)
        for _ in 0..<200 where kill(process, 0) == 0 { usleep(50_000) }
        kill(process, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
