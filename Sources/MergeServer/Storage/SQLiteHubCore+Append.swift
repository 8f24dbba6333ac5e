import Foundation
import GRDB
import SyncCore

extension SQLiteHubCore {
    /// Appends a replica's changes, all or none, and numbers them in commit order.
    ///
    /// - `isTrusted`: whether they come from the operator and not from a device.
    func append(
        _ batch: Batch,
        news: EpochNews = EpochNews(),
        from replica: ReplicaID,
        cursor: UInt64,
        isTrusted: Bool,
        now: Int64
    ) throws -> AppendOutcome {
        let changes = HubChange.changes(of: batch, in: epoch)
        if !isTrusted { try check.checkLimits(changes) }
        do {
            return try write { db in
                guard cursor <= head else { throw Refusal(outcome: .ahead) }
                var append = Append(core: self, replica: replica, isTrusted: isTrusted, now: now)
                if !news.isEmpty { try append.take(news, db) }
                for change in changes { try append.take(change, db) }
                try append.finish(db)
                return .stored(append.result)
            }
        } catch let refusal as Append.Refusal {
            return refusal.outcome
        }
    }

    typealias Refusal = Append.Refusal

    /// The sequence of a change's first entry; nil for one that is held apart.
    func sequence(of dot: Dot, _ db: Database) throws -> UInt64? {
        let run = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT first, count, sequence, entries FROM receipt
                    WHERE replica = ? AND first <= ? ORDER BY first DESC LIMIT 1
                    """
            ),
            arguments: [
                try store.replicaNumber(of: dot.replica, db), Int64(bitPattern: dot.counter),
            ]
        )
        guard let run else { return nil }
        let offset = dot.counter - UInt64(bitPattern: run[0] as Int64)
        guard offset < UInt64(bitPattern: run[1] as Int64) else { return nil }
        return UInt64(bitPattern: run[2] as Int64)
            + offset * UInt64(bitPattern: run[3] as Int64)
    }

    func isStored(
        _ change: HubChange,
        at sequence: UInt64,
        _ db: Database
    ) throws -> Bool {
        for entry in change.entries {
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT number, replica, counter, record, sequence, entry FROM log
                        WHERE number = ?
                        """
                ),
                arguments: [Int64(bitPattern: sequence + UInt64(entry.part))]
            )
            guard let row, try store.logRow(row, db).entry == entry else { return false }
        }
        return true
    }

    /// Why a change is held apart, and what of it is here; nil when it is not held apart.
    func heldApart(_ dot: Dot, _ db: Database) throws -> (reason: String, entries: [Data])? {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT reason, entry FROM quarantine WHERE replica = ? AND counter = ?
                    ORDER BY number
                    """
            ),
            arguments: [
                try store.replicaNumber(of: dot.replica, db), Int64(bitPattern: dot.counter),
            ]
        )
        return rows.first.map { (reason: $0[0], entries: rows.map { $0[1] }) }
    }

    /// Holds a change apart.
    func quarantine(_ change: HubChange, _ reason: String, _ db: Database) throws {
        for entry in change.entries {
            try db.execute(
                sql: """
                    INSERT INTO quarantine(replica, counter, reason, entry) VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    try store.replicaNumber(of: change.dot.replica, db),
                    Int64(bitPattern: change.dot.counter), reason,
                    try store.quarantineBlob(of: entry, db),
                ]
            )
        }
    }
}
