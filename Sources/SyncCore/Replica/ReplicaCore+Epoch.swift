import GRDB
import Replication

extension ReplicaCore {
    /// Follows a hub that was restored from an older copy into its new epoch.
    ///
    /// - Throws: `SyncError` for an epoch of which nothing says that it is of the same hub.
    func follow(_ epoch: Epoch, born births: [EpochBirth], _ db: Database) throws -> Touched {
        for birth in births { try store.add(birth, db) }
        guard let mine = hub.epoch, mine != epoch, let shared = store.lives.shared(mine, epoch)
        else {
            throw SyncError(
                .newEpoch,
                "this is another hub, or it was made anew without its records (epoch \(epoch)): "
                    + "what was recorded stays here; tell its operator"
            )
        }
        return try follow(epoch, sharing: shared, keepsNumbers: true, db)
    }

    /// Goes on as one that has what both epochs have in common from the hub, and all the rest met
    /// directly.
    ///
    /// Numbers beyond that are noted as the old epoch's, by which contexts of then stay exact. Own
    /// changes beyond it wait to go up again, and so do others' that are here whole. Nothing leaves.
    ///
    /// - `keepsNumbers`: false where the old numbers mean nothing certain.
    func follow(
        _ epoch: Epoch,
        sharing shared: EarlierLives.Shared,
        keepsNumbers: Bool,
        _ db: Database
    ) throws -> Touched {
        let head = Int64(clamping: shared.head)
        let (numbers, records) = try numbers(beyond: shared.head, db)
        if keepsNumbers, let old = hub.epoch {
            let news = EpochNews(
                numbers: numbers.sorted { $0.key < $1.key }
                    .map { .init(epoch: old, replica: $0.key, runs: $0.value.runs) }
            )
            _ = try store.add(news, since: 0, db)
        }
        try forgetNumbers(beyond: shared, db)
        let left = try Int.fetchOne(
            db,
            sql: "SELECT 1 FROM departure WHERE through > ? LIMIT 1",
            arguments: [head]
        )
        let scopes = hub.scopes
        if left != nil, !scopes.isEmpty {
            // The hub takes these records to be here. All that the scopes hold comes again.
            hub.isRefetching = true
            hub.transition = SyncRequest.Transition(from: [replica.ownScope], after: 0)
        } else {
            hub.transition = hub.transition.map { SyncRequest.Transition(from: $0.from, after: 0) }
        }
        hub.cursor = min(hub.cursor, shared.head)
        if hub.cursor == 0 { hub.transition = nil }
        hub.epoch = epoch
        hub.registration = nil
        hub.isNewsTold = false
        outboxAfter = 0
        outboxTold = 0
        forwarded = VersionVector()
        exchange = Exchange()
        try storeHub(db)
        try store.reload(db)
        try store.own(replica, db)
        // What this hub has compared is what both epochs have.
        confirmed = min(confirmed, store.receipts[replica]?.acknowledged ?? 0)
        try setMeta("confirmed", Int64(bitPattern: confirmed), db)
        try forgetQuarantine(db)
        lost = LostChanges()
        let unbounded = try noteLost(db)
        var touched = Touched()
        let writer = EntryWriter(store)
        for key in Set(records + unbounded).sorted() {
            try writer.refold(key, db)
            guard writer.count >= 500 else { continue }
            touched.add(writer.touched)
            try writer.flush(db)
        }
        touched.add(writer.touched)
        try writer.flush(db)
        return touched
    }

    /// What the hub numbered beyond a sequence, and the records that hold such numbers.
    private func numbers(
        beyond head: UInt64,
        _ db: Database
    ) throws -> (numbers: [ReplicaID: Receipts], records: [RecordKey]) {
        var runs: [ReplicaID: [Receipts.Run]] = [:]
        for (replica, receipts) in store.receipts {
            runs[replica] = receipts.runs.compactMap { $0.part(beyond: head) }
        }
        var records: Set<Int64> = []
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, replica, counter, record, sequence, entry FROM log
                WHERE sequence > ?
                """,
            arguments: [Int64(clamping: head)]
        )
        while let row = try rows.next() {
            let read = try store.logRow(row.copy(), db)
            records.insert(read.recordNumber)
            let item = Batch.Item(entry: read.entry, sequence: read.sequence)
            if let run = item.receipt { runs[read.entry.dot.replica, default: []].append(run) }
        }
        var numbers: [ReplicaID: Receipts] = [:]
        for (replica, found) in runs {
            var receipts = Receipts()
            for run in found.sorted(by: { ($0.first, $0.count) < ($1.first, $1.count) }) {
                do {
                    try receipts.append(run, allowingGap: true)
                } catch {
                    throw StoreError(.corrupt, "the numbers of \(replica) are damaged: \(error)")
                }
            }
            if !receipts.runs.isEmpty { numbers[replica] = receipts }
        }
        return (numbers, try records.sorted().compactMap { try store.key(of: $0, db) })
    }

    private func forgetNumbers(beyond shared: EarlierLives.Shared, _ db: Database) throws {
        let head = Int64(clamping: shared.head)
        try db.execute(sql: "UPDATE log SET sequence = 0 WHERE sequence > ?", arguments: [head])
        try db.execute(sql: "DELETE FROM receipt WHERE sequence > ?", arguments: [head])
        // A run may begin before and end beyond; a change stands on one side.
        try db.execute(
            sql: """
                UPDATE receipt SET count = (? - sequence + 1) / entries
                WHERE sequence + count * entries - 1 > ?
                """,
            arguments: [head, head]
        )
        try db.execute(sql: "DELETE FROM receipt WHERE count <= 0")
        try db.execute(
            sql: "UPDATE record SET hub = NULL WHERE hub > ?",
            arguments: [Int64(clamping: shared.records)]
        )
    }

    /// What was held apart goes up again too, where the hub may not have it: it is told again then.
    private func forgetQuarantine(_ db: Database) throws {
        let received = store.receipts[replica]?.acknowledged ?? 0
        try db.execute(
            sql: "DELETE FROM quarantine WHERE replica = ? AND counter > ?",
            arguments: [
                try store.names.number(of: replica, db), Int64(bitPattern: received),
            ]
        )
        quarantinedThrough = min(quarantinedThrough, received)
    }

    /// Writes down which changes of others have no number now.
    ///
    /// What has none has no bound either: the hub will bound its time anew.
    ///
    /// - Returns: the records of which something is no longer bounded.
    private func noteLost(_ db: Database) throws -> [RecordKey] {
        try db.execute(sql: "DELETE FROM lost")
        let numbers = try Int64.fetchAll(db, sql: "SELECT number FROM log WHERE sequence = 0")
        var unbounded: [RecordKey] = []
        var parts: [Dot: (here: UInt32, of: UInt32)] = [:]
        // Changes without actions: notes of the hub as it was.
        var notes: [Dot] = []
        for number in numbers {
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT number, replica, counter, record, sequence, entry FROM log
                        WHERE number = ?
                        """
                ),
                arguments: [number]
            )
            guard let read = try row.map({ try store.logRow($0, db) }) else { continue }
            let dot = read.entry.dot
            guard !store.bundles.contains(dot.replica),
                store.receipts[dot.replica]?.sequence(of: dot.counter) == nil
            else { continue }
            if read.bound != nil {
                unbounded.append(read.entry.record)
                let blob = try EntryCodec.encode(read.entry, bound: nil, names: &store.names, db)
                try db.cachedStatement(sql: "UPDATE log SET entry = ? WHERE number = ?")
                    .run(.blob(blob), .integer(number))
            }
            guard dot.replica != replica else { continue }
            if read.entry.actions.isEmpty {
                notes.append(dot)
            } else {
                parts[dot, default: (0, read.entry.parts)].here += 1
            }
        }
        // Nobody needs a note, but for what that hub said after it: it is taken without a gap.
        var last = VersionVector()
        for dot in parts.keys { last.insert(dot) }
        for dot in notes where dot.counter < last[dot.replica] { parts[dot] = (1, 1) }
        for (dot, parts) in parts.sorted(by: { $0.key < $1.key }) {
            try lost.add(dot, waits: parts.here == parts.of, store, db)
        }
        for (replica, last) in lost.last.sorted(by: { $0.key < $1.key }) {
            try store.learnFromPeer(Dot(replica, last), db)
        }
        return unbounded
    }

    /// Whether a change is here with all its parts.
    func isWhole(_ dot: Dot, _ db: Database) throws -> Bool {
        let rows = try rows(of: dot, db)
        return rows.first.map { Int($0.entry.parts) == rows.count } ?? false
    }
}

extension Receipts.Run {
    /// The changes whose numbers lie beyond a sequence; nil for none.
    fileprivate func part(beyond head: UInt64) -> Receipts.Run? {
        let kept = head < sequence ? 0 : min(count, (head - sequence + 1) / entries)
        guard kept < count else { return nil }
        return Receipts.Run(
            first: first + kept,
            count: count - kept,
            sequence: sequence + kept * entries,
            entries: entries
        )
    }
}
