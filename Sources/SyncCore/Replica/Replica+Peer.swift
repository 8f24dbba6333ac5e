import GRDB
public import Replication

extension Replica {
    /// What a peer lacks: changes as a delta, in causal order.
    ///
    /// Two devices that meet without a hub ask each other for `status()`, exchange deltas and `merge`
    /// them; the same bytes can travel as a file. The changes stay their authors': the hub stores
    /// each once, whoever brings it first.
    ///
    /// The delta relays what this device knows of the hub's order beyond the peer's cursor, because a
    /// change's context names changes by their place in that order.
    ///
    /// - Parameters:
    ///   - knowledge: what the peer has, from its status.
    ///   - cursor: how far the peer has the hub's order, from its status.
    /// - Returns: the bytes to send.
    /// - Throws: `StoreError`.
    public func delta(since knowledge: VersionVector, cursor: UInt64) throws -> [UInt8] {
        try core.withLock { core in
            try core.read { try core.delta(since: knowledge, cursor: cursor, $0) }
        }
        .encoded(dictionary: dictionary)
    }

    /// What the peer with this status lacks.
    public func delta(for peer: ReplicaStatus) throws -> [UInt8] {
        try delta(since: peer.knowledge, cursor: peer.cursor)
    }

    /// Merges a delta that a peer made.
    ///
    /// Changes that are here already are skipped; the rest is applied, all or nothing.
    ///
    /// A device that receives some scopes only passes on what it has; that is refused where this
    /// device would take it for all there is.
    ///
    /// - Returns: how many entries were new.
    /// - Throws: `WireError` for bytes that are no delta, `SyncError` for one that leaves out changes
    ///   on which its own depend, or that holds another change under a number that is taken.
    @discardableResult
    public func merge(delta bytes: [UInt8]) throws -> Int {
        let file = try DeltaReader(bytes, dictionaries: dictionary.map { [$0] } ?? [])
        return try core.withLock { core in
            let (count, touched) = try core.write { db in try core.merge(file, db) }
            notify(touched, origin: .remote)
            return count
        }
    }

    /// Installs changes that every replica gets alike, such as the catalogue that an app ships with.
    ///
    /// Hub-only fields are allowed here. Installing the same changes again does nothing. They are not
    /// sent to the hub: it installs the same bundle, or does without.
    @discardableResult
    public func install(_ changes: [Change]) throws -> Int {
        var batch = Batch(isSequenced: false)
        for change in changes { batch.entries += change.entries.map { Batch.Item(entry: $0) } }
        return try core.withLock { core in
            let (count, touched) = try core.write { db in
                for replica in Set(changes.map(\.dot.replica)).sorted() {
                    try core.store.markBundle(replica, db)
                }
                return try core.merge(batch, comparingKnown: false, db)
            }
            notify(touched, origin: .remote)
            return count
        }
    }
}

extension ReplicaCore {
    func delta(
        since knowledge: VersionVector,
        cursor: UInt64,
        _ db: Database
    ) throws -> DeltaFile {
        var file = DeltaFile(batch: Batch(isSequenced: true), epoch: hub.epoch)
        var numbered: [(row: RecordStore.LogRow, sequence: UInt64)] = []
        var others: [RecordStore.LogRow] = []
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, replica, counter, record, sequence, entry FROM log ORDER BY number
                """
        )
        while let row = try rows.next() {
            let read = try store.logRow(row.copy(), db)
            let isKnown = knowledge.contains(read.entry.dot)
            guard let sequence = store.sequence(of: read) else {
                if !isKnown { others.append(read) }
                continue
            }
            if !isKnown || (sequence > cursor && read.entry.part == 0) {
                numbered.append((read, sequence))
            }
        }
        // The hub's order is causal, and nothing in it depends on what is not. This store may have
        // received a record's first entries after later ones of other records.
        for (row, sequence) in numbered.sorted(by: { $0.sequence < $1.sequence }) {
            if knowledge.contains(row.entry.dot) {
                file.relay(row.entry, at: sequence)
            } else {
                file.batch.entries.append(
                    Batch.Item(entry: row.entry, sequence: sequence, bound: row.bound)
                )
            }
        }
        file.batch.entries += others.map { Batch.Item(entry: $0.entry, bound: $0.bound) }
        return file
    }

    func merge(_ file: DeltaReader, _ db: Database) throws -> (Int, Touched) {
        if let epoch = file.epoch, let mine = hub.epoch, epoch != mine {
            throw SyncError(
                .newEpoch,
                "the delta comes from a device of another hub, or of its earlier life"
            )
        }
        // Its numbers are of that hub's life; a store that has met no hub yet belongs to it from now.
        if hub.epoch == nil, let epoch = file.epoch {
            hub.epoch = epoch
            // At once: a delta that brings receipts, or nothing, has no page with which it is stored.
            try storeHub(db)
        }
        for receipts in file.receipts {
            guard let last = receipts.runs.last?.end, store.knowledge[receipts.replica] >= last - 1
            else { throw SyncError(.invalidAnswer, "receipts of changes that are not here") }
            try add(receipts.runs, of: receipts.replica, db)
        }
        var file = file
        var count = 0
        var touched = Touched()
        while let page = try file.next() {
            let (applied, records) = try merge(page, db)
            count += applied
            touched.add(records)
        }
        return (count, touched)
    }

    func merge(
        _ batch: Batch,
        comparingKnown: Bool = true,
        _ db: Database
    ) throws -> (Int, Touched) {
        let writer = EntryWriter(store)
        var count = 0
        var known = store.knowledge
        var seen: Set<Dot> = []
        for items in changes(of: batch) {
            guard let first = items.first else { continue }
            let dot = first.entry.dot
            guard seen.insert(dot).inserted else {
                throw SyncError(.invalidAnswer, "the delta brings change \(dot) twice")
            }
            if known.contains(dot) {
                guard comparingKnown else { continue }
                for item in items { try checkSame(item.entry, db) }
                // Made for an older status, the delta brings what is here already, and where the hub
                // put it: what follows may have seen it by that number alone.
                if first.entry.part == 0, let run = first.receipt {
                    try add([run], of: dot.replica, db)
                }
                continue
            }
            try check(items, known)
            known.insert(dot)
            if let run = first.receipt { try add([run], of: dot.replica, db) }
            for item in items where !isElsewhere(item) {
                // Unbounded: what this device writes next must sort after what it has seen. The hub
                // bounds both when they arrive there.
                clock.observe(item.entry.timestamp)
                count += 1
                try writer.apply(
                    item.entry,
                    sequence: item.sequence == 0 ? nil : item.sequence,
                    bound: item.bound,
                    db
                )
            }
            store.learn(dot)
            try store.learnFromPeer(dot, db)
        }
        let touched = Touched(writer.touched)
        try writer.flush(db)
        try storeHub(db)
        try store.persistOwn(db)
        return (count, touched)
    }

    /// Whether the hub did not send an entry at its place in the order because its record is in none
    /// of this device's scopes; should it enter one, it comes with its whole history.
    private func isElsewhere(_ item: Batch.Item) -> Bool {
        !seesEverything && item.sequence > 0 && item.sequence <= hub.cursor
    }

    /// The batch's entries, by change.
    private func changes(of batch: Batch) -> [ArraySlice<Batch.Item>] {
        var changes: [ArraySlice<Batch.Item>] = []
        var start = batch.entries.startIndex
        for index in batch.entries.indices.dropFirst()
        where batch.entries[index].entry.dot != batch.entries[start].entry.dot {
            changes.append(batch.entries[start..<index])
            start = index
        }
        if start < batch.entries.endIndex { changes.append(batch.entries[start...]) }
        return changes
    }

    /// A delta must be causally closed: whole changes, FIFO for each replica, and nothing seen that
    /// is not here.
    ///
    /// That holds for what the hub has numbered too: it sends nothing again of what this device says
    /// that it has.
    private func check(_ items: ArraySlice<Batch.Item>, _ known: VersionVector) throws {
        guard let first = items.first else { return }
        let dot = first.entry.dot
        guard dot.replica != replica else {
            throw SyncError(
                .invalidAnswer,
                "the delta holds changes of this very replica that are not here: "
                    + "this store is a clone or was restored; sync with the hub first"
            )
        }
        guard dot.counter == known[dot.replica] + 1 else {
            throw SyncError(
                .invalidAnswer,
                "the delta skips changes of \(dot.replica): \(known[dot.replica] + 1) is next, "
                    + "\(dot.counter) came; the sender has not got them, as when its scopes differ: "
                    + "sync with the hub"
            )
        }
        let isWhole =
            items.count == Int(first.entry.parts)
            && zip(items, 0...)
                .allSatisfy { item, part in
                    item.entry.part == part && item.entry.parts == first.entry.parts
                        && item.sequence
                            == (first.sequence == 0 ? 0 : first.sequence + UInt64(part))
                }
        guard isWhole else {
            throw SyncError(
                .invalidAnswer,
                "the delta holds a part of change \(dot) only; the sender has not got the rest, as "
                    + "when its scopes differ: sync with the hub"
            )
        }
        guard
            items.allSatisfy({ item in
                item.entry.context.peers.entries.allSatisfy { known[$0.replica] >= $0.counter }
                    && item.entry.context.onlySeen?.allSatisfy { known.contains($0) } ?? true
            })
        else {
            throw SyncError(.invalidAnswer, "the delta leaves out changes that its own had seen")
        }
        for item in items {
            try checkNaming(item.entry)
            try checkHubsWord(item)
        }
    }

    /// The hub closes and collects what has its numbers, and sees by them alone: anything else in
    /// its name could take what was never anywhere but here.
    private func checkHubsWord(_ item: Batch.Item) throws {
        guard item.entry.isCollection || item.entry.actions.contains(.close) else { return }
        let context = item.entry.context
        guard item.sequence > context.base, context.peers.entries.isEmpty,
            context.onlySeen == nil
        else {
            throw SyncError(
                .invalidAnswer,
                "the delta collects \(item.entry.record.id), which only the hub does; sync with it"
            )
        }
    }
}
