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
