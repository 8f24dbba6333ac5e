import Foundation
import GRDB
import SyncCore

/// The baseline: the same rows in one SQLite table, same library, same durability, no sync.
final class PlainTable {
    private let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE finding (
                        id INTEGER PRIMARY KEY, town TEXT, matter TEXT, officer TEXT,
                        observed_at INTEGER, latitude INTEGER, longitude INTEGER, status TEXT,
                        severity INTEGER, story TEXT, party TEXT, vessel TEXT
                    );
                    CREATE TABLE tag (
                        finding INTEGER, tag TEXT, PRIMARY KEY (finding, tag)
                    ) WITHOUT ROWID;
                    """
            )
        }
    }

    func insert(_ findings: [BenchFinding]) throws -> [Int64] {
        try queue.write { db in try findings.map { try insert($0, db) } }
    }

    private func insert(_ finding: BenchFinding, _ db: Database) throws -> Int64 {
        try db.cachedStatement(
            sql: "INSERT INTO finding VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        .execute(
            arguments: [
                finding.town, finding.matter, finding.officer, finding.observedAt?.milliseconds,
                finding.latitude?.units, finding.longitude?.units, finding.status,
                finding.severity, finding.story, finding.party, finding.vessel,
            ]
        )
        let id = db.lastInsertedRowID
        for tag in finding.tags {
            try db.cachedStatement(sql: "INSERT INTO tag VALUES (?, ?)")
                .execute(
                    arguments: [id, tag]
                )
        }
        return id
    }

    /// The edit as an app without sync would write it: read the row, change it, write it.
    func edit(_ id: Int64, _ body: (inout BenchFinding) -> Void) throws {
        try queue.write { db in
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT status, severity FROM finding WHERE id = ?"),
                    arguments: [id]
                )
            else { return }
            var finding = BenchFinding()
            finding.status = row[0]
            finding.severity = row[1]
            body(&finding)
            try db.cachedStatement(
                sql: "UPDATE finding SET status = ?, severity = ? WHERE id = ?"
            )
            .execute(arguments: [finding.status, finding.severity, id])
            for tag in finding.tags {
                try db.cachedStatement(sql: "INSERT OR IGNORE INTO tag VALUES (?, ?)")
                    .execute(arguments: [id, tag])
            }
        }
    }

    func bytes() throws -> Int64 {
        try queue.writeWithoutTransaction { db in
            try db.checkpoint(.truncate)
            return try Int64.fetchOne(
                db,
                sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            ) ?? 0
        }
    }
}
