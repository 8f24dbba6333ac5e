package import GRDB
package import Replication

extension RecordStore {
    /// A row of the log, read.
    package struct LogRow {
        package var number: Int64
        package var recordNumber: Int64
        package var sequence: UInt64
        package var bound: HybridTimestamp?
        package var entry: LogEntry
    }

    /// Reads log rows that a statement selects: number, replica, counter, record, sequence, entry.
    package func logRow(
        _ row: Row,
        of known: RecordKey? = nil,
        _ db: Database
    ) throws -> LogRow {
        let stored = StoredEntry(
            number: try row.value(0),
            replica: try row.value(1),
            counter: try row.natural(2),
            record: try row.value(3),
            sequence: try row.natural(4),
            entry: try row.bytes(5),
            previous: 0
        )
        guard let key = try known ?? key(of: stored.record, db) else {
            throw StoreError(
                .corrupt,
                "log entry \(stored.number) names a record that is not there"
            )
        }
        return try logRow(stored, of: key, db)
    }

    /// A row of the log as it stands there.
    private struct StoredEntry {
        let number: Int64
        let replica: Int64
        let counter: UInt64
        let record: Int64
        let sequence: UInt64
        let entry: [UInt8]
        let previous: Int64
    }

    private func logRow(
        _ stored: StoredEntry,
        of key: RecordKey,
        _ db: Database
    ) throws -> LogRow {
        let (entry, bound) = try EntryCodec.decode(
            stored.entry,
            dot: Dot(try names.replica(stored.replica, db), stored.counter),
            record: key,
            names: &names,
            db
        )
        return LogRow(
            number: stored.number,
            recordNumber: stored.record,
            sequence: stored.sequence,
            bound: bound,
            entry: entry
        )
    }

    /// A record's history in causal order: the hub's, with what it has not numbered in its place.
    ///
    /// What came before a record left this device's scopes is not part of it. The rows are chained
    /// from the record's last one; O(entries of this record).
    package func history(of record: LoadedRecord, _ db: Database) throws -> [LogRow] {
        try rows(
            of: record.key,
            last: record.last,
            after: try departure(of: record.number, db) ?? 0,
            db
        )
    }

    /// The same by the record's address, without reading what it adds up to.
    func history(of key: RecordKey, _ db: Database) throws -> [LogRow] {
        guard let place = try place(of: key, db) else { return [] }
        return try rows(
            of: key,
            last: place.last,
            after: try departure(of: place.number, db) ?? 0,
            db
        )
    }

    private func place(
        of key: RecordKey,
        _ db: Database
    ) throws -> (number: Int64, last: Int64)? {
        try db.cachedStatement(
            sql: "SELECT number, last FROM record WHERE type = ? AND identity = ?"
        )
        .first(.integer(Int64(key.type)), .blob(ValueCodec.bytes(of: key.id))) {
            (number: try $0.integer(0), last: try $0.integer(1))
        }
    }

    /// Every row of a record, also those from before it left this device's scopes.
    func wholeHistory(of record: LoadedRecord, _ db: Database) throws -> [LogRow] {
        try rows(of: record.key, last: record.last, after: 0, db)
    }

    private func rows(
        of key: RecordKey,
        last: Int64,
        after departure: Int64,
        _ db: Database
    ) throws -> [LogRow] {
        var rows: [LogRow] = []
        var next = last
        while next > departure {
            guard let stored = try stored(next, db) else {
                throw StoreError(.corrupt, "log entry \(next) is missing from a record's chain")
            }
            guard stored.previous < next else {
                throw StoreError(.corrupt, "log entry \(next) is chained to a later one")
            }
            rows.append(try logRow(stored, of: key, db))
            next = stored.previous
        }
        return rows.count < 2 ? rows : inCausalOrder(rows.reversed())
    }

    /// The reasons of a record's history, of its last row first: of its entries nothing else is read.
    func reasons(of key: RecordKey, _ db: Database) throws -> [String] {
        guard let record = try place(of: key, db) else { return [] }
        let departure = try departure(of: record.number, db) ?? 0
        var reasons: [String] = []
        var next = record.last
        while next > departure {
            let row =
                try db.cachedStatement(sql: "SELECT previous, entry FROM log WHERE number = ?")
                .first(.integer(next)) {
                    (previous: try $0.integer(0), reason: try EntryCodec.reason($0.bytes(1)))
                }
            guard let row, row.previous < next else {
                throw StoreError(.corrupt, "a record's chain breaks at log entry \(next)")
            }
            reasons.append(row.reason)
            next = row.previous
        }
        return reasons
    }

    private func stored(_ number: Int64, _ db: Database) throws -> StoredEntry? {
        try db.cachedStatement(
            sql: """
                SELECT number, replica, counter, record, sequence, entry, previous
                FROM log WHERE number = ?
                """
        )
        .first(.integer(number)) {
            StoredEntry(
                number: try $0.integer(0),
                replica: try $0.integer(1),
                counter: try UInt64(stored: $0.integer(2)),
                record: try $0.integer(3),
                sequence: try UInt64(stored: $0.integer(4)),
                entry: try $0.bytes(5),
                previous: try $0.integer(6)
            )
        }
    }

    /// Orders rows that stand as they came: by the hub's numbers, and each that has none before the
    /// first that had seen it.
    ///
    /// The hub's numbers of own changes come before those of others: they run to the hub's head, and
    /// what the hub holds apart never gets one. So an own change may have a number while one that it
    /// had seen, of a peer or of this store's earlier id, has none.
    private func inCausalOrder(_ rows: [LogRow]) -> [LogRow] {
        var numbered: [(row: LogRow, sequence: UInt64)] = []
        var others: [LogRow] = []
        for row in rows {
            if let sequence = sequence(of: row) {
                numbered.append((row, sequence))
            } else {
                others.append(row)
            }
        }
        numbered.sort { $0.sequence < $1.sequence }
        guard lives.isEmpty else { return inCausalOrder(of: numbered.map(\.row) + others) }
        guard !numbered.isEmpty, !others.isEmpty else { return numbered.map(\.row) + others }
        var before: [Int: [LogRow]] = [:]
        for row in others {
            let place = numbered.firstIndex {
                $0.row.entry.past.contains(row.entry.dot, sequence: nil)
            }
            if place != nil { Mark.foldedBefore.hit() }
            before[place ?? numbered.endIndex, default: []].append(row)
        }
        var ordered: [LogRow] = []
        for (index, item) in numbered.enumerated() {
            ordered += before[index] ?? []
            ordered.append(item.row)
        }
        return ordered + (before[numbered.endIndex] ?? [])
    }

    /// The same where the hub has lived several epochs.
    ///
    /// A change that came back may stand after those that had seen it. Each change waits for what it
    /// had seen, and else stays where it is; having seen need not be transitive. What a collection
    /// had not seen comes after it, as it does in the order of one epoch.
    private func inCausalOrder(of rows: [LogRow]) -> [LogRow] {
        let pasts = rows.map { past(of: $0.entry) }
        let numbers = rows.map { sequence(of: $0) }
        func hasSeen(_ one: Int, _ other: Int) -> Bool {
            one != other && pasts[one].contains(rows[other].entry.dot, sequence: numbers[other])
        }
        var left = Array(rows.indices)
        var ordered: [Int] = []
        while !left.isEmpty {
            let place = left.firstIndex { row in !left.contains { hasSeen(row, $0) } } ?? 0
            ordered.append(left.remove(at: place))
        }
        for row in ordered where rows[row].entry.isCollection {
            guard let end = ordered.firstIndex(of: row) else { continue }
            var before: [Int] = []
            var after: [Int] = []
            for other in ordered[..<end].reversed() {
                let isBefore = hasSeen(row, other) || before.contains { hasSeen($0, other) }
                if isBefore { before.append(other) } else { after.append(other) }
            }
            ordered.replaceSubrange(...end, with: before.reversed() + [row] + after.reversed())
        }
        return ordered.map { rows[$0] }
    }

    /// Chains a record's rows anew, in the order of their numbers; returns the last one's number.
    func chain(_ rows: [LogRow], _ db: Database) throws -> Int64 {
        try chain(rows.map(\.number), db)
    }

    func chain(_ numbers: [Int64], _ db: Database) throws -> Int64 {
        var previous: Int64 = 0
        for number in numbers.sorted() {
            try db.cachedStatement(sql: "UPDATE log SET previous = ? WHERE number = ?")
                .execute(arguments: [previous, number])
            previous = number
        }
        return previous
    }

    // MARK: Departures

    /// The last row of a record before it left this device's scopes, 0 for none; nil when it has
    /// not left.
    func departure(of record: Int64, _ db: Database) throws -> Int64? {
        try db.cachedStatement(sql: "SELECT after FROM departure WHERE record = ?")
            .first(.integer(record)) { try $0.integer(0) }
    }

    /// Notes that a record has left: its state begins anew after this row.
    ///
    /// - `through`: the sequence up to which the hub had told of it.
    func noteDeparture(
        of record: Int64,
        after row: Int64,
        through: UInt64,
        _ db: Database
    ) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO departure VALUES (?, ?, ?)")
            .execute(arguments: [record, row, Int64(bitPattern: through)])
    }

    /// A record comes back with its whole history; returns whether it had left.
    func forgetDeparture(of record: Int64, _ db: Database) throws -> Bool {
        try db.cachedStatement(sql: "DELETE FROM departure WHERE record = ?")
            .execute(arguments: [record])
        return db.changesCount > 0
    }

    // MARK: Folding

    /// The hub's number of an entry, from its row or from the receipts.
    package func sequence(of row: LogRow) -> UInt64? {
        if row.sequence != 0 { return row.sequence }
        guard let first = receipts[row.entry.dot.replica]?.sequence(of: row.entry.dot.counter)
        else { return nil }
        return first + UInt64(row.entry.part)
    }

    /// The stamp that an entry's writes carry in the state.
    package func stamp(of row: LogRow) -> Stamp {
        var stamp = Stamp(
            dot: row.entry.dot,
            sequence: row.sequence == 0 ? nil : row.sequence,
            timestamp: row.entry.timestamp,
            author: row.entry.author
        )
        if let bound = row.bound { stamp.timestamp = min(stamp.timestamp, bound) }
        return stamp
    }

    /// The state that a history adds up to: the projection from scratch.
    package func fold(
        _ history: [LogRow],
        schema: RecordSchema
    ) -> (state: RecordState, ancestors: [SlotKey: String]) {
        var state = RecordState()
        for row in history {
            state.apply(
                row.entry.actions,
                stamp: stamp(of: row),
                past: past(of: row.entry),
                schema: schema
            )
        }
        return (state, ancestors(of: state, schema: schema, history: history))
    }

    /// The common ancestors of the state's text slots with concurrent edits.
    func ancestors(
        of state: RecordState,
        schema: RecordSchema,
        history: [LogRow]
    ) -> [SlotKey: String] {
        var result: [SlotKey: String] = [:]
        for (slot, siblings) in state.mergedTexts(in: schema) {
            let writes = history.compactMap { row in
                TextWrite.text(of: slot, in: row.entry.actions)
                    .map {
                        TextWrite(stamp: stamp(of: row), past: past(of: row.entry), text: $0)
                    }
            }
            let zone = self.schema.timeZoneMinutes
            result[slot] = TextAncestry(of: slot, in: schema, timeZoneMinutes: zone)?
                .ancestor(of: siblings, in: writes)
        }
        return result
    }
}

/// What an entry's writer had seen; changes without a sequence are looked up in the receipts.
package struct ResolvedPast: CausalKnowledge, Sendable {
    let past: CausalPast
    let receipts: [ReplicaID: Receipts]
    let lives: EarlierLives
    let epoch: Epoch?

    package func contains(_ dot: Dot, sequence: UInt64?) -> Bool {
        let number = sequence ?? receipts[dot.replica]?.sequence(of: dot.counter)
        if lives.isEmpty { return past.contains(dot, sequence: number) }
        return past.contains(dot, sequence: nil)
            || lives.isSeen(dot, by: past.context, sequence: number, in: epoch)
    }
}

/// A record as a transaction holds it.
package struct LoadedRecord {
    package var number: Int64
    package let key: RecordKey
    package var hub: Int64?
    package var last: Int64
    package var state: RecordState
    package var ancestors: [SlotKey: String]
    package let schema: RecordSchema
    let timeZoneMinutes: Int

    /// What is shown of it.
    package var view: RecordView {
        RecordView(
            of: state,
            schema: schema,
            timeZoneMinutes: timeZoneMinutes,
            ancestors: ancestors
        )
    }
}
