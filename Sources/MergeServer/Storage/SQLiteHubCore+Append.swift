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
        #if FIELD_MUTANTS
        if Mutant.isOn(.m1) { try allocate(batch.entries.count) }
        #endif
        do {
            return try write { db in
                guard cursor <= head else { throw Refusal(outcome: .ahead) }
                if isTrusted {
                    // Nobody waits for a bundle to come.
                    for id in Set(changes.map(\.dot.replica)).sorted() {
                        try store.markBundle(id, db)
                    }
                }
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

    #if FIELD_MUTANTS
    /// Takes sequences in a transaction of its own: those of a push that stores nothing are gone.
    private func allocate(_ count: Int) throws {
        let taken = try write { db in
            let last = try Int64.fetchOne(
                db,
                sql: "SELECT value FROM meta WHERE key = 'allocated'"
            )
            let taken = max(UInt64(last ?? 0), head)
            try setMeta("allocated", Int64(taken) + Int64(count), db)
            return taken
        }
        head = taken
    }
    #endif

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
        let offset = try dot.counter &- run.natural(0)
        guard try offset < run.natural(1) else { return nil }
        return try run.natural(2) &+ offset &* run.natural(3)
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
            guard let row, try store.logRow(row, db).entry.isSame(as: entry) else { return false }
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
        return try rows.first.map {
            (reason: try $0.value(0), entries: try rows.map { try $0.value(1) })
        }
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
