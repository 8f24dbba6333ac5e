import GRDB

/// The entries that one push lists under scopes, each scope's in the order of the log.
///
/// A scope's own positions count its entries densely. A page ends between two sequences, so the
/// positions must grow with them: else no page could say up to which position it goes.
struct ScopeListing {
    private struct Entry: Hashable, Comparable {
        let scope: Int64
        let sequence: UInt64
        let record: Int64

        static func < (one: Entry, other: Entry) -> Bool {
            (one.scope, one.sequence, one.record) < (other.scope, other.sequence, other.record)
        }
    }

    private var entries: Set<Entry> = []

    /// Lists an entry of this push.
    mutating func add(_ sequence: UInt64, _ record: Int64, in scopes: [Int64]) {
        for scope in scopes {
            entries.insert(Entry(scope: scope, sequence: sequence, record: record))
        }
    }

    /// Writes what was listed.
    func write(_ db: Database) throws {
        for entry in entries.sorted() {
            let position = try Int64.fetchOne(
                db.cachedStatement(
                    sql: "UPDATE scope SET head = head + 1 WHERE number = ? RETURNING head"
                ),
                arguments: [entry.scope]
            )
            try db.cachedStatement(sql: "INSERT INTO scope_entry VALUES (?, ?, ?, ?)")
                .execute(
                    arguments: [
                        entry.scope, Int64(bitPattern: entry.sequence), entry.record, position ?? 0,
                    ]
                )
        }
    }
}
