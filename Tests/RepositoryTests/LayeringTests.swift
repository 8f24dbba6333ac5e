import Foundation
import Testing

/// The arrows of the architecture: SwiftPM does not stop an import of a transitive dependency.
@Suite struct LayeringTests {
    static let allowed: [String: Set<String>] = [
        "Replication": [],
        "Interchange": [],
        "Models": ["Replication"],
        "Oracle": ["Replication"],
        "DiskFaults": ["CFaultVFS", "GRDB", "Foundation"],
        "SyncCore": [
            "Replication", "Interchange", "CZlib", "GRDB", "GRDBSQLite", "Crypto",
            "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "Foundation", "Synchronization", "Dispatch",
            "Glibc", "Musl", "Darwin",
        ],
        "MergeServer": [
            "SyncCore", "Models", "Replication", "GRDB", "Hummingbird", "Logging", "NIOCore",
            "ServiceLifecycle", "Foundation", "Synchronization", "Dispatch",
        ],
        "Simulator": [
            "Oracle", "MergeServer", "SyncCore", "Models", "Interchange", "Replication", "CZlib",
            "Crypto", "DiskFaults", "Foundation", "Synchronization", "Glibc", "Musl", "Darwin",
        ],
        "FieldCLI": [
            "Simulator", "MergeServer", "SyncCore", "Models", "Interchange", "Replication",
            "ArgumentParser", "Logging", "Crypto", "Yams", "ServiceLifecycle", "Foundation",
            "Synchronization", "Dispatch", "Glibc", "Musl", "Darwin",
        ],
    ]

    @Test(arguments: allowed.keys.sorted())
    func `a target imports only what its arrows allow`(target: String) throws {
        let allowed = try #require(LayeringTests.allowed[target])
        for file in try Repository.swiftFiles(in: "Sources/" + target) {
            for line in try file.lines() {
                guard let module = LayeringTests.importedModule(line.text) else { continue }
                #expect(
                    allowed.contains(module),
                    "\(file.path):\(line.number) imports \(module), which \(target) may not"
                )
            }
        }
    }

    @Test func `the domain is not named in the engine`() throws {
        for target in ["Replication", "SyncCore"] {
            for file in try Repository.swiftFiles(in: "Sources/" + target) {
                for line in try file.lines() {
                    #expect(
                        !line.text.contains("import Models"),
                        "\(file.path):\(line.number)"
                    )
                }
            }
        }
    }

    private static func importedModule(_ line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let index = words.firstIndex(of: "import"), index < 3, index + 1 < words.count,
            words[..<index]
                .allSatisfy({
                    ["public", "package", "internal", "@preconcurrency", "@_exported"].contains($0)
                })
        else { return nil }
        let module = words[index + 1] == "struct" ? words.last ?? "" : words[index + 1]
        return module.split(separator: ".").first.map(String.init)
    }
}
