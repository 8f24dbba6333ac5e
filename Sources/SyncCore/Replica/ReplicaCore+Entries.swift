import GRDB
import Replication

extension ReplicaCore {
    /// Applies others' entries.
    ///
    /// Everything but a record's first appearance is in the hub's order and after the cursor: what
    /// a device pulls is a prefix.
    func apply(
        _ batch: Batch,
        through: UInt64,
        _ writer: EntryWriter,
        _ db: Database
    ) throws -> Int {
        try number(batch, db)
        for item in batch.entries { try checkNaming(item.entry) }
        var previous = hub.cursor
        var entering: [RecordKey: [Batch.Item]] = [:]
        var order: [RecordKey] = []
        var applied = 0
        for item in batch.entries {
            let entry = item.entry
            #if FIELD_MUTANTS
            if Mutant.isOn(.m7), store.schema.record(entry.record.type) == nil { continue }
            #endif
            guard item.sequence <= through else {
                throw SyncError(.invalidAnswer, "an entry beyond the page's end")
            }
            if item.introducesRecord || entering[entry.record] != nil {
                if entering[entry.record] == nil { order.append(entry.record) }
                entering[entry.record, default: []].append(item)
                continue
            }
            guard item.sequence > previous else {
                throw SyncError(.invalidAnswer, "the hub's entries are out of order")
            }
            previous = item.sequence
            if try isKnown(entry, db) {
                try bound(item, writer, db)
                continue
            }
            clock.observe(min(entry.timestamp, item.bound ?? entry.timestamp))
            try writer.apply(entry, sequence: item.sequence, bound: item.bound, db)
            applied += 1
        }
        for key in order {
            applied += try enter(entering[key] ?? [], writer, db)
        }
        return applied
    }

    /// A record's first appearance in this device's scopes: its whole history.
    private func enter(
        _ items: [Batch.Item],
        _ writer: EntryWriter,
        _ db: Database
    ) throws -> Int {
        guard let first = items.first, let number = first.recordNumber else { return 0 }
        for item in items {
            clock.observe(min(item.entry.timestamp, item.bound ?? item.entry.timestamp))
        }
        guard let record = try writer.current(first.entry.record, db) else {
            for item in items {
                if item.entry.dot.replica == replica { try checkOwn(item.entry, against: nil) }
                try writer.apply(
                    item.entry,
                    sequence: item.sequence,
                    bound: item.bound,
                    hubNumber: number,
                    db
                )
            }
            return items.count
        }
        let hadLeft = try store.forgetDeparture(of: record.number, db)
        if hadLeft { Mark.recordReentered.hit() }
        var known: [EntryID: LogEntry] = [:]
        for row in try store.wholeHistory(of: record, db) {
            known[EntryID(row.entry)] = row.entry
        }
        for item in items where item.entry.dot.replica == replica {
            try checkOwn(item.entry, against: known[EntryID(item.entry)])
        }
        func isNew(_ item: Batch.Item) -> Bool { known[EntryID(item.entry)] == nil }
        let new = items.filter(isNew)
        for item in items where !isNew(item) { try bound(item, writer, db) }
        try writer.insert(
            new.map { ($0.entry, $0.sequence, $0.bound) },
            hubNumber: number,
            db
        )
        try writer.amend(first.entry.record, db) { record in
            record.hub = Int64(bitPattern: number)
            guard hadLeft else { return }
            let history = try store.history(of: record, db)
            (record.state, record.ancestors) = store.fold(history, schema: record.schema)
        }
        return new.count
    }

    private struct EntryID: Hashable {
        let dot: Dot
        let part: UInt32

        init(_ entry: LogEntry) {
            dot = entry.dot
            part = entry.part
        }
    }

    /// With a record that comes back the hub may send an entry of this device's own: the one that is
    /// here, and no other.
    private func checkOwn(_ entry: LogEntry, against stored: LogEntry?) throws {
        guard let stored, stored.isSame(as: entry) else {
            throw SyncError(
                .invalidAnswer,
                "the hub sent \(entry.dot) as this device's own change, which it is not"
            )
        }
    }

    /// Whether a hub's entry is one that a peer brought before.
    private func isKnown(_ entry: LogEntry, _ db: Database) throws -> Bool {
        guard entry.dot.replica != replica else {
            throw SyncError(.invalidAnswer, "the hub sent this device's own change back")
        }
        guard store.peerMet.contains(entry.dot) else { return false }
        // With scopes a replica's changes are not here without a gap, and what came back after a
        // restore comes late.
        if !hub.scopes.isEmpty, !store.lives.isEmpty, try stored(as: entry, db) == nil,
            try store.number(of: entry.record, db)
                .map({ try store.departure(of: $0, db) == nil }) ?? true
        {
            return false
        }
        try checkSame(entry, db)
        return true
    }

    /// A change that is here already must be the same change: two stores that write under one id, a
    /// clone and its original, give one number to different ones.
    func checkSame(_ entry: LogEntry, _ db: Database) throws {
        let stored = try stored(as: entry, db)
        if let stored, stored.isSame(as: entry) { return }
        if stored == nil {
            // What came by way of the hub may be here in part, as it is with scopes, and what has left
            // is not here.
            let isWhole =
                hub.scopes.isEmpty && hub.transition == nil
                && (entry.dot.replica == replica || store.peerMet.contains(entry.dot))
            let number = try store.number(of: entry.record, db)
            let hasLeft = try number.map { try store.departure(of: $0, db) != nil } ?? false
            if !isWhole || hasLeft { return }
            // Who brought what came after it knew that the hub holds it apart.
            if entry.dot.replica != replica, try rows(of: entry.dot, db).isEmpty { return }
        }
        throw SyncError(
            .invalidAnswer,
            "another change \(entry.dot) is here: two stores write as \(entry.dot.replica), "
                + "one is a clone or was restored; both must sync with the hub first"
        )
    }

    /// What is here of the entry's record under the entry's dot and part.
    func stored(as entry: LogEntry, _ db: Database) throws -> LogEntry? {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    WITH RECURSIVE chain(number) AS (
                        SELECT last FROM record WHERE number = ?
                        UNION ALL
                        SELECT previous FROM log JOIN chain USING (number)
                        WHERE previous <> 0 AND previous < number)
                    SELECT number, replica, counter, record, sequence, entry
                    FROM chain JOIN log USING (number) WHERE replica = ? AND counter = ?
                    """
            ),
            arguments: [
                try store.number(of: entry.record, db),
                try store.names.number(of: entry.dot.replica, db),
                Int64(bitPattern: entry.dot.counter),
            ]
        )
        return try rows.map { try store.logRow($0, of: entry.record, db).entry }
            .first { $0.part == entry.part }
    }

    /// Only this store makes records under its own id.
    func checkNaming(_ entry: LogEntry) throws {
        guard case .created(let creator, _) = entry.record.id, creator.replica == replica,
            creator.counter > store.knowledge[replica]
        else { return }
        throw SyncError(
            .invalidAnswer,
            "\(entry.dot) names a record of this device, \(entry.record.id), that it never made"
        )
    }

    /// A peer brought these entries while the hub's answer was on its way: the hub's numbers of them
    /// are news.
    func number(_ batch: Batch, _ db: Database) throws {
        for item in batch.entries {
            let dot = item.entry.dot
            guard store.peerMet.contains(dot), let run = item.receipt,
                store.receipts[dot.replica]?.sequence(of: dot.counter) == nil
            else { continue }
            try add([run], of: dot.replica, db)
        }
    }

    /// So is the hub's bound.
    private func bound(_ item: Batch.Item, _ writer: EntryWriter, _ db: Database) throws {
        guard let timestamp = item.bound else { return }
        let bound = SyncResponse.Bound(counter: item.entry.dot.counter, timestamp: timestamp)
        try apply([bound], of: item.entry.dot.replica, writer, db)
    }
}

extension Batch.Item {
    /// Where the hub put the change of which this entry is a part; nil while it has not.
    var receipt: Receipts.Run? {
        guard sequence > UInt64(entry.part) else { return nil }
        return Receipts.Run(
            first: entry.dot.counter,
            count: 1,
            sequence: sequence - UInt64(entry.part),
            entries: UInt64(entry.parts)
        )
    }
}
