import DiskFaults
import Foundation
import GRDB
import Replication
import SyncCore
import Testing

/// A store's file that somebody changed: it is refused with a name and left as it was, or it holds
/// what it held.
@Suite struct HostileStoreTests {
    private let bench: Workbench

    init() throws { bench = try Workbench() }

    private var file: String { bench.path("alice") + "/store.sqlite" }

    /// Alice's store, closed: everything is in one file.
    private func makeStore() throws -> [String] {
        let replica = try bench.replica()
        for number in 0..<8 {
            let sighting = try replica.write {
                try $0.insert(Sighting(title: "第\(number)次", town: "t", tags: ["夜间"]))
            }
            try replica.write { try $0.insert(Weighing(sighting: sighting, grams: number)) }
        }
        _ = try replica.withDatabase { try $0.checkpoint(.truncate) }
        return try replica.withDatabase { try StoreRows.all($0) }
    }

    /// Opens the store and reads all of it; nil when that went well.
    private func refusal(rows: inout [String]) -> (any Error)? {
        do {
            let replica = try bench.replica(opening: .existing)
            _ = try replica.records(of: Sighting.self)
            _ = try replica.read { try $0.log(limit: .max) }
            rows = try replica.withDatabase { try StoreRows.all($0) }
            return nil
        } catch {
            return error
        }
    }

    /// The fields of SQLite's header: https://www.sqlite.org/fileformat2.html#the_database_header.
    static let headerFields: [(name: String, bytes: Range<Int>)] = [
        ("magic", 0..<16), ("page size", 16..<18), ("write version", 18..<19),
        ("read version", 19..<20), ("reserved space", 20..<21), ("largest payload", 21..<22),
        ("smallest payload", 22..<23), ("leaf payload", 23..<24), ("change counter", 24..<28),
        ("page count", 28..<32), ("first free page", 32..<36), ("free pages", 36..<40),
        ("schema cookie", 40..<44), ("schema format", 44..<48), ("cache size", 48..<52),
        ("largest root page", 52..<56), ("text encoding", 56..<60), ("user version", 60..<64),
        ("vacuum mode", 64..<68), ("application id", 68..<72), ("reserved", 72..<92),
        ("valid for", 92..<96), ("library version", 96..<100),
    ]

    @Test(arguments: 0..<headerFields.count)
    func `a flipped field of the header is refused with the file as it was, or harmless`(
        index: Int
    ) throws {
        let (name, range) = HostileStoreTests.headerFields[index]
        let rows = try makeStore()
        let whole = try Data(contentsOf: URL(filePath: file))
        let flips: [(String, (inout Data) -> Void)] = [
            ("lowest bit", { $0[range.upperBound - 1] ^= 1 }),
            ("highest bit", { $0[range.lowerBound] ^= 0x80 }),
            ("every bit", { for place in range { $0[place] ^= 0xFF } }),
            ("zeros", { for place in range { $0[place] = 0 } }),
        ]
        for (flip, change) in flips {
            var damaged = whole
            change(&damaged)
            try damaged.write(to: URL(filePath: file))
            var found: [String] = []
            let error = refusal(rows: &found)
            let name = "\(name), \(flip)"
            if let error = error as? StoreError {
                #expect(
                    [.foreign, .corrupt, .newerSchema].contains(error.code),
                    "\(name): \(error.code) \(error)"
                )
                #expect(try Data(contentsOf: URL(filePath: file)) == damaged, "\(name): \(error)")
            } else if let error {
                Issue.record("\(name): \(type(of: error)) \(error)")
            } else {
                // A list of free pages that is damaged shows in the check and costs no row.
                let isRow = { (line: String) in !line.hasPrefix("check:") }
                #expect(found.filter(isRow) == rows.filter(isRow), "\(name)")
            }
        }
    }

    static let planted: [(name: String, sql: String, code: StoreError.Code)] = [
        (
            "a trigger that deletes what is recorded",
            "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM log; END", .foreign
        ),
        (
            "a trigger that ignores writes",
            "CREATE TRIGGER t BEFORE INSERT ON log BEGIN SELECT RAISE(IGNORE); END", .foreign
        ),
        (
            "a trigger that writes elsewhere",
            "CREATE TRIGGER t AFTER UPDATE ON record BEGIN DELETE FROM author; END", .foreign
        ),
        (
            "a trigger on a query table",
            "CREATE TRIGGER t AFTER INSERT ON q_sighting BEGIN DELETE FROM record; END", .foreign
        ),
        ("a view", "CREATE VIEW v AS SELECT * FROM log", .foreign),
        (
            "a view in the place of a table",
            "DROP TABLE meta; CREATE VIEW meta AS SELECT 'replica' AS key, 1 AS value", .foreign
        ),
        (
            "a view that never ends",
            "CREATE VIEW v AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
                + "SELECT * FROM n", .foreign
        ),
        (
            "a trigger with a name that no terminal should see",
            "CREATE TRIGGER \"\u{1B}[2J\" AFTER INSERT ON log BEGIN SELECT 1; END", .foreign
        ),
        ("no log", "DROP TABLE log", .corrupt),
        ("no records", "DROP TABLE record", .corrupt),
        ("no index of identities", "DROP INDEX record_by_identity", .corrupt),
        (
            "an index of identities that takes them twice",
            "DROP INDEX record_by_identity; CREATE INDEX record_by_identity ON record(identity)",
            .corrupt
        ),
        (
            "a log that forgets on conflict",
            "DROP TABLE log; CREATE TABLE log(number INTEGER PRIMARY KEY ON CONFLICT IGNORE, "
                + "replica, counter, record, previous, sequence, entry)", .corrupt
        ),
        (
            "a column more",
            "ALTER TABLE replica ADD COLUMN note TEXT NOT NULL DEFAULT ''", .corrupt
        ),
        ("another name of a table", "ALTER TABLE author RENAME TO writer", .corrupt),
        (
            "a definition that is no SQL",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE (' "
                + "WHERE name = 'log'", .corrupt
        ),
        (
            "a root page that is not there",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 999999 "
                + "WHERE name = 'log'", .corrupt
        ),
        (
            "two tables on one root page",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = "
                + "(SELECT rootpage FROM sqlite_master WHERE name = 'log') WHERE name = 'record'",
            .corrupt
        ),
        ("another application", "PRAGMA application_id = 7", .foreign),
        ("no application", "PRAGMA application_id = 0", .foreign),
        ("a format before the first", "PRAGMA user_version = 0", .corrupt),
        ("a negative format", "PRAGMA user_version = -1", .corrupt),
        ("the last format", "PRAGMA user_version = 2147483647", .newerSchema),
        ("nothing but a foreign table", "DROP TABLE log; CREATE TABLE log(x)", .corrupt),
    ]

    @Test(arguments: 0..<planted.count)
    func `what was planted in a store is found before anything is written`(index: Int) throws {
        let (name, sql, code) = HostileStoreTests.planted[index]
        _ = try makeStore()
        do {
            let database = try bench.database()
            try database.writeWithoutTransaction {
                try $0.execute(sql: sql)
                _ = try? $0.checkpoint(.truncate)
            }
            try database.close()
        }
        let before = try Data(contentsOf: URL(filePath: file))
        var rows: [String] = []
        let error = refusal(rows: &rows) as? StoreError
        #expect(error?.code == code, "\(name): \(String(describing: error))")
        #expect(error?.message.contains("\u{1B}") != true)
        #expect(try Data(contentsOf: URL(filePath: file)) == before, "\(name)")
    }

    static let files: [(name: String, bytes: [UInt8])] = [
        ("one byte", [0x53]),
        ("half of the magic", Array("SQLite f".utf8)),
        ("the magic alone", Array("SQLite format 3\0".utf8)),
        ("the magic and zeros", Array("SQLite format 3\0".utf8) + Array(repeating: 0, count: 84)),
        ("zeros", Array(repeating: 0, count: 8_192)),
        ("ones", Array(repeating: 0xFF, count: 8_192)),
        ("a text", Array(String(repeating: "不是数据库 ", count: 400).utf8)),
        ("an archive", Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 4_096)),
        ("a web page", Array("<!DOCTYPE html>".utf8) + Array(repeating: 0x20, count: 4_096)),
        (
            "another format of SQLite",
            Array("SQLite format 4\0".utf8) + Array(repeating: 0, count: 4_096)
        ),
    ]

    @Test(arguments: 0..<files.count)
    func `a file that is no store is refused and kept`(index: Int) throws {
        let (name, bytes) = HostileStoreTests.files[index]
        try FileManager.default.createDirectory(
            atPath: bench.path("alice"),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: URL(filePath: file))
        var rows: [String] = []
        let error = refusal(rows: &rows) as? StoreError
        #expect(error?.code == .foreign, "\(name): \(String(describing: error))")
        #expect(error?.message.contains(file) == true, "\(name): \(String(describing: error))")
        #expect(try Data(contentsOf: URL(filePath: file)) == Data(bytes), "\(name)")
    }

    @Test(arguments: ["a pipe", "a folder", "a link to itself"])
    func `what is no file is refused at once`(kind: String) throws {
        try FileManager.default.createDirectory(
            atPath: bench.path("alice"),
            withIntermediateDirectories: true
        )
        switch kind {
        case "a pipe": #expect(mkfifo(file, 0o600) == 0)
        case "a folder": #expect(mkdir(file, 0o700) == 0)
        default: #expect(symlink(file, file) == 0)
        }
        var rows: [String] = []
        let error = refusal(rows: &rows) as? StoreError
        #expect(error?.code == .input, "\(kind): \(String(describing: error))")
        #expect(error?.message.contains(file) == true, "\(kind): \(String(describing: error))")
    }

    /// Values that the tables' types admit and no program of ours writes.
    private static let hostileValues: [DatabaseValue] = [
        0.databaseValue, (-1).databaseValue, Int64.max.databaseValue, Int64.min.databaseValue,
        (1 << 32).databaseValue, "x".databaseValue, "".databaseValue, 0.5.databaseValue,
        Data().databaseValue, Data([0xFF, 0, 1]).databaseValue,
        Data(repeating: 0xFF, count: 40).databaseValue, .null,
    ]

    private func columns() throws -> [(table: String, column: String)] {
        let database = try bench.database()
        defer { try? database.close() }
        return try database.read { db in
            try [
                "meta", "replica", "author", "record", "log", "receipt", "quarantine", "departure",
            ]
            .flatMap { table in
                try db.columns(in: table).map { (table, $0.name) }
            }
        }
    }

    /// Reads and writes everything.
    private func use() throws {
        let replica = try bench.replica(opening: .existing)
        _ = try replica.status()
        _ = try replica.records(of: Sighting.self)
        _ = try replica.read { reading in
            _ = try reading.log(limit: .max)
            _ = try reading.outbox()
        }
        _ = try replica.checkRecords()
        try replica.merge(delta: replica.delta(since: VersionVector(), cursor: 0))
        _ = replica.perform(.prepare(pushBytesMax: 1 << 20, pullBytesMax: nil))
        try replica.write { try $0.insert(Sighting(title: "后来")) }
        try replica.rebuildRecords()
    }

    @Test func `a value that no program of ours writes is named or harmless, in every column`()
        throws
    {
        _ = try makeStore()
        let whole = try Data(contentsOf: URL(filePath: file))
        for (table, column) in try columns() {
            for value in HostileStoreTests.hostileValues {
                for name in ["store.sqlite-wal", "store.sqlite-shm", "device.json"] {
                    try? FileManager.default.removeItem(atPath: bench.path("alice/" + name))
                }
                try whole.write(to: URL(filePath: file))
                let isChanged = try plant(value, table, column)
                guard isChanged else { continue }
                do {
                    try use()
                } catch {
                    #expect(
                        DiskBench.isNamed(error) || error is WireError || error is EditError,
                        "\(table).\(column) = \(value): \(type(of: error)) \(error)"
                    )
                }
            }
        }
    }

    @Test(arguments: ["number", "number + 1", "(SELECT max(number) FROM log)"])
    func `a chain of entries that bites its tail ends`(previous: String) throws {
        _ = try makeStore()
        let database = try bench.database()
        try database.writeWithoutTransaction {
            try $0.execute(sql: "UPDATE log SET previous = \(previous)")
            _ = try $0.checkpoint(.truncate)
        }
        try database.close()
        let error = #expect(throws: StoreError.self) { try use() }
        #expect(error?.code == .corrupt)
    }

    /// Writes a value into the last row of a table; false where its type or a key does not admit it.
    private func plant(_ value: DatabaseValue, _ table: String, _ column: String) throws -> Bool {
        let database = try bench.database()
        defer { try? database.close() }
        return database.writeWithoutTransaction { db in
            let sql = "UPDATE OR FAIL \(table) SET \(column) = ?"
            let isFirst = (try? db.execute(sql: sql, arguments: [value])) != nil
            let count = db.totalChangesCount
            _ = try? db.checkpoint(.truncate)
            return isFirst || count > 0
        }
    }
}
