import Foundation
import Interchange
import Testing

/// A hub as a process of its own.
struct Hub {
    let process: Process
    let url: String

    /// Starts a hub on a free port and waits until it is ready.
    static func start(
        _ tool: CommandLineTool,
        seeds: String = CommandLineTool.seeds
    ) async throws -> Hub {
        let process = tool.process([
            "serve", "--store", tool.path("hub"), "--port", "0", "--seeds", seeds, "--json",
        ])
        let path = tool.path("hub.json")
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<300 {
            try await Task.sleep(for: .milliseconds(100))
            let text = try String(contentsOfFile: path, encoding: .utf8)
            guard let url = try? JSONParser().parse(text)["url"]?.string else { continue }
            return Hub(process: process, url: url)
        }
        process.terminate()
        throw CocoaError(.fileReadUnknown)
    }

    /// Ends the hub.
    func stop() {
        process.terminate()
        process.waitForExit()
    }
}
