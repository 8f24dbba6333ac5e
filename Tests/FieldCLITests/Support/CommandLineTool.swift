import Foundation
import Interchange
import Synchronization
import Testing

/// Runs the built `field` in a folder of its own.
final class CommandLineTool: Sendable {
    /// What a run said.
    struct Outcome {
        let status: Int32
        let output: String
        let remarks: String

        /// The output as JSON.
        func json() throws -> JSONValue { try JSONParser().parse(output) }
    }

    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "field-cli-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let seeds = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("seeds").path

    /// The executable stands beside the test bundle.
    static var executable: URL {
        let places = [CommandLine.arguments[0], Bundle.main.executablePath ?? ""]
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        let found = places.map { $0.appendingPathComponent("field") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        return found ?? URL(fileURLWithPath: ".build/debug/field")
    }

    /// A process that is ready to run.
    func process(_ arguments: [String], environment: [String: String] = [:]) -> Process {
        let process = Process()
        process.executableURL = CommandLineTool.executable
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = [
            "HOME": folder, "FIELD_STORE": folder + "/store", "LC_ALL": "C.UTF-8",
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
            "SWIFT_BACKTRACE": "enable=no",
        ]
        .merging(environment) { $1 }
        return process
    }

    /// Runs the tool to its end.
    @discardableResult
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
        let process = process(arguments, environment: environment)
        let outputPath = folder + "/output-" + UUID().uuidString
        let remarksPath = outputPath + "-remarks"
        _ = FileManager.default.createFile(atPath: outputPath, contents: nil)
        _ = FileManager.default.createFile(atPath: remarksPath, contents: nil)
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: remarksPath))
        try process.run()
        process.waitForExit()
        defer {
            try? FileManager.default.removeItem(atPath: outputPath)
            try? FileManager.default.removeItem(atPath: remarksPath)
        }
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOfFile: outputPath, encoding: .utf8),
            remarks: try String(contentsOfFile: remarksPath, encoding: .utf8)
        )
    }

    /// Makes a store for an officer of the demo.
    func makeStore(_ name: String = "store", officer: String = "demo-a1") throws {
        let made = try run(
            "init",
            "--store",
            path(name),
            "--officer",
            officer,
            "--seeds",
            CommandLineTool.seeds
        )
        #expect(made.status == 0, "\(made.remarks)")
    }

    /// Records a finding and returns its reference.
    func makeFinding(_ arguments: String...) throws -> String {
        let process = try runList(
            ["find", "new", "--json", "--matter", "F01", "--time", "2026-08-03T18:51:20+08:00"]
                + arguments
        )
        #expect(process.status == 0, "\(process.remarks)")
        return try process.json()["reference"]?.string ?? ""
    }

    /// Runs a script of the shell in which `$FIELD` is the tool.
    func runShell(_ script: String) throws -> Outcome {
        let process = process(
            ["-c", script],
            environment: ["FIELD": CommandLineTool.executable.path]
        )
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        return try finish(process)
    }

    /// Runs with arguments in a list.
    func runList(_ arguments: [String]) throws -> Outcome { try finish(process(arguments)) }

    private func finish(_ process: Process) throws -> Outcome {
        let output = Pipe()
        let remarks = Pipe()
        process.standardOutput = output
        process.standardError = remarks
        try process.run()
        // At the same time: a pipe that nobody reads would stop a process with much to say.
        let read = Mutex(Data())
        let reader = Thread { [handle = remarks.fileHandleForReading] in
            let notes = handle.readDataToEndOfFile()
            read.withLock { $0 = notes }
        }
        reader.start()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitForExit()
        while !reader.isFinished { usleep(1_000) }
        let notes = read.withLock { $0 }
        return Outcome(
            status: process.terminationStatus,
            output: String(decoding: text, as: UTF8.self),
            remarks: String(decoding: notes, as: UTF8.self)
        )
    }

    /// A path in the folder.
    func path(_ name: String) -> String { folder + "/" + name }

    /// Writes a file into the folder.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// Writes a file into the folder.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// Everything that the store holds, to compare before and after.
    func picture() throws -> String {
        let records = try run("export", "-", "--format", "jsonl", "--type", "all").output
        let log = try run("log", "--json", "--limit", "100000").output
        return records + log
    }
}

extension Process {
    /// Waits on any thread; `waitUntilExit` wants the run loop of the thread that started it.
    func waitForExit() {
        while isRunning { usleep(5_000) }
    }
}
