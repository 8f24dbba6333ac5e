import GRDB
import Replication

extension Replica {
    /// Writes many changes, one for each item, in one commit: for imports.
    ///
    /// Each item becomes a change of its own, as if written by itself, but all of them share one
    /// durable commit. When a body throws, nothing of the whole call is recorded. Memory holds about
    /// a thousand records at a time, however many there are.
    ///
    /// - Parameters:
    ///   - items: what to write.
    ///   - reason: why, for the log.
    ///   - body: edits records for one item; an item that edits nothing makes no change.
    /// - Returns: how many changes were recorded.
    /// - Throws: `EditError` for a refused edit, `StoreError`, or what a body throws.
    @discardableResult
    public func writeAll<Items: Sequence>(
        _ items: Items,
        reason: String = "",
        _ body: (Items.Element, Transaction) throws -> Void
    ) throws -> Int {
        try core.withLock { core in
            var touched = Touched()
            let count = try core.write { db in
                var count = 0
                let writer = EntryWriter(core.store)
                for item in items {
                    let transaction = Transaction(
                        core: core,
                        db: db,
                        author: author,
                        reason: reason,
                        writer: writer
                    )
                    defer { transaction.end() }
                    try body(item, transaction)
                    let keys = try transaction.commit()
                    if !keys.isEmpty { count += 1 }
                    touched.add(keys)
                    if writer.count >= Replica.recordsHeldMax { try writer.flush(db) }
                }
                try writer.flush(db)
                return count
            }
            notify(touched, origin: .local)
            return count
        }
    }

    private static let recordsHeldMax = 1_000

    /// The size of the store's file in bytes, after its log has been written back.
    public func storeBytes() throws -> Int64 {
        try core.withLock { core in
            try core.read { db in
                try db.checkpoint(.truncate)
                return try Int64.fetchOne(
                    db,
                    sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
                ) ?? 0
            }
        }
    }
}
