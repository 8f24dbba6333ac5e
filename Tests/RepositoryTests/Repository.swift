import Foundation

/// The repository's files, found from this file's place.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File {
        let url: URL
        let path: String

        func text() throws -> String { try String(contentsOf: url, encoding: .utf8) }

        func lines() throws -> [(number: Int, text: String)] {
            try text().split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .map { ($0.offset + 1, String($0.element)) }
        }
    }

    static func swiftFiles(in folder: String) throws -> [File] {
        try files(in: folder) { $0.hasSuffix(".swift") }
    }

    static func files(in folder: String, where isWanted: (String) -> Bool) throws -> [File] {
        let base = root.appendingPathComponent(folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path) else { return [] }
        var files: [File] = []
        while let path = walk.nextObject() as? String {
            guard isWanted(path), !path.hasPrefix(".build/"), !path.contains("/.build/") else {
                continue
            }
            files.append(
                File(url: base.appendingPathComponent(path), path: folder + "/" + path)
            )
        }
        return files.sorted { $0.path < $1.path }
    }
}
