import Crypto
import GRDB
import Replication

extension ReplicaCore {
    /// Takes a new replica id and records the changes from `counter` on again under it.
    ///
    /// The hub has other changes under these dots: this store was cloned, or restored from a backup.
    /// Both branches are kept: the hub's comes down as another replica's, ours goes up under the new
    /// id. Records that our branch created get new identities with it, and references follow.
    func reincarnate(from counter: UInt64, _ db: Database) throws -> Touched {
        guard counter > 0, counter <= store.knowledge[replica] else {
            throw SyncError(.invalidAnswer, "the hub names a fork at a change that is not here")
        }
        guard counter > acknowledged else {
            throw SyncError(.invalidAnswer, "the hub names a fork at a change that it has")
        }
        return try takeNewIdentity(from: counter, db)
    }

    /// Ends a derived identity once the hub has all of it.
    ///
    /// It exists for the changes that several copies of one backup record again. What a copy writes
    /// afterwards is its own, so it goes on under an id of its own.
    func closeDerivedIdentity(_ result: inout SyncSession.Outcome, _ db: Database) throws {
        guard isDerived, acknowledged == store.knowledge[replica] else { return }
        _ = try takeNewIdentity(from: store.knowledge[replica] + 1, db)
        result.reincarnatedAs = replica.description
        Mark.derivedIdentityEnded.hit()
        if hub.transition != nil { result.ahead = max(result.ahead, 1) }
    }

    /// What an earlier id made outside this device's scopes follows that id alone: the hub says which
    /// records those are, and they leave.
    private func leaveOwnScope(of old: ReplicaID) {
        guard !hub.scopes.isEmpty, hub.cursor > 0 else { return }
        var from = hub.transition?.from ?? hub.scopes
        // From everything, or from more lives than a request can name: all is looked at.
        let isAll = from.isEmpty || from.count >= WireLimits.standard.scopesMax
        from = isAll ? [] : from + [old.ownScope]
        hub.transition = SyncRequest.Transition(
            from: from.sorted { $0.precedesByBytes($1) },
            after: 0
        )
    }

    func takeNewIdentity(from counter: UInt64, _ db: Database) throws -> Touched {
        let old = replica
        let rows = try rows(of: replica, from: counter, db)
        let hidden = try rows.filter { row in
            try store.departure(of: row.recordNumber, db).map { row.number <= $0 } ?? false
        }
        let hiddenRows = Set(hidden.map(\.number))
        var touched = Touched()
        touched.add(try remove(rows, from: Dot(replica, counter), db))
        try store.reload(db)
        let derived = derivedIdentity(recording: rows)
        replica = derived ?? randomIdentity()
        Mark.newIdentity.hit()
        if derived != nil { Mark.identityDerived.hit() }
        isDerived = derived != nil
        try setMeta("replica", Int64(bitPattern: replica.rawValue), db)
        try setMeta("replica_derived", isDerived, db)
        try db.execute(sql: "DELETE FROM meta WHERE key = 'own_counter_log'")
        try store.own(replica, db)
        // What the hub may have of the old id is now another's, met directly.
        if counter > 1 { try store.learnFromPeer(Dot(old, counter - 1), db) }
        quarantinedThrough = 0
        confirmed = 0
        exchange.comparedThrough = 0
        hub.registration = nil
        leaveOwnScope(of: old)
        outboxAfter = 0
        outboxTold = 0
        try storeHub(db)
        let renaming = Renaming(from: old, to: replica, first: counter)
        let writer = EntryWriter(store)
        var places: [RecordKey: Recorded] = [:]
        for row in rows {
            var entry = renaming.entry(row.entry)
            touched.rename(row.entry.record, to: entry.record)
            var place = try places[entry.record] ?? recorded(entry.record, writer, db)
            // What the old id wrote before the fork is part of what was seen.
            if counter > 1 {
                entry.context.peers.insert(Dot(old, counter - 1))
                nameEarlier(of: old, in: &entry, place.before)
            }
            rebaseTotals(of: &entry, from: old, place.before)
            // Each stands again where it stood: before what came later, and hidden where it was.
            let applied = try writer.apply(entry, logNumber: row.number, db)
            place.numbers.append(row.number)
            if hiddenRows.contains(row.number) {
                place.isHidden = true
                let after = try store.departure(of: applied.number, db) ?? 0
                try store.noteDeparture(
                    of: applied.number,
                    after: max(after, row.number),
                    through: hub.cursor,
                    db
                )
            }
            places[entry.record] = place
        }
        for (key, place) in places.sorted(by: { $0.key < $1.key }) {
            try settle(place, of: key, writer, db)
        }
        try writer.flush(db)
        return touched
    }

    /// What is here of a record while changes of it are recorded again.
    private struct Recorded {
        /// The rows that stay as they are, in causal order.
        var before: [RecordStore.LogRow]
        /// The rows that were recorded again.
        var numbers: [Int64] = []
        /// Whether some of them had left these scopes.
        var isHidden = false
    }

    private func recorded(
        _ key: RecordKey,
        _ writer: EntryWriter,
        _ db: Database
    ) throws -> Recorded {
        let record = try writer.current(key, db)
        return Recorded(before: try record.map { try store.wholeHistory(of: $0, db) } ?? [])
    }

    /// Chains a record's rows in their old order; what had left these scopes is not shown now either.
    private func settle(
        _ place: Recorded,
        of key: RecordKey,
        _ writer: EntryWriter,
        _ db: Database
    ) throws {
        let last = place.before.map(\.number).max() ?? 0
        guard place.isHidden || last > place.numbers.first ?? 0 else { return }
        let end = try store.chain(place.before.map(\.number) + place.numbers, db)
        try writer.amend(key, db) { record in
            record.last = end
            let history = try store.history(of: record, db)
            (record.state, record.ancestors) = store.fold(history, schema: record.schema)
        }
    }

    /// What the old id had written to a blind entry's record was its own, and is another's now.
    private func nameEarlier(
        of old: ReplicaID,
        in entry: inout LogEntry,
        _ before: [RecordStore.LogRow]
    ) {
        guard let seen = entry.context.onlySeen else { return }
        let earlier = before.map(\.entry.dot).filter { $0.replica == old }
        entry.context.onlySeen = CausalContext.onlySeen(seen + earlier)
    }

    /// The id under which the rows are recorded again; nil where there are none.
    ///
    /// The first change decides it, not chance: when a backup with waiting changes is restored twice,
    /// or cloned, every copy records them under the same id, and the hub takes them once. Where the
    /// copies had gone on differently they fork again, from there. `closeDerivedIdentity` ends it.
    func derivedIdentity(recording rows: [RecordStore.LogRow]) -> ReplicaID? {
        guard let first = rows.first else { return nil }
        let entries = rows.prefix { $0.entry.dot == first.entry.dot }.map(\.entry)
        let batch = Batch(entries: entries.map { Batch.Item(entry: $0) }, isSequenced: false)
        let id = ReplicaID(
            SHA256.hash(data: BatchEncoder.encode(batch)).prefix(8)
                .reduce(0) { $0 << 8 | UInt64($1) }
        )
        // What another copy recorded under it may have come by way of a peer.
        guard id.rawValue != 0, id != replica, store.knowledge[id] == 0 else {
            Mark.derivedIdentityTaken.hit()
            return nil
        }
        return id
    }

    private func randomIdentity() -> ReplicaID {
        var generator = EnvironmentGenerator(environment: environment)
        return .random(using: &generator)
    }

    /// A counter's write is its writer's running total: what the old id had counted before the fork
    /// stays the old id's, so the new one's totals go on from nothing.
    ///
    /// Own rows stay here when their record leaves these scopes, so the log has that total where the
    /// state has not.
    private func rebaseTotals(
        of entry: inout LogEntry,
        from old: ReplicaID,
        _ before: [RecordStore.LogRow]
    ) {
        let schema = store.recordSchema(entry.record.type)
        let earlier = before.map(\.entry).filter { $0.dot.replica == old }
            .sorted { $0.dot < $1.dot }
        for (index, action) in entry.actions.enumerated() {
            guard case .write(let slot, let value) = action, schema.policy(of: slot) == .counter
            else { continue }
            let total = earlier.reversed().lazy.compactMap { $0.value(of: slot) }.first
            switch (value, total) {
            case (.integer(let total), .integer(let before)):
                entry.actions[index] = .write(slot, .integer(total &- before))
            case (.scaled(let total), .scaled(let before)):
                entry.actions[index] = .write(slot, .scaled(total &- before))
            default: break
            }
        }
    }

    /// The log rows of a replica's changes from a counter on, in the order of the log.
    func rows(
        of replica: ReplicaID,
        from counter: UInt64,
        _ db: Database
    ) throws -> [RecordStore.LogRow] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT number, replica, counter, record, sequence, entry FROM log
                WHERE replica = ? AND counter >= ? ORDER BY number
                """,
            arguments: [
                try store.names.number(of: replica, db), Int64(bitPattern: counter),
            ]
        )
        .map { try store.logRow($0, db) }
    }

    /// Takes a replica's changes from this one on, which are these rows, out of the log.
    ///
    /// What memory keeps of the store must be read anew then.
    func remove(
        _ rows: [RecordStore.LogRow],
        from first: Dot,
        _ db: Database
    ) throws -> [RecordKey] {
        let number = try store.names.number(of: first.replica, db)
        let counter = first.counter
        let writer = EntryWriter(store)
        var keys: [RecordKey] = []
        var seen: Set<RecordKey> = []
        for row in rows where seen.insert(row.entry.record).inserted {
            keys.append(row.entry.record)
        }
        for key in keys {
            guard let record = try store.load(key, db) else { continue }
            func stays(_ row: RecordStore.LogRow) -> Bool {
                row.entry.dot.replica != first.replica || row.entry.dot.counter < counter
            }
            let last = try store.chain(try store.wholeHistory(of: record, db).filter(stays), db)
            let shown = try store.history(of: record, db).filter(stays)
            let (state, ancestors) = store.fold(shown, schema: record.schema)
            try writer.amend(key, db) {
                $0.state = state
                $0.ancestors = ancestors
                $0.last = last
            }
        }
        try writer.flush(db)
        try db.execute(
            sql: "DELETE FROM log WHERE replica = ? AND counter >= ?",
            arguments: [number, Int64(bitPattern: counter)]
        )
        // The numbers of the last rows are given again.
        try db.execute(
            sql: """
                UPDATE departure SET after = (SELECT coalesce(max(number), 0) FROM log)
                WHERE after > (SELECT coalesce(max(number), 0) FROM log)
                """
        )
        try db.execute(
            sql: "UPDATE replica SET counter = ? WHERE number = ?",
            arguments: [Int64(bitPattern: counter - 1), number]
        )
        // The places that a peer told for these numbers are those of the other branch.
        try db.execute(
            sql: "DELETE FROM receipt WHERE replica = ? AND first >= ?",
            arguments: [number, Int64(bitPattern: counter)]
        )
        try db.execute(
            sql: """
                UPDATE receipt SET count = :counter - first
                WHERE replica = :number AND first + count > :counter
                """,
            arguments: ["number": number, "counter": Int64(bitPattern: counter)]
        )
        for key in keys {
            // A record that only our branch knew is made anew under its new identity; of one that has
            // left these scopes the departure is kept.
            try db.execute(
                sql: """
                    DELETE FROM record
                    WHERE type = ? AND identity = ? AND last = 0 AND hub IS NULL
                    """,
                arguments: [Int64(key.type), ValueCodec.bytes(of: key.id).data]
            )
        }
        return keys
    }

    /// Replaces one replica's dots by another's.
    struct Renaming {
        private let from: ReplicaID
        private let to: ReplicaID
        private let counter: (UInt64) -> UInt64?

        /// Renames the changes from one on, which are the other's first.
        init(from: ReplicaID, to: ReplicaID, first: UInt64) {
            self.from = from
            self.to = to
            counter = { $0 < first ? nil : $0 - first + 1 }
        }

        /// Renames these changes.
        init(from: ReplicaID, to: ReplicaID, counters: [UInt64: UInt64]) {
            self.from = from
            self.to = to
            counter = { counters[$0] }
        }

        func entry(_ entry: LogEntry) -> LogEntry {
            var entry = entry
            entry.dot = dot(entry.dot)
            entry.record = key(entry.record)
            entry.actions = entry.actions.map { action in
                switch action {
                case .write(let slot, let value): .write(self.slot(slot), self.value(value))
                case .seal(let reason, let content):
                    .seal(
                        reason: reason,
                        content: content.map {
                            Operation.SealedValue(self.slot($0.slot), self.value($0.value))
                        }
                    )
                default: action
                }
            }
            return entry
        }

        private func slot(_ slot: SlotKey) -> SlotKey {
            SlotKey(slot.field, element: slot.element.map(value))
        }

        private func dot(_ dot: Dot) -> Dot {
            guard dot.replica == from, let counter = counter(dot.counter) else { return dot }
            return Dot(to, counter)
        }

        private func key(_ key: RecordKey) -> RecordKey {
            guard case .created(let dot, let index) = key.id else { return key }
            return RecordKey(type: key.type, id: .created(by: self.dot(dot), index: index))
        }

        private func value(_ value: FieldValue) -> FieldValue {
            switch value {
            case .reference(let key): .reference(self.key(key))
            case .group(let members): .group(members.map(self.value))
            default: value
            }
        }
    }
}

extension LogEntry {
    /// The last value that the entry wrote to a slot.
    fileprivate func value(of slot: SlotKey) -> FieldValue? {
        for case .write(slot, let value) in actions.reversed() { return value }
        return nil
    }
}
