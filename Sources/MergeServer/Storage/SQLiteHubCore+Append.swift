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
        var runs: [(replica: ReplicaID, run: Receipts.Run)] = []
        var touched: [(key: RecordKey, sequence: UInt64)] = []
        for change in HubChange.changes(of: batch) {
            let dot = change.dot
            guard change.isWhole else {
                throw SyncError(.refused, "change \(dot) is torn: a change goes up whole")
            }
            let known = store.knowledge[dot.replica]
            if dot.counter <= known {
                try check(repeated: change, isOwn: dot.replica == replica, &result, db)
                result.repeated += 1
                continue
            }
            guard dot.counter == known + 1 else {
                if dot.replica == replica { throw Refusal(outcome: .gap(expected: known + 1)) }
                throw SyncError(
                    .refused,
                    "the push brings \(dot) of a peer, whose change \(known + 1) is next"
                )
            }
            if let reason = refusal(of: change, isTrusted: isTrusted) {
                try quarantine(change, reason, db)
                if dot.replica == replica {
                    result.quarantined.append(.init(counter: dot.counter, reason: reason))
                }
                store.learn(dot)
                continue
            }
            let receipt = clock.now(at: now)
            let bound = change.timestamp > receipt ? receipt : nil
            let run = Receipts.Run(
                first: dot.counter,
                count: 1,
                sequence: head + 1,
                entries: UInt64(change.entries.count)
            )
            runs.append((dot.replica, run))
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
        try storeRuns(runs, db)
        if !runs.isEmpty {
            try setMeta("clock_wall", clock.latest.wallTime, db)
            try setMeta("clock_logical", Int64(clock.latest.logical), db)
        }
        self.head = head
        return result
    }

    /// A change that is known already: it was stored, and is the same, or it was held apart.
    private func check(
        repeated change: HubChange,
        isOwn: Bool,
        _ result: inout AppendOutcome.Stored,
        _ db: Database
    ) throws {
        if let sequence = try sequence(of: change.dot, db) {
            if try isStored(change, at: sequence, db) { return }
            // The device has a clone, or is one: it takes a new identity.
            if isOwn { throw Refusal(outcome: .fork(counter: change.dot.counter)) }
            // A peer of the clone brings it. The clone itself will come with a new identity.
            if try heldApart(change.dot, db) == nil {
                try quarantine(change, "a clone's change under a number that is taken", db)
            }
        } else if isOwn, let reason = try heldApart(change.dot, db) {
            // The device may not have heard of it: the answer may have been lost.
            result.quarantined.append(.init(counter: change.dot.counter, reason: reason))
        }
    }

    /// The sequence of a change's first entry; nil for one that is held apart.
    private func sequence(of dot: Dot, _ db: Database) throws -> UInt64? {
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

    private func isStored(
        _ change: HubChange,
        at sequence: UInt64,
        _ db: Database
    ) throws -> Bool {
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
            guard let row, try store.logRow(row, db).entry == entry else { return false }
        }
        return true
    }

    private func heldApart(_ dot: Dot, _ db: Database) throws -> String? {
        try String.fetchOne(
            db,
            sql: "SELECT reason FROM quarantine WHERE replica = ? AND counter = ? LIMIT 1",
            arguments: [
                try store.replicaNumber(of: dot.replica, db), Int64(bitPattern: dot.counter),
            ]
        )
    }

    /// Why a change is held apart, or nil when it is stored.
    private func refusal(of change: HubChange, isTrusted: Bool) -> String? {
        if change.base > head {
            return "claims to have seen more than the hub has"
        }
        // A replica of which nothing is here at all may be a bundle that only devices have installed.
        let isAhead = change.entries[0].context.peers.entries
            .contains {
                0 < store.knowledge[$0.replica] && store.knowledge[$0.replica] < $0.counter
            }
        if isAhead {
            return "claims to have seen a peer's changes that nobody has brought to the hub"
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

    private func storeRuns(
        _ runs: [(replica: ReplicaID, run: Receipts.Run)],
        _ db: Database
    ) throws {
        var merged: [(replica: ReplicaID, run: Receipts.Run)] = []
        for (replica, run) in runs {
            if let last = merged.last, last.replica == replica, last.run.end == run.first,
                last.run.sequenceEnd == run.sequence, last.run.entries == run.entries
            {
                merged[merged.count - 1].run.count += 1
            } else {
                merged.append((replica, run))
            }
        }
        for (replica, run) in merged {
            try db.cachedStatement(sql: "INSERT INTO receipt VALUES (?, ?, ?, ?, ?)")
                .execute(
                    arguments: [
                        try store.replicaNumber(of: replica, db), Int64(bitPattern: run.first),
                        Int64(bitPattern: run.count), Int64(bitPattern: run.sequence),
                        Int64(bitPattern: run.entries),
                    ]
                )
        }
    }
}

/// The entries of one pushed change.
struct HubChange {
    var entries: [LogEntry]

    var dot: Dot { entries[0].dot }
    /// Whether every entry of the change is here, in order.
    var isWhole: Bool {
        entries.count == Int(entries[0].parts)
            && entries.enumerated().allSatisfy { $0.element.part == UInt32($0.offset) }
    }
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
