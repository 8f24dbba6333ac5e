import GRDB
import SyncCore

extension SQLiteHubCore {
    /// Appends a replica's changes, all or none, and numbers them in commit order.
    func append(
        _ batch: Batch,
        from replica: ReplicaID,
        isTrusted: Bool,
        now: Int64
    ) throws -> AppendOutcome {
        do {
            return try write { db in
                let stored = try appendAll(batch, from: replica, isTrusted: isTrusted, now, db)
                return .stored(stored)
            }
        } catch let refusal as Refusal {
            return refusal.outcome
        }
    }

    /// Ends the transaction without storing anything.
    private struct Refusal: Error {
        let outcome: AppendOutcome
    }

    private func appendAll(
        _ batch: Batch,
        from replica: ReplicaID,
        isTrusted: Bool,
        _ now: Int64,
        _ db: Database
    ) throws -> AppendOutcome.Stored {
        var result = AppendOutcome.Stored()
        let writer = EntryWriter(store)
        var head = self.head
        var runs: [Receipts.Run] = []
        var touched: [(key: RecordKey, sequence: UInt64)] = []
        for change in HubChange.changes(of: batch) {
            let dot = change.dot
            guard dot.replica == replica else {
                throw SyncError(.refused, "a change of another replica in this device's push")
            }
            let known = store.knowledge[replica]
            if dot.counter <= known {
                try compare(change, db)
                result.repeated += 1
                continue
            }
            guard dot.counter == known + 1 else {
                throw Refusal(outcome: .gap(expected: known + 1))
            }
            if let reason = refusal(of: change, isTrusted: isTrusted) {
                try quarantine(change, reason, db)
                result.quarantined.append(.init(counter: dot.counter, reason: reason))
                store.learn(dot)
                continue
            }
            let receipt = clock.now(at: now)
            let bound = change.timestamp > receipt ? receipt : nil
            runs.append(
                Receipts.Run(
                    first: dot.counter,
                    count: 1,
                    sequence: head + 1,
                    entries: UInt64(change.entries.count)
                )
            )
            for entry in change.entries {
                head += 1
                let applied = try writer.apply(
                    entry,
                    sequence: head,
                    bound: bound,
                    logNumber: Int64(bitPattern: head),
                    db
                )
                touched.append((applied.key, head))
            }
            result.changes += 1
        }
        try scopes(writer, touched, db)
        try writer.flush(db)
        try storeRuns(runs, of: replica, db)
        if !runs.isEmpty {
            try setMeta("clock_wall", clock.latest.wallTime, db)
            try setMeta("clock_logical", Int64(clock.latest.logical), db)
        }
        self.head = head
        return result
    }

    /// A change that is stored already must be the same, or the replica has a clone.
    private func compare(_ change: HubChange, _ db: Database) throws {
        let replica = try store.replicaNumber(of: change.dot.replica, db)
        let run = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT first, sequence, entries FROM receipt
                    WHERE replica = ? AND first <= ? ORDER BY first DESC LIMIT 1
                    """
            ),
            arguments: [replica, Int64(bitPattern: change.dot.counter)]
        )
        guard let run else { return }
        let first = UInt64(bitPattern: run[0] as Int64)
        let entries = UInt64(bitPattern: run[2] as Int64)
        let sequence =
            UInt64(bitPattern: run[1] as Int64) + (change.dot.counter - first) * entries
        for (offset, entry) in change.entries.enumerated() {
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT number, replica, counter, record, sequence, entry FROM log
                        WHERE number = ?
                        """
                ),
                arguments: [Int64(bitPattern: sequence + UInt64(offset))]
            )
            guard let row else { throw Refusal(outcome: .fork(counter: change.dot.counter)) }
            let stored = try store.logRow(row, db).entry
            // A quarantined change has no row of its own; then the run does not cover it.
            guard stored.dot == change.dot else { return }
            if stored != entry { throw Refusal(outcome: .fork(counter: change.dot.counter)) }
        }
    }

    /// Why a change is held apart, or nil when it is stored.
    private func refusal(of change: HubChange, isTrusted: Bool) -> String? {
        if change.base > head {
            return "claims to have seen more than the hub has"
        }
        guard !isTrusted else { return nil }
        for entry in change.entries {
            guard let schema = store.schema.record(entry.record.type) else { continue }
            for case .write(let slot, _) in entry.actions
            where schema.policy(of: slot) == .hubOnly {
                return "writes \(schema.name).\(schema.name(of: slot)), which only the hub writes"
            }
        }
        return nil
    }

    private func quarantine(_ change: HubChange, _ reason: String, _ db: Database) throws {
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

    private func storeRuns(_ runs: [Receipts.Run], of replica: ReplicaID, _ db: Database) throws {
        var merged: [Receipts.Run] = []
        for run in runs {
            if let last = merged.last, last.end == run.first, last.sequenceEnd == run.sequence,
                last.entries == run.entries
            {
                merged[merged.count - 1].count += 1
            } else {
                merged.append(run)
            }
        }
        let number = try store.replicaNumber(of: replica, db)
        for run in merged {
            try db.cachedStatement(sql: "INSERT INTO receipt VALUES (?, ?, ?, ?, ?)")
                .execute(
                    arguments: [
                        number, Int64(bitPattern: run.first), Int64(bitPattern: run.count),
                        Int64(bitPattern: run.sequence), Int64(bitPattern: run.entries),
                    ]
                )
        }
    }
}

/// The entries of one pushed change.
struct HubChange {
    var entries: [LogEntry]

    var dot: Dot { entries[0].dot }
    var base: UInt64 { entries[0].context.base }
    var timestamp: HybridTimestamp { entries[0].timestamp }

    /// The batch's changes, in order; each has at least one entry.
    static func changes(of batch: Batch) -> [HubChange] {
        var changes: [HubChange] = []
        for item in batch.entries {
            if changes.last?.dot == item.entry.dot {
                changes[changes.count - 1].entries.append(item.entry)
            } else {
                changes.append(HubChange(entries: [item.entry]))
            }
        }
        return changes
    }
}
