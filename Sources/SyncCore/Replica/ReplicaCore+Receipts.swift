import GRDB
import Replication

extension ReplicaCore {
    /// Notes where the hub put changes, and the numbers of the records that they made.
    func apply(
        _ receipts: SyncResponse.ReplicaReceipts,
        _ db: Database
    ) throws {
        guard let last = receipts.runs.last?.end,
            receipts.replica == replica
                || last - 1 <= max(store.knowledge[receipts.replica], 0)
        else {
            throw SyncError(.invalidAnswer, "receipts of changes that this device has not")
        }
        if receipts.replica == replica, last - 1 > store.knowledge[replica] {
            throw SyncError(.invalidAnswer, "receipts of changes that this device never made")
        }
        if receipts.replica == replica { confirmed = max(confirmed, last - 1) }
        try add(receipts.runs, of: receipts.replica, db)
        try number(receipts.records, of: receipts.replica, db)
    }

    func add(_ runs: [Receipts.Run], of replica: ReplicaID, _ db: Database) throws {
        do {
            try store.add(runs, of: replica, db)
        } catch let refusal as Receipts.Refusal {
            throw SyncError(.invalidAnswer, "receipts contradict earlier ones: \(refusal)")
        }
    }

    /// Notes the hub's numbers of records that these changes created.
    ///
    /// One pass over the log rows of the changes; of each only the part number is read.
    private func number(
        _ records: [SyncResponse.RecordNumber],
        of replica: ReplicaID,
        _ db: Database
    ) throws {
        guard let first = records.map(\.counter).min(), let last = records.map(\.counter).max()
        else { return }
        var numbers: [EntryPlace: UInt64] = [:]
        for record in records {
            numbers[EntryPlace(counter: record.counter, part: record.part)] = record.number
        }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT counter, record, substr(entry, 1, 8) FROM log
                    WHERE number > ? AND replica = ? AND counter BETWEEN ? AND ?
                    """
            ),
            arguments: [
                replica == self.replica ? outboxAfter : 0,
                try store.names.number(of: replica, db), Int64(bitPattern: first),
                Int64(bitPattern: last),
            ]
        )
        while let row = try rows.next() {
            let place = EntryPlace(
                counter: try row.natural(0),
                part: try EntryCodec.part(row.bytes(2))
            )
            guard let number = numbers[place] else { continue }
            try db.cachedStatement(sql: "UPDATE record SET hub = ? WHERE number = ?")
                .run(BoundValue(number), .integer(try row.value(1)))
        }
    }

    private struct EntryPlace: Hashable {
        var counter: UInt64
        var part: UInt32
    }

    /// The hub's clock says that changes were written later than they can have been.
    ///
    /// One pass over the log rows of the changes, however many there are.
    func apply(
        _ bounds: [SyncResponse.Bound],
        of replica: ReplicaID,
        _ writer: EntryWriter,
        _ db: Database
    ) throws {
        guard let first = bounds.map(\.counter).min(), let last = bounds.map(\.counter).max()
        else { return }
        var times: [UInt64: HybridTimestamp] = [:]
        for bound in bounds { times[bound.counter] = bound.timestamp }
        let places = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT number, counter FROM log
                    WHERE number > ? AND replica = ? AND counter BETWEEN ? AND ? ORDER BY number
                    """
            ),
            arguments: [
                replica == self.replica ? outboxAfter : 0,
                try store.names.number(of: replica, db), Int64(bitPattern: first),
                Int64(bitPattern: last),
            ]
        )
        var bounded: [RecordKey] = []
        var isBounded: Set<RecordKey> = []
        for place in places {
            guard let time = times[try place.natural(1)],
                let key = try bound(try place.value(0), by: time, writer, db)
            else { continue }
            if isBounded.insert(key).inserted { bounded.append(key) }
        }
        // A choice that the unbounded times had made may fall otherwise now: fold anew, also where
        // the rows have their bounds already, because another record's choice may have come before.
        for key in bounded {
            try writer.amend(key, db) { record in
                let history = try store.history(of: record, db)
                (record.state, record.ancestors) = store.fold(history, schema: record.schema)
            }
        }
    }

    /// Lowers the time of one log row; returns its record.
    private func bound(
        _ number: Int64,
        by time: HybridTimestamp,
        _ writer: EntryWriter,
        _ db: Database
    ) throws -> RecordKey? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number = ?
                    """
            ),
            arguments: [number]
        )
        guard let row else { return nil }
        Mark.timeBounded.hit()
        // A record that this page has brought is not written yet.
        let logRow = try store.logRow(row, of: writer.key(ofRecord: try row.value(3)), db)
        let blob = try EntryCodec.encode(logRow.entry, bound: time, names: &store.names, db)
        try db.cachedStatement(sql: "UPDATE log SET entry = ? WHERE number = ?")
            .run(.blob(blob), .integer(number))
        return logRow.entry.record
    }
}
