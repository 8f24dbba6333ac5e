import GRDB
import Replication

extension ReplicaCore {
    /// A request as it goes out, and what stands in it.
    struct Prepared {
        var bytes: [UInt8]
        var changes: Int
        var waiting: Int
    }

    /// Makes the next request: who we are, how far we have come, and the oldest waiting changes.
    func prepare(
        pushBytesMax: Int,
        pullBytesMax: UInt64?,
        holdSeconds: UInt64?,
        dictionary: CompressionDictionary?
    ) throws -> Prepared {
        try read { db in
            #if FIELD_MUTANTS
            // Away for over a day: what waits is discarded.
            if Mutant.isOn(.m10), let last = hub.lastSyncAt, environment.now() - last > 86_400_000 {
                quarantinedThrough = max(quarantinedThrough, store.knowledge[replica])
            }
            #endif
            let dictionary = isDictionaryRefused ? nil : dictionary
            let acknowledged = self.acknowledged
            var request = SyncRequest(
                caller: caller(acknowledged: acknowledged, dictionary: dictionary),
                cursor: hub.cursor,
                held: hub.isRefetching ? VersionVector() : heldPeers,
                unplaced: hub.isRefetching ? VersionVector() : store.unplaced,
                pullBytesMax: pullBytesMax,
                holdSeconds: holdSeconds
            )
            request.epoch = hub.epoch
            if !hub.isNewsTold, !store.lives.isEmpty { request.news = EpochNews(of: store.lives) }
            let push = try pushRows(bytesMax: pushBytesMax, rowsMax: 4_000, db)
            exchange = Exchange(
                comparedThrough: acknowledged,
                peers: push.isCut ? VersionVector() : unforwardedPeers,
                held: request.held,
                unplaced: request.unplaced,
                scopes: hub.scopes,
                usesDictionary: dictionary != nil
            )
            exchange.hasNews = !request.news.isEmpty
            for row in push.rows {
                if row.entry.dot.replica == replica {
                    exchange.comparedThrough = row.entry.dot.counter
                } else if lost.contains(row.entry.dot) {
                    if exchange.lost.last != row.entry.dot { exchange.lost.append(row.entry.dot) }
                } else {
                    exchange.peers.insert(row.entry.dot)
                }
                request.push.entries.append(
                    Batch.Item(
                        entry: row.entry,
                        recordNumber: try store.hubNumber(of: row.entry.record, db)
                    )
                )
            }
            let dots = request.push.entries.map(\.entry.dot)
            return Prepared(
                bytes: request.encoded(dictionary: dictionary),
                changes: zip(dots, dots.dropFirst()).count { $0 != $1 } + (dots.isEmpty ? 0 : 1),
                waiting: waiting
            )
        }
    }

    private func caller(
        acknowledged: UInt64,
        dictionary: CompressionDictionary?
    ) -> SyncRequest.Caller {
        if let registration = hub.registration, hub.transition == nil {
            return .registered(number: registration.number, tag: registration.tag)
        }
        return .introduction(
            SyncRequest.Introduction(
                replica: replica,
                epoch: hub.epoch,
                schemaVersion: store.schema.version,
                acknowledged: acknowledged,
                dictionaryVersion: dictionary?.version ?? 0,
                scopes: hub.scopes,
                transition: hub.transition
            )
        )
    }

    /// Applies an answer: one transaction, all or nothing.
    ///
    /// - Throws: `SyncError` for an answer that cannot be followed; the store is as it was.
    func apply(
        _ bytes: [UInt8],
        dictionary: CompressionDictionary?
    ) throws -> (outcome: SyncSession.Outcome, touched: Touched) {
        var result = SyncSession.Outcome()
        var touched = Touched()
        try checkSpace(forAnswerOf: bytes.count)
        #if FIELD_MUTANTS
        if Mutant.isOn(.m4) { try moveCursor(for: bytes, dictionary: dictionary) }
        defer { if Mutant.isOn(.m5) { try? moveCursor(for: bytes, dictionary: dictionary) } }
        #endif
        try write { db in
            let response = try decode(bytes, dictionary: dictionary, db)
            switch response.status {
            case .done where isOfAnotherEpoch(response):
                result.ahead = 1
            case .done where isOvertaken(by: response):
                touched = try followOvertaking(response, &result, db)
            case .done: touched = try applyDone(response, &result, db)
            case .introduce:
                result.moved = hub.registration != nil
                hub.registration = nil
                try storeHub(db)
                result.ahead = 1
            case .fork(let counter):
                touched = try reincarnate(from: counter, db)
                result.moved = true
                result.reincarnatedAs = replica.description
                result.ahead = 1
            case .busy(let milliseconds): result.busy = milliseconds
            case .gap(let expected):
                // Nothing that this hub ever numbered can be relied on.
                guard acknowledged > 0, let epoch = hub.epoch else {
                    throw SyncError(
                        .refused,
                        "the hub expects this device's change \(expected) next; tell its operator"
                    )
                }
                touched = try follow(epoch, sharing: .nothing, keepsNumbers: false, db)
                result.moved = true
                result.ahead = 1
            case .refused(1, _) where exchange.usesDictionary:
                // It may not know this version of the dictionary: ask again without one.
                isDictionaryRefused = true
                hub.registration = nil
                try storeHub(db)
                result.ahead = 1
            case .refused(_, let message): throw SyncError(.refused, "the hub says: \(message)")
            case .newEpoch(let epoch):
                touched = try follow(epoch, born: response.news.births, db)
                result.moved = true
                result.ahead = 1
            }
            result.waiting = waiting
        }
        return (result, touched)
    }

    /// A peer told this device of an epoch while its first request was under way, and the hub is in
    /// another: the next request names the peer's, and the hub says what became of it.
    private func isOfAnotherEpoch(_ response: SyncResponse) -> Bool {
        guard let mine = hub.epoch, let epoch = response.registration?.epoch else { return false }
        return mine != epoch
    }

    #if FIELD_MUTANTS
    /// Saves how far an answer goes, whatever becomes of its entries.
    private func moveCursor(
        for bytes: [UInt8],
        dictionary: CompressionDictionary?
    ) throws {
        try write { db in
            let response = try decode(bytes, dictionary: dictionary, db)
            guard response.status == .done, hub.transition == nil else { return }
            let through = max(hub.cursor, response.through)
            if Mutant.isOn(.m5) { hub.cursor = through }
            try setMeta("cursor", Int64(bitPattern: through), db)
        }
    }
    #endif

    /// Reads an answer; what the disk does meanwhile is not told as the hub's fault.
    private func decode(
        _ bytes: [UInt8],
        dictionary: CompressionDictionary?,
        _ db: Database
    ) throws -> SyncResponse {
        var created: [UInt64: CreatedRecord] = [:]
        var failure: (any Error)?
        do {
            return try SyncResponse.decode(
                bytes,
                dictionaries: dictionary.map { [$0] } ?? [],
                epoch: hub.epoch,
                receiving: { created = CreatedRecord.byNumber($0) },
                skippingEntries: { isOvertaken(by: $0) },
                resolve: { number in
                    do {
                        return try store.key(ofHubNumber: number, db)
                            ?? created[number].flatMap { try record($0, db) }
                    } catch {
                        failure = error
                        return nil
                    }
                }
            )
        } catch {
            throw failure ?? error
        }
    }

    /// A record that a change of this device, or of a peer, created.
    private struct CreatedRecord {
        var dot: Dot
        var part: UInt32

        /// The records to which receipts give numbers.
        static func byNumber(
            _ receipts: [SyncResponse.ReplicaReceipts]
        ) -> [UInt64: CreatedRecord] {
            var result: [UInt64: CreatedRecord] = [:]
            for receipt in receipts {
                for record in receipt.records {
                    let dot = Dot(receipt.replica, record.counter)
                    result[record.number] = CreatedRecord(dot: dot, part: record.part)
                }
            }
            return result
        }
    }

    private func record(_ created: CreatedRecord, _ db: Database) throws -> RecordKey? {
        try rows(of: created.dot, db).first { $0.entry.part == created.part }?.entry.record
    }

    /// The log rows of one change, which the hub has not acknowledged before if it is an own one.
    func rows(of dot: Dot, _ db: Database) throws -> [RecordStore.LogRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number > ? AND replica = ? AND counter = ? ORDER BY number
                    """
            ),
            arguments: [
                dot.replica == replica ? outboxAfter : 0,
                try store.names.number(of: dot.replica, db), Int64(bitPattern: dot.counter),
            ]
        )
        .map { try store.logRow($0, db) }
    }

    func applyDone(
        _ response: SyncResponse,
        _ result: inout SyncSession.Outcome,
        _ db: Database
    ) throws -> Touched {
        guard response.through >= hub.cursor else {
            throw SyncError(.invalidAnswer, "the hub's answer goes back behind our cursor")
        }
        let before = acknowledged
        let receiptsBefore = store.receipts
        let isBringing = !forwarded.descends(from: exchange.peers)
        forwarded.merge(exchange.peers)
        var touched = try dropLostBranches(meeting: response.entries, db)
        let writer = EntryWriter(store)
        if let epoch = response.registration?.epoch { store.epoch = epoch }
        let renumbered = try store.add(response.news, since: 0, db).records
        for receipts in response.receipts { try apply(receipts, db) }
        for receipts in response.receipts {
            try apply(receipts.bounds, of: receipts.replica, writer, db)
        }
        for number in response.leaves {
            try leave(number, through: response.through, writer, db)
        }
        result.entries = try apply(response.entries, through: response.through, writer, db)
        for key in renumbered { try writer.refold(key, db) }
        touched.add(writer.touched)
        try writer.flush(db)
        for item in response.quarantined { try quarantine(item, db) }
        result.quarantined = response.quarantined.count
        result.moved =
            response.through > hub.cursor || response.registration != nil
            || acknowledged > before || isBringing
            || !response.quarantined.isEmpty || !exchange.lost.isEmpty
        hub.cursor = response.through
        hub.isNewsTold = hub.isNewsTold || exchange.hasNews
        try lost.settle(exchange.lost, before: receiptsBefore, self, db)
        try store.placed(exchange.unplaced, through: exchange.held, db)
        hub.lastSyncAt = environment.now()
        followSubscription(response, &result)
        let acknowledged = self.acknowledged
        try moveOutbox(db)
        try storeHub(db)
        try store.persistOwn(db)
        result.acknowledged = Int(clamping: acknowledged - before)
        let ahead = response.head - response.through
        result.ahead = hub.transition == nil ? ahead : max(ahead, 1)
        if result.ahead == 0, hub.isRefetching {
            hub.isRefetching = false
            try storeHub(db)
        }
        try closeDerivedIdentity(&result, db)
        return touched
    }

    /// Looks no further back than to the own changes of which the hub has told everything.
    ///
    /// Their places may come earlier, by way of a peer; the numbers of the records that they made and
    /// the bounds of their times come when the cursor passes them, and are looked for from here.
    private func moveOutbox(_ db: Database) throws {
        let told = min(store.receipts[replica]?.acknowledged(through: hub.cursor) ?? 0, confirmed)
        guard told > outboxTold else { return }
        outboxTold = told
        let number = try store.names.number(of: replica, db)
        let last = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT max(number) FROM log WHERE number > ? AND replica = ? AND counter <= ?
                    """
            ),
            arguments: [outboxAfter, number, Int64(bitPattern: told)]
        )
        if let last { outboxAfter = last }
    }

    private func quarantine(_ item: SyncResponse.Quarantined, _ db: Database) throws {
        guard item.counter > 0, item.counter <= store.knowledge[replica] else {
            throw SyncError(.invalidAnswer, "the hub holds a change apart that is not here")
        }
        // Of a change that the request did not bring, it is another's under the same number.
        guard item.counter <= comparedThrough else { return }
        let number = try store.names.number(of: replica, db)
        try db.execute(
            sql: """
                INSERT INTO quarantine(replica, counter, reason, entry)
                SELECT ?, ?, ?, x'' WHERE NOT EXISTS
                (SELECT 1 FROM quarantine WHERE replica = ? AND counter = ?)
                """,
            arguments: [
                number, Int64(bitPattern: item.counter), item.reason, number,
                Int64(bitPattern: item.counter),
            ]
        )
        quarantinedThrough = max(quarantinedThrough, item.counter)
    }
}
