import Foundation
import GRDB
package import SyncCore

/// Readings for programs that check a hub from outside: replays, tests.
extension SQLiteHubStorage {
    /// The addresses of all records, deleted ones too, in no order that means anything.
    package func recordKeys() throws -> [RecordKey] {
        try reader.withLock { reader in
            try reader.read { db in
                try Int64.fetchAll(db, sql: "SELECT number FROM record ORDER BY number")
                    .compactMap { try reader.store.key(of: $0, db) }
            }
        }
    }

    /// Visits records in the given order; keys that are not here are passed over.
    package func forEach(
        _ keys: [RecordKey],
        _ body: (RecordKey, RecordView) throws -> Void
    ) throws {
        try reader.withLock { reader in
            try reader.read { db in
                for key in keys {
                    if let record = try reader.store.load(key, db) { try body(key, record.view) }
                }
            }
        }
    }

    /// What is known of earlier epochs.
    package func lives() throws -> EarlierLives {
        try core.withLock { core in try core.read { _ in core.store.lives } }
    }

    /// A record's row and what else its view is made of, byte for byte: equal ones of one open storage
    /// show the same.
    package struct StoredRecord: Hashable, Sendable {
        /// The record's number, under which it stays.
        package let number: Int64
        private let type: Int64
        private let identity: Data
        private let lifecycle: Int64
        private let conflicts: Int64
        /// The state; of a record whose one entry stands for it that entry.
        private let content: Data?

        fileprivate init(_ row: Row) throws {
            number = try row.value(0)
            type = try row.value(1)
            identity = try row.value(2)
            lifecycle = try row.value(3)
            conflicts = try row.value(4)
            content = try row.value(5)
        }
    }

    /// Visits every record as it is stored, by number; its view is made when it is asked for.
    package func forEachStored(
        _ body: (
            _ record: StoredRecord,
            _ view: () throws -> (key: RecordKey, view: RecordView)?
        ) throws -> Void
    ) throws {
        try reader.withLock { reader in
            try reader.read { db in
                let rows = try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT record.number, type, identity, lifecycle, conflicts,
                                   coalesce(state, entry)
                            FROM record LEFT JOIN log ON log.number = last AND state IS NULL
                            ORDER BY record.number
                            """
                    )
                )
                for row in rows {
                    let stored = try StoredRecord(row)
                    try body(stored) {
                        try reader.store.load(stored.number, db).map { ($0.key, $0.view) }
                    }
                }
            }
        }
    }

    /// The records that a replica made and sees outside of its scopes.
    package func ownScope(of replica: ReplicaID) throws -> Set<RecordKey> {
        try reader.withLock { reader in
            try reader.read { db in
                let numbers = try Int64.fetchAll(
                    db,
                    sql: """
                        SELECT record FROM record_scope JOIN scope ON number = scope
                        WHERE name = ? ORDER BY record
                        """,
                    arguments: [replica.ownScope]
                )
                return Set(try numbers.compactMap { try reader.store.key(of: $0, db) })
            }
        }
    }

    /// What is held apart, the entries of one change together.
    package func quarantinedEntries() throws -> [LogEntry] {
        try reader.withLock { reader in
            try reader.read { db in
                let rows = try Row.fetchAll(
                    db,
                    sql: "SELECT entry FROM quarantine WHERE entry <> x'' ORDER BY number"
                )
                return try rows.flatMap { row -> [LogEntry] in
                    let blob = [UInt8](try row.value(0) as Data)
                    return try BatchDecoder.decode(blob, resolve: { _ in nil }).entries
                        .map(\.entry)
                }
            }
        }
    }
}
