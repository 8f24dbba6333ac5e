import Foundation
import Interchange

/// Runs `field` itself as real processes and tells what they say.
final class DemoStage {
    let folder: String
    private let program: String
    private let output: Output
    private var hub: HubProcess?
    /// Where the hub answers, or did.
    private(set) var hubURL = ""
    /// Body bytes on the wire, by device.
    private(set) var bytes: [(device: String, sent: Int, received: Int)] = []
    /// What was checked and came out as it must.
    private var checks: [String] = []

    init(folder: String, output: Output) throws {
        self.folder = folder
        self.output = output
        program = try HubProcess.program()
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { hub?.end() }

    /// Begins a scene of the story.
    func scene(_ title: String) {
        output.line()
        output.line("── " + title, style: .bold)
    }

    /// Tells something between two commands.
    func tell(_ text: String) { output.line("   " + text, style: .dim) }

    /// Tells a check that came out as it must.
    func tellFulfilled(_ text: String) {
        checks.append(text)
        output.line("   ✔ " + text, style: .green)
    }

    /// The result for programs: what was checked, and the bytes of each exchange.
    func json(of scenario: String) -> JSONValue {
        .object([
            "scenario": .string(scenario), "folder": .string(folder),
            "checks": .array(checks.map { .string($0) }),
            "exchanges": .array(
                bytes.map {
                    .object([
                        "device": .string($0.device), "requestBytes": .integer(Int64($0.sent)),
                        "responseBytes": .integer(Int64($0.received)),
                    ])
                }
            ),
        ])
    }

    // MARK: Devices

    /// Runs a command on a device and tells it with its output.
    @discardableResult
    func run(_ device: String, _ arguments: [String]) throws -> String {
        let shown = arguments.map { $0.contains(" ") || $0.isEmpty ? "'\($0)'" : $0 }
        output.line("   \(device) ▸ field " + shown.joined(separator: " "), style: .cyan)
        let text = try capture(device, arguments)
        for line in text.split(separator: "\n") { output.line("     " + line) }
        return text
    }

    /// Runs a command on a device and reads its JSON, without telling it.
    func json(_ device: String, _ arguments: [String]) throws -> JSONValue {
        let text = try capture(device, arguments + ["--json"])
        return try JSONParser().parse(text)
    }

    /// Syncs a device, tells the command, and notes the bytes.
    func sync(_ device: String, _ extra: [String] = []) throws {
        let arguments = ["sync", "--hub", hubURL] + extra
        output.line("   \(device) ▸ field " + arguments.joined(separator: " "), style: .cyan)
        let summary = try json(device, arguments)
        func number(_ key: String) -> Int { summary[key]?.integer.map { Int($0) } ?? 0 }
        bytes.append((device, number("requestBytes"), number("responseBytes")))
        let retries = number("retries")
        output.line(
            "     "
                + words(
                    "up \(number("changesUp")) changes, down \(number("entriesDown")) entries; "
                        + "\(number("requestBytes")) bytes sent, \(number("responseBytes")) received"
                        + (retries > 0 ? ", tried again \(retries)×" : "")
                        + (number("conflicts") > 0
                            ? "; \(number("conflicts")) conflicts open" : ""),
                    "上行 \(number("changesUp")) 项，下行 \(number("entriesDown")) 条；"
                        + "发送 \(number("requestBytes")) 字节，接收 \(number("responseBytes")) 字节"
                        + (retries > 0 ? "，重试 \(retries) 次" : "")
                        + (number("conflicts") > 0 ? "；\(number("conflicts")) 处冲突未决" : "")
                )
        )
    }

    /// Runs a command on a device and returns what it wrote.
    func capture(_ device: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            arguments + ["--store", folder + "/" + device, "--language", Language.current.rawValue]
        let pipe = Pipe()
        let errors = Pipe()
        process.standardOutput = pipe
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        let remarks = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                .different,
                words("the demo failed at", "演示失败于")
                    + " `\(device): field \(arguments.joined(separator: " "))`:\n"
                    + String(decoding: data + remarks, as: UTF8.self)
            )
        }
        return String(decoding: data, as: UTF8.self)
    }

    // MARK: Hub

    /// Starts the hub as a process of its own and waits until it takes connections.
    func startHub(seeds: String, port: Int = 0) throws {
        let started = try HubProcess(in: folder, ["--port", String(port), "--seeds", seeds])
        hub = started
        hubURL = started.url
    }

    /// Kills the hub without a chance to clean up, and starts it again on the same port.
    func killAndRestartHub(seeds: String) throws {
        guard let killed = hub else { return }
        killed.end(by: SIGKILL)
        try startHub(seeds: seeds, port: killed.port)
    }

    /// Ends the hub in good order.
    func stopHub() {
        hub?.end()
        hub = nil
    }
}
