import GRDB
import Replication
import SyncCore
import Testing

/// What a store says of itself in `meta`: written where it is another, and found by the next process.
@Suite struct ReplicaMetaTests {
    private let bench: Workbench

    init() throws { bench = try Workbench() }

    @Test func `a subscription that only looks the same is another one`() throws {
        let (composed, decomposed) = ("town=caf\u{E9}", "town=cafe\u{301}")
        do {
            let alice = try bench.replica()
            try alice.subscribe(to: [composed])
            try alice.subscribe(to: [decomposed])
        }
        let scopes = try bench.replica().status().scopes
        #expect(scopes.map { Array($0.utf8) } == [Array(decomposed.utf8)])
    }

    @Test func `of scopes that only look the same each counts, and each once`() throws {
        let alice = try bench.replica()
        let both = ["town=cafe\u{301}", "town=caf\u{E9}"]
        try alice.subscribe(to: both.reversed() + both)
        #expect(try alice.status().scopes.map { Array($0.utf8) } == both.map { Array($0.utf8) })
    }

    @Test func `what was written before an error is written again after it`() throws {
        let alice = try bench.replica()
        try alice.subscribe(to: ["town=1"])
        try alice.withDatabase { db in
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER stop BEFORE INSERT ON main.meta
                    BEGIN SELECT RAISE(ABORT, 'no'); END
                    """
            )
        }
        #expect(throws: StoreError.self) { try alice.subscribe(to: ["town=2"]) }
        #expect(try alice.status().scopes == ["town=1"])
        try alice.withDatabase { try $0.execute(sql: "DROP TRIGGER stop") }
        try alice.subscribe(to: ["town=2"])
        let stored = try alice.withDatabase {
            try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'scopes'")
        }
        #expect(stored == "town=2")
    }
}
