import GRDB
import SyncCore

/// How deleted records are closed and their content collected; `docs/collection.md` says why.
extension SQLiteHubCore {
    /// What becomes of a deleted record now.
    enum CollectionVerdict {
        /// The time to bring it back is over.
        case close
        /// Everybody knows that; its content goes.
        case collect
        /// It was deleted too recently.
        case young
        /// Somebody has not heard yet that it is closed.
        case waiting
        /// It is evidence.
        case stays
        /// This hub does not know what it is; a newer one may.
        case unknown
    }

    /// Looks at the next deleted records, in one transaction.
    ///
    /// - Returns: where to go on; nil when there are no more.
    func compact(
        after record: Int64,
        _ contacts: [HubContact],
        _ options: HubCompaction.Options,
        now: Int64,
        into report: inout HubCompaction
    ) throws -> Int64? {
        var step = report
        let last = try write { db -> Int64? in
            try updateRoster(contacts, now: now, db)
            try noteTime(head, at: clock.latest.wallTime, before: nil, db)
            step.stable = try stable(db)
            step.holders = try roster(db)
                .filter { $0.retiredAt == nil && $0.seen <= step.stable && $0.seen < head }
                .map(\.replica)
            let numbers = try deletedRecords(after: record, limit: options.recordsMax, db)
            var append = Append(core: self, replica: replica, isTrusted: true, now: now)
            var done: [(record: Int64, last: Int64)] = []
            for number in numbers {
                guard let record = try store.load(number, db) else { continue }
                switch try verdict(on: record, step.stable, options, now: now, db) {
                case .close:
                    step.closed += 1
                    if options.isDryRun { continue }
                    try append.say(.close, of: record.key, db)
                case .collect:
                    step.collected += 1
                    let fields = record.schema.fieldsThatStay
                    if options.isDryRun {
                        step.bytes += try bytesToCollect(of: record, keeping: fields, db)
                        continue
                    }
                    let row = try append.say(.collect(keeping: fields), of: record.key, db)
                    done.append((number, row))
                case .young: step.young += 1
                case .waiting: step.waiting += 1
                case .stays: if !options.isDryRun { done.append((number, record.last)) }
                case .unknown: break
                }
            }
            step.bytes += append.bytesCollected
            try append.finish(db)
            for (number, last) in done {
                try db.cachedStatement(sql: "INSERT OR REPLACE INTO collection VALUES (?, ?)")
                    .execute(arguments: [number, last])
            }
            step.head = head
            return numbers.count < options.recordsMax ? nil : numbers.last
        }
        report = step
        return last
    }

    /// Deleted records of which something may have to be done.
    private func deletedRecords(
        after record: Int64,
        limit: Int,
        _ db: Database
    ) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT number FROM record LEFT JOIN collection ON record = number
                    WHERE number > ? AND lifecycle = 2
                      AND (collection.last IS NULL OR collection.last <> record.last)
                    ORDER BY number LIMIT ?
                    """
            ),
            arguments: [record, limit]
        )
    }

    private func verdict(
        on record: LoadedRecord,
        _ stable: UInt64,
        _ options: HubCompaction.Options,
        now: Int64,
        _ db: Database
    ) throws -> CollectionVerdict {
        guard let schema = store.schema.record(record.key.type) else { return .unknown }
        guard !schema.isLegalFact, !schema.isHubOnly, record.state.seals.isEmpty
        else { return .stays }
        let marks = record.state.marks
        let ends = marks.filter(\.kind.isEnd)
        guard !ends.isEmpty,
            marks.allSatisfy({ $0.contest == nil && !$0.kind.isAlive && $0.kind != .void })
        else { return .stays }
        // Collected by an earlier epoch of this hub, and come back so.
        if marks.allSatisfy({ $0.kind == .collect }) { return .stays }
        let ended = ends.compactMap(\.stamp.sequence).max() ?? .max
        let closed = marks.filter { $0.kind == .close }.compactMap(\.stamp.sequence).max()
        guard let closed, closed > ended else {
            guard let time = try timeOfReceipt(ended, db), now - time >= options.olderThan
            else { return .young }
            return .close
        }
        guard closed <= stable else { return .waiting }
        // What was once evidence stays, whatever became of it later.
        let history = try store.history(of: record, db)
        if history.contains(where: \.entry.isEvidence) { return .stays }
        return history.contains(where: \.entry.isInPartUnknown) ? .unknown : .collect
    }

    private func bytesToCollect(
        of record: LoadedRecord,
        keeping fields: [UInt32],
        _ db: Database
    ) throws -> Int {
        try store.history(of: record, db).map(\.entry)
            .reduce(0) { $0 + $1.approximateSize - $1.collected(keeping: fields).approximateSize }
    }

    /// Gives free pages back to the disk, a few at a time, and cuts the write-ahead log.
    func returnSpace() throws {
        do {
            try file.queue.writeWithoutTransaction { db in
                var free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
                while free > 0 {
                    try db.execute(sql: "PRAGMA incremental_vacuum(256)")
                    let rest = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
                    guard rest < free else { break }
                    free = rest
                }
                _ = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        } catch {
            throw StoreFile.translate(error, path: file.folder)
        }
    }
}

extension RecordSchema {
    /// The fields that stay when a record's content is collected, by growing number.
    ///
    /// Those that place it in its scopes, and those that can only grow.
    fileprivate var fieldsThatStay: [UInt32] {
        var numbers: Set<UInt32> = []
        switch scope {
        case .everyone: break
        case .fields(let fields): numbers.formUnion(fields.map { group(of: $0)?.first ?? $0 })
        case .parent(let field): numbers.insert(group(of: field)?.first ?? field)
        }
        numbers.formUnion(fields.filter(\.policy.isMonotone).map(\.number))
        if unlistedFields?.policy.isMonotone == true { numbers.insert(SlotKey.unlisted) }
        return numbers.sorted()
    }
}

extension LogEntry {
    /// Whether it makes its record evidence.
    fileprivate var isEvidence: Bool {
        actions.contains {
            switch $0 {
            case .seal, .void: true
            default: false
            }
        }
    }

    /// Whether it does what this version does not know.
    fileprivate var isInPartUnknown: Bool {
        actions.contains { if case .unknown = $0 { true } else { false } }
    }
}
