import Foundation
import Interchange
import Synchronization

/// A hub as a process of its own: this program, serving on this machine.
final class HubProcess: Sendable {
    /// Where it answers.
    let url: String
    /// The process's number.
    let identifier: Int32

    /// The hub's process, for a signal that ends this one; 0 for none.
    private static let running = Atomic<Int32>(0)

    /// This program's file.
    static func program() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// Ends the hub too when this process is interrupted or told to end.
    static func endWhenInterrupted() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                let hub = HubProcess.running.load(ordering: .relaxed)
                if hub > 0 { kill(hub, SIGTERM) }
                _exit(128 + number)
            }
        }
    }

    /// Starts a hub in a folder that is there and waits until it takes connections.
    ///
    /// What it says goes to `hub.log` in the folder, after what stands there; its store is `hub`.
    init(in folder: String, _ arguments: [String]) throws {
        let log = folder + "/hub.log"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let handle = FileHandle(forWritingAtPath: log)
        _ = try? handle?.seekToEnd()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try HubProcess.program())
        process.arguments = ["serve", "--store", folder + "/hub", "--json"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = handle ?? .nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        HubProcess.running.store(process.processIdentifier, ordering: .relaxed)
        identifier = process.processIdentifier
        var text = ""
        while true {
            let data = pipe.fileHandleForReading.availableData
            text += String(decoding: data, as: UTF8.self)
            if let url = (try? JSONParser().parse(text))?["url"]?.string {
                self.url = url
                return
            }
            guard !data.isEmpty else {
                throw Failure(
                    .portUnavailable,
                    words("the hub did not start; see ", "中心未能启动；见 ") + log
                )
            }
        }
    }

    /// The port on which it answers.
    var port: Int { url.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

    /// Ends it by a signal and waits until it has gone, at most ten seconds.
    func end(by signal: Int32 = SIGTERM) {
        kill(identifier, signal)
        for _ in 0..<500 where kill(identifier, 0) == 0 { usleep(20_000) }
        kill(identifier, SIGKILL)
        HubProcess.running.store(0, ordering: .relaxed)
    }
}
