import Foundation
import Interchange
import Testing

/// Runs the built `field` in folders of its own.
struct FieldProgram {
    /// The program, which the tests' build put beside the test runner.
    static let path = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("field").path

    /// The repository, for seeds and fixtures.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The shared real data beside the repository, where it is present.
    static let data = repository + "/../shared/data"
    static let hasData = FileManager.default.fileExists(atPath: data + "/findings")

    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "field-program-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// What a run printed, and its exit status.
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Starts a command and does not wait for it.
    func start(_ arguments: [String], output: Any? = FileHandle.nullDevice) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: FieldProgram.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: FieldProgram.repository)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs a command to its end.
    func run(_ arguments: [String]) throws -> Result {
        let outputFile = folder + "/output-" + UUID().uuidString
        let errorFile = outputFile + "-errors"
        for file in [outputFile, errorFile] {
            _ = FileManager.default.createFile(atPath: file, contents: nil)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: FieldProgram.path)
        process.arguments = arguments + ["--language", "en"]
        process.currentDirectoryURL = URL(fileURLWithPath: FieldProgram.repository)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outputFile)
        process.standardError = FileHandle(forWritingAtPath: errorFile)
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: try String(contentsOfFile: outputFile, encoding: .utf8),
            errors: try String(contentsOfFile: errorFile, encoding: .utf8)
        )
    }

    /// Runs a command that must succeed, on a store of this folder.
    @discardableResult
    func on(_ store: String, _ arguments: [String]) throws -> String {
        let result = try run(arguments + ["--store", folder + "/" + store])
        #expect(result.status == 0, "\(arguments): \(result.errors)\(result.output)")
        return result.output
    }

    /// The JSON of a listing.
    func json(_ store: String, _ arguments: [String]) throws -> JSONValue {
        try JSONParser().parse(try on(store, arguments + ["--json"]))
    }

    /// Makes a device's store that receives everything.
    func makeDevice(_ store: String, officer: String) throws {
        try on(
            store,
            [
                "init", "--officer", officer, "--town", "330502105", "--scope", "all", "--seeds",
                "seeds",
            ]
        )
    }

    /// Starts a hub and waits until it takes connections.
    ///
    /// - `isRestored`: whether its folder is an older copy.
    func startHub(
        port: Int = 0,
        isRestored: Bool = false
    ) throws -> (process: Process, url: String) {
        let pipe = Pipe()
        let process = try start(
            [
                "serve", "--store", folder + "/hub", "--port", String(port), "--seeds", "seeds",
                "--json",
            ] + (isRestored ? ["--restored"] : []),
            output: pipe
        )
        var text = ""
        while true {
            let data = pipe.fileHandleForReading.availableData
            text += String(decoding: data, as: UTF8.self)
            if let url = (try? JSONParser().parse(text))?["url"]?.string { return (process, url) }
            guard !data.isEmpty else { throw HubDidNotStart() }
        }
    }

    struct HubDidNotStart: Error {}

    /// Unpacks a file of the shared data into this folder.
    func unpack(_ name: String, as file: String) throws -> String {
        let target = folder + "/" + file
        _ = FileManager.default.createFile(atPath: target, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", FieldProgram.data + "/" + name]
        process.standardOutput = FileHandle(forWritingAtPath: target)
        try process.run()
        process.waitUntilExit()
        return target
    }
}
