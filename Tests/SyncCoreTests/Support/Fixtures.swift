import Foundation

/// Frozen bytes beside the tests.
///
/// A missing file is written and its test fails once, so that a new fixture is seen in review; a
/// file that is there is never changed. To change one on purpose, delete it and say why.
enum Fixtures {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: folder.appending(path: name))).map { [UInt8]($0) }
    }

    static func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: folder.appending(path: name))
    }

    static func names(in part: String) throws -> [String] {
        try FileManager.default
            .contentsOfDirectory(atPath: folder.appending(path: part).path)
            .filter { $0.hasSuffix(".bin") }
            .sorted()
    }
}
