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
    /// - Returns: how many entries were new.
    /// - Throws: `WireError` for bytes that are no delta, `SyncError` for one that leaves out changes
    ///   on which its own depend.
    @discardableResult
    public func merge(delta bytes: [UInt8]) throws -> Int {
        let file = try DeltaReader(bytes, dictionaries: dictionary.map { [$0] } ?? [])
        let (count, touched) = try core.withLock { core in
            try core.write { db in try core.merge(file, db) }
        }
        notify(touched, origin: .remote)
        return count
    }

    /// Installs changes that every replica gets alike, such as the catalogue that an app ships with.
    ///
    /// Hub-only fields are allowed here. Installing the same changes again does nothing. They are not
    /// sent to the hub: it installs the same bundle, or does without.
    @discardableResult
    public func install(_ changes: [Change]) throws -> Int {
        var batch = Batch(isSequenced: false)
        for change in changes { batch.entries += change.entries.map { Batch.Item(entry: $0) } }
        let (count, touched) = try core.withLock { core in
            try core.write { db in
                for replica in Set(changes.map(\.dot.replica)).sorted() {
                    try core.store.markBundle(replica, db)
                }
                return try core.merge(batch, db)
            }
        }
        notify(touched, origin: .remote)
        return count
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

    func merge(_ file: DeltaReader, _ db: Database) throws -> (Int, [RecordKey]) {
        if let epoch = file.epoch, let mine = hub.epoch, epoch != mine {
            throw SyncError(
                .newEpoch,
                "the delta comes from a device of another hub, or of its earlier life"
            )
        }
        for receipts in file.receipts {
            guard let last = receipts.runs.last?.end, store.knowledge[receipts.replica] >= last - 1
            else { throw SyncError(.invalidAnswer, "receipts of changes that are not here") }
            try store.add(receipts.runs, of: receipts.replica, db)
        }
        var file = file
        var count = 0
        var touched: Set<RecordKey> = []
        while let page = try file.next() {
            let (applied, records) = try merge(page, db)
            count += applied
            touched.formUnion(records)
        }
        return (count, touched.sorted())
    }

    func merge(_ batch: Batch, _ db: Database) throws -> (Int, [RecordKey]) {
        let writer = EntryWriter(store)
        var count = 0
        var known = store.knowledge
        var current: Dot?
        for item in batch.entries {
            let entry = item.entry
            if entry.dot != current {
                guard !known.contains(entry.dot) else { continue }
                try check(entry, sequence: item.sequence, known)
                known.insert(entry.dot)
                current = entry.dot
                if let run = item.receipt { try store.add([run], of: entry.dot.replica, db) }
            }
            // Unbounded: what this device writes next must sort after what it has seen. The hub
            // bounds both when they arrive there.
            clock.observe(entry.timestamp)
            try writer.apply(
                entry,
                sequence: item.sequence == 0 ? nil : item.sequence,
                bound: item.bound,
                db
            )
            try store.learnFromPeer(entry.dot, db)
            count += 1
        }
        let touched = writer.touched
        try writer.flush(db)
        try storeHub(db)
        try store.persistOwn(db)
        return (count, touched)
    }

    /// A delta must be causally closed: FIFO for each replica, and nothing seen that is not here.
    ///
    /// What the hub has numbered may skip counters: the sender's scopes leave others' records out.
    private func check(
        _ entry: LogEntry,
        sequence: UInt64,
        _ known: VersionVector
    ) throws {
        guard entry.dot.replica != replica else {
            throw SyncError(
                .invalidAnswer,
                "the delta holds changes of this very replica that are not here: "
                    + "this store is a clone or was restored; sync with the hub first"
            )
        }
        guard sequence > 0 || entry.dot.counter == known[entry.dot.replica] + 1 else {
            throw SyncError(
                .invalidAnswer,
                "the delta skips changes of \(entry.dot.replica): "
                    + "\(known[entry.dot.replica] + 1) is next, \(entry.dot.counter) came"
            )
        }
        guard entry.context.peers.entries.allSatisfy({ known[$0.replica] >= $0.counter }) else {
            throw SyncError(.invalidAnswer, "the delta leaves out changes that its own had seen")
        }
    }
}
