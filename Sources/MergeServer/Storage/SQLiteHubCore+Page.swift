import GRDB
import SyncCore

extension SQLiteHubCore {
    /// The rows of one page may not be more than this.
    private static let rowsMax = 20_000

    func page(
        for replica: RegisteredReplica,
        cursor: UInt64,
        held: VersionVector,
        bytesMax: Int
    ) throws -> HubPage {
        try read { db in
            var page = HubPage()
            page.head = head
            guard cursor <= head else {
                throw SyncError(.newEpoch, "the device has seen more than the hub has")
            }
            page.through = cursor
            if bytesMax > 0, cursor < head {
                let scopes = try scopeNumbers(of: replica.scopes, db)
                if let scopes {
                    try fillScoped(&page, replica, cursor, scopes, held, bytesMax, db)
                } else {
                    try fillAll(&page, replica, cursor, held, bytesMax, db)
                }
            }
            try addReceipts(&page, of: replica.replica, after: cursor, through: head, db)
            for entry in held.entries where entry.replica != replica.replica {
                try addReceipts(
                    &page,
                    of: entry.replica,
                    after: cursor,
                    through: head,
                    counterMax: entry.counter,
                    db
                )
            }
            return page
        }
    }

    /// The scopes a device sees, nil for all.
    private func scopeNumbers(of names: [String], _ db: Database) throws -> [Int64]? {
        guard !names.isEmpty else { return nil }
        var numbers: [Int64] = []
        for name in names + [Self.everyone] {
            let number = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT number FROM scope WHERE name = ?"),
                arguments: [name]
            )
            if let number { numbers.append(number) }
        }
        return numbers
    }

    // MARK: Everything

    private func fillAll(
        _ page: inout HubPage,
        _ replica: RegisteredReplica,
        _ cursor: UInt64,
        _ held: VersionVector,
        _ bytesMax: Int,
        _ db: Database
    ) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number > ? ORDER BY number LIMIT ?
                    """
            ),
            arguments: [Int64(bitPattern: cursor), Self.rowsMax + 1]
        )
        var size = 0
        var count = 0
        var last: LogEntry?
        while let row = try rows.next() {
            let read = try store.logRow(row.copy(), db)
            if read.entry.dot != last?.dot, size > bytesMax { return }
            count += 1
            last = read.entry
            page.through = read.sequence
            guard isWanted(read.entry.dot, replica, held) else { continue }
            size += row.bytesCount
            page.entries.entries.append(
                item(read, introducesRecord: read.entry.actions.contains(.create))
            )
        }
        if count > Self.rowsMax, let last { dropTornChange(last, from: &page) }
    }

    /// The row limit may have cut the last change; it waits for the next page, whole.
    ///
    /// A page ends where a change ends, so that a base never lies inside one.
    private func dropTornChange(_ last: LogEntry, from page: inout HubPage) {
        guard last.part + 1 < last.parts else { return }
        page.entries.entries.removeAll { $0.entry.dot == last.dot }
        page.through -= UInt64(last.part) + 1
    }

    private func isWanted(
        _ dot: Dot,
        _ replica: RegisteredReplica,
        _ held: VersionVector
    ) -> Bool {
        dot.replica != replica.replica && !held.contains(dot)
    }

    private func item(_ row: RecordStore.LogRow, introducesRecord: Bool) -> Batch.Item {
        Batch.Item(
            entry: row.entry,
            recordNumber: UInt64(bitPattern: row.recordNumber),
            introducesRecord: introducesRecord,
            sequence: row.sequence,
            bound: row.bound
        )
    }

    // MARK: Scopes

    private func fillScoped(
        _ page: inout HubPage,
        _ replica: RegisteredReplica,
        _ cursor: UInt64,
        _ scopes: [Int64],
        _ held: VersionVector,
        _ bytesMax: Int,
        _ db: Database
    ) throws {
        let list = scopes.map(String.init).joined(separator: ", ")
        let found = try Row.fetchAll(
            db,
            sql: """
                SELECT DISTINCT sequence, record FROM scope_entry
                WHERE scope IN (\(list)) AND sequence > ? ORDER BY sequence, record LIMIT ?
                """,
            arguments: [Int64(bitPattern: cursor), Self.rowsMax]
        )
        page.through = found.count < Self.rowsMax ? head : cursor
        var visible: [Int64: Visibility] = [:]
        var entering: [[RecordStore.LogRow]] = []
        var size = 0
        var lastDot: Dot?
        for row in found {
            let sequence: Int64 = row[0]
            let number: Int64 = row[1]
            let isFull = size > bytesMax
            let state: Visibility
            if let known = visible[number] {
                state = known
            } else {
                state = try visibility(of: number, scopes: list, cursor: cursor, db)
                visible[number] = state
                if state == .entered {
                    entering.append(try history(of: number, for: replica, held, db))
                    size += entering[entering.count - 1].reduce(0) { $0 + $1.entry.approximateSize }
                }
                if state == .left { page.leaves.append(UInt64(bitPattern: number)) }
            }
            let entry = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT number, replica, counter, record, sequence, entry FROM log
                        WHERE number = ?
                        """
                ),
                arguments: [sequence]
            )
            guard let entry else { throw StoreError(.corrupt, "log entry \(sequence) is missing") }
            let read = try store.logRow(entry, db)
            if isFull, read.entry.dot != lastDot {
                // Where this change begins: parts before this one may be out of scope.
                page.through = read.sequence - UInt64(read.entry.part) - 1
                break
            }
            lastDot = read.entry.dot
            size += entry.bytesCount
            if found.count == Self.rowsMax {
                page.through = read.sequence - UInt64(read.entry.part) - 1
            }
            // A move of the parent lists a record under an entry that is not its own.
            guard state == .held, read.recordNumber == number,
                isWanted(read.entry.dot, replica, held)
            else { continue }
            page.entries.entries.append(item(read, introducesRecord: false))
        }
        let through = page.through
        page.entries.entries.removeAll { $0.sequence > through }
        for history in entering { introduce(history, through: page.through, &page) }
        page.entries.entries.sort { $0.sequence < $1.sequence }
    }

    private enum Visibility { case held, entered, left }

    /// Whether a record is in these scopes now, and whether it was at the cursor.
    private func visibility(
        of record: Int64,
        scopes: String,
        cursor: UInt64,
        _ db: Database
    ) throws -> Visibility {
        let since = try Int64.fetchOne(
            db,
            sql: "SELECT min(since) FROM record_scope WHERE record = ? AND scope IN (\(scopes))",
            arguments: [record]
        )
        guard let since else { return .left }
        return UInt64(bitPattern: since) <= cursor ? .held : .entered
    }

    /// A record's whole history, as far as the device has not got it.
    private func history(
        of number: Int64,
        for replica: RegisteredReplica,
        _ held: VersionVector,
        _ db: Database
    ) throws -> [RecordStore.LogRow] {
        guard let record = try store.load(number, db) else { return [] }
        return try store.history(of: record, db)
            .filter {
                isWanted($0.entry.dot, replica, held)
            }
    }

    /// Sends a record's history up to a sequence.
    private func introduce(
        _ history: [RecordStore.LogRow],
        through: UInt64,
        _ page: inout HubPage
    ) {
        for row in history where row.sequence <= through {
            page.entries.entries.append(item(row, introducesRecord: true))
        }
    }

    func transitionPage(
        for replica: RegisteredReplica,
        cursor: UInt64,
        transition: SyncRequest.Transition,
        bytesMax: Int
    ) throws -> HubPage {
        try read { db in
            var page = HubPage()
            page.head = head
            page.through = cursor
            let to = try scopeNumbers(of: replica.scopes, db)
            let from = try scopeNumbers(of: transition.from, db)
            let touched = try records(listedUnder: from, after: cursor, db)
            let numbers = try Int64.fetchAll(
                db,
                sql: "SELECT number FROM record WHERE number > ? ORDER BY number LIMIT 5000",
                arguments: [Int64(bitPattern: transition.after)]
            )
            page.transitionThrough = numbers.count < 5_000 ? 0 : UInt64(bitPattern: numbers[4_999])
            var size = 0
            for number in numbers {
                let isIn = try to.map { try isListed(number, under: $0, by: .max, db) } ?? true
                let wasIn = try from.map { try isListed(number, under: $0, by: cursor, db) } ?? true
                if isIn, !wasIn {
                    let rows = try history(of: number, for: replica, VersionVector(), db)
                    size += rows.reduce(0) { $0 + $1.entry.approximateSize }
                    introduce(rows, through: cursor, &page)
                } else if !isIn, wasIn || touched.contains(number) {
                    page.leaves.append(UInt64(bitPattern: number))
                    size += 4
                }
                if size > bytesMax {
                    page.transitionThrough = UInt64(bitPattern: number)
                    break
                }
            }
            page.entries.entries.sort { $0.sequence < $1.sequence }
            return page
        }
    }

    /// The records that were in these scopes at some time after the cursor: the device may have
    /// them, wherever they have gone since.
    private func records(
        listedUnder scopes: [Int64]?,
        after cursor: UInt64,
        _ db: Database
    ) throws -> Set<Int64> {
        guard let scopes else { return [] }
        return try Int64.fetchSet(
            db,
            sql: """
                SELECT record FROM scope_entry
                WHERE scope IN (\(scopes.map(String.init).joined(separator: ", "))) AND sequence > ?
                """,
            arguments: [Int64(bitPattern: cursor)]
        )
    }

    /// Whether a record is in one of these scopes, and has been since this sequence or before.
    private func isListed(
        _ record: Int64,
        under scopes: [Int64],
        by sequence: UInt64,
        _ db: Database
    ) throws -> Bool {
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT scope, since FROM record_scope WHERE record = ?"),
            arguments: [record]
        )
        return rows.contains {
            scopes.contains($0[0]) && UInt64(bitPattern: $0[1] as Int64) <= sequence
        }
    }

    // MARK: Receipts

    /// Adds where a replica's changes stand, newest runs first read, until the cursor.
    private func addReceipts(
        _ page: inout HubPage,
        of replica: ReplicaID,
        after cursor: UInt64,
        through: UInt64,
        counterMax: UInt64 = .max,
        _ db: Database
    ) throws {
        guard store.knowledge[replica] > 0 else { return }
        let number = try store.replicaNumber(of: replica, db)
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT first, count, sequence, entries FROM receipt
                    WHERE replica = ? ORDER BY first DESC
                    """
            ),
            arguments: [number]
        )
        var runs: [Receipts.Run] = []
        while let row = try rows.next() {
            var run = Receipts.Run(
                first: UInt64(bitPattern: row[0]),
                count: UInt64(bitPattern: row[1]),
                sequence: UInt64(bitPattern: row[2]),
                entries: UInt64(bitPattern: row[3])
            )
            guard let end = run.sequenceEnd, end > cursor + 1 else { break }
            guard run.clip(after: cursor, through: through, counterMax: counterMax) else {
                continue
            }
            runs.append(run)
        }
        guard !runs.isEmpty else { return }
        var receipts = SyncResponse.ReplicaReceipts(
            replica: replica,
            runs: runs.reversed(),
            bounds: [],
            records: []
        )
        for run in receipts.runs { try addDetails(of: run, to: &receipts, db) }
        page.receipts.append(receipts)
    }

    /// Bounds of the run's changes, and the numbers of the records it created.
    private func addDetails(
        of run: Receipts.Run,
        to receipts: inout SyncResponse.ReplicaReceipts,
        _ db: Database
    ) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number >= ? AND number < ? ORDER BY number
                    """
            ),
            arguments: [
                Int64(bitPattern: run.sequence), Int64(bitPattern: run.sequenceEnd ?? 0),
            ]
        )
        while let row = try rows.next() {
            let read = try store.logRow(row.copy(), db)
            let counter = read.entry.dot.counter
            if let bound = read.bound, receipts.bounds.last?.counter != counter {
                receipts.bounds.append(.init(counter: counter, timestamp: bound))
            }
            if read.entry.actions.contains(.create) {
                receipts.records.append(
                    .init(
                        counter: counter,
                        part: read.entry.part,
                        number: UInt64(bitPattern: read.recordNumber)
                    )
                )
            }
        }
    }
}

extension Receipts.Run {
    /// Keeps the changes whose sequences lie in (after, through] and whose counters are at most
    /// `counterMax`; false when none is left.
    fileprivate mutating func clip(
        after: UInt64,
        through: UInt64,
        counterMax: UInt64
    ) -> Bool {
        while count > 0, sequence <= after {
            first += 1
            sequence += entries
            count -= 1
        }
        while count > 0, sequence + count * entries - 1 > through || first + count - 1 > counterMax
        {
            count -= 1
        }
        return count > 0
    }
}

extension Row {
    /// The size of a log row's blob.
    fileprivate var bytesCount: Int {
        (self[5] as DatabaseValue).storage.blobCount + 16
    }
}

extension DatabaseValue.Storage {
    fileprivate var blobCount: Int {
        if case .blob(let data) = self { data.count } else { 0 }
    }
}
