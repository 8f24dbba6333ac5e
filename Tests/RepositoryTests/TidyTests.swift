import Foundation
import Testing

/// House rules that a formatter does not know.
@Suite struct TidyTests {
    /// A word, where it may stand, and what to use in its place.
    static let banned: [(word: String, folders: [String], instead: String)] = [
        ("Date()", ["Replication", "SyncCore", "MergeServer", "Models"], "CoreEnvironment.now"),
        ("UUID()", ["Replication", "SyncCore", "MergeServer", "Models"], "CoreEnvironment.random"),
        ("Date()", ["Simulator", "Interchange"], "virtual time"),
        ("try!", ["*"], "a typed error"),
        ("FIXME", ["*"], "an issue"),
        ("fatalError(", ["*"], "a typed error, or misuse with a sentence"),
        ("preconditionFailure(", ["*"], "a typed error, or misuse with a sentence"),
        (
            " print(", ["Replication", "SyncCore", "MergeServer", "Models", "Interchange"],
            "a value"
        ),
    ]

    /// The one place where a process may be ended.
    static let misuse = "Sources/Replication/Misuse.swift"

    @Test func `banned words do not stand in the sources`() throws {
        for file in try Repository.swiftFiles(in: "Sources") where file.path != TidyTests.misuse {
            let target = file.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            for line in try file.lines() {
                let code = line.text.components(separatedBy: "//").first ?? ""
                for (word, folders, instead) in TidyTests.banned
                where (folders == ["*"] || folders.contains(target)) && code.contains(word) {
                    Issue.record("\(file.path):\(line.number) has '\(word)'; use \(instead)")
                }
            }
        }
    }

    @Test func `sources are short enough to know`() throws {
        for file in try Repository.swiftFiles(in: "Sources") {
            let count = try file.lines().count
            #expect(count <= 450, "\(file.path) has \(count) lines")
        }
        for file in try Repository.swiftFiles(in: "Tests") {
            let count = try file.lines().count
            #expect(count <= 800, "\(file.path) has \(count) lines")
        }
    }

    @Test func `SQL stands in the store folders only`() throws {
        let homes = [
            "Sources/SyncCore/Store/", "Sources/SyncCore/Replica/", "Sources/MergeServer/Storage/",
            "Sources/Benchmark/",
        ]
        for file in try Repository.swiftFiles(in: "Sources")
        where !homes.contains(where: { file.path.hasPrefix($0) }) {
            for line in try file.lines() {
                #expect(
                    !line.text.contains("INSERT INTO") && !line.text.contains("CREATE TABLE"),
                    "\(file.path):\(line.number)"
                )
            }
        }
    }

    @Test func `an unchecked conformance says why it is sound`() throws {
        for file in try Repository.swiftFiles(in: "Sources") {
            let lines = try file.lines()
            for (index, line) in lines.enumerated() where line.text.contains("@unchecked Sendable")
            {
                let near = lines[max(0, index - 3)...min(lines.count - 1, index + 2)]
                #expect(
                    near.contains { $0.text.contains("//") },
                    "\(file.path):\(line.number) needs the invariant in a comment"
                )
            }
        }
    }

    @Test func `a document has one title and its links lead somewhere`() throws {
        for file in try Repository.files(in: "docs", where: { $0.hasSuffix(".md") }) {
            let lines = try file.lines()
            #expect(lines.count { $0.text.hasPrefix("# ") } == 1, "\(file.path)")
            for line in lines {
                for link in TidyTests.links(line.text) where !link.contains("://") {
                    let target = link.split(separator: "#").first.map(String.init) ?? ""
                    guard !target.isEmpty else { continue }
                    let url = file.url.deletingLastPathComponent().appendingPathComponent(target)
                    #expect(
                        FileManager.default.fileExists(atPath: url.path),
                        "\(file.path):\(line.number) links to \(link)"
                    )
                }
            }
        }
    }

    @Test func `no file is large and none names a machine`() throws {
        let folders = ["Sources", "Tests", "docs", "seeds", "Examples"]
        for folder in folders {
            for file in try Repository.files(in: folder, where: { _ in true }) {
                let size = try file.url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
                #expect(size <= 262_144, "\(file.path) has \(size) bytes")
                guard let text = try? file.text() else { continue }
                let home = "/" + "work" + "/"
                #expect(!text.contains(home), "\(file.path) names a path of a machine")
            }
        }
    }

    private static func links(_ line: String) -> [String] {
        line.components(separatedBy: "](").dropFirst()
            .compactMap {
                $0.split(separator: ")").first.map(String.init)
            }
    }
}
