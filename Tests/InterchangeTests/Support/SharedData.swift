import Foundation

/// The real files beside the repository; tests that need them are skipped where they are not.
enum SharedData {
    private static let folder: URL = {
        // Tests/InterchangeTests/Support/SharedData.swift stands four levels below the root.
        var root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.deletingLastPathComponent().appendingPathComponent("shared/data")
    }()

    static let isPresent = FileManager.default.fileExists(atPath: folder.path)

    /// The names of the files in a folder that start so, sorted.
    static func names(in subfolder: String, startingWith prefix: String) -> [String] {
        let path = folder.appendingPathComponent(subfolder).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted().map { subfolder + "/" + $0 }
    }

    /// The bytes of a file, unpacked when it is packed.
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = folder.appendingPathComponent(name)
        guard name.hasSuffix(".gz") else { return [UInt8](try Data(contentsOf: url)) }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", url.path]
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return [UInt8](data)
    }
}
