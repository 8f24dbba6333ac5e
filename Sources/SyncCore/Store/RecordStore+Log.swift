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
        let recordNumber: Int64 = row[3]
        guard let key = try known ?? key(of: recordNumber, db) else {
            throw StoreError(
                .corrupt,
                "log entry \(row[0] as Int64) names a record that is not there"
            )
        }
        let dot = Dot(
            try names.replica(row[1], db),
            UInt64(bitPattern: row[2] as Int64)
        )
        let (entry, bound) = try EntryCodec.decode(
            row.bytes(5),
            dot: dot,
            record: key,
            names: &names,
            db
        )
        return LogRow(
            number: row[0],
            recordNumber: recordNumber,
            sequence: UInt64(bitPattern: row[4] as Int64),
            bound: bound,
            entry: entry
        )
    }

    /// A record's history in causal order: the hub's order, then what it has not numbered.
    ///
    /// The rows are chained from the record's last one; O(entries of this record).
    package func history(of record: LoadedRecord, _ db: Database) throws -> [LogRow] {
        var rows: [LogRow] = []
        var next = record.last
        while next != 0 {
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT number, replica, counter, record, sequence, entry, previous
                            FROM log WHERE number = ?
                            """
                    ),
                    arguments: [next]
                )
            else {
                throw StoreError(.corrupt, "log entry \(next) is missing from a record's chain")
            }
            let previous: Int64 = row[6]
            guard previous < next else {
                throw StoreError(.corrupt, "log entry \(next) is chained to a later one")
            }
            rows.append(try logRow(row, of: record.key, db))
            next = previous
        }
        return rows.reversed().enumerated()
            .sorted { left, right in
                let l = sequence(of: left.element)
                let r = sequence(of: right.element)
                switch (l, r) {
                case (let l?, let r?) where l != r: return l < r
                case (_?, nil): return true
                case (nil, _?): return false
                default: return left.offset < right.offset
                }
            }
            .map(\.element)
    }

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

    package func contains(_ dot: Dot, sequence: UInt64?) -> Bool {
        past.contains(dot, sequence: sequence ?? receipts[dot.replica]?.sequence(of: dot.counter))
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
