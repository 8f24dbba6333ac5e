package import GRDB
import Replication

extension RecordStore {
    /// Takes out of a record's rows the writes that the collections in its history let go of.
    ///
    /// Done already, it changes nothing.
    ///
    /// - Returns: how many bytes the rows have become smaller.
    @discardableResult
    package func collectRows(of record: LoadedRecord, _ db: Database) throws -> Int {
        let rows = try wholeHistory(of: record, db)
        var freed = 0
        for collection in rows.map(\.entry) {
            for case .collect(let fields) in collection.actions {
                let past = past(of: collection)
                let base = collection.context.base
                // What the hub has not numbered up to there stands nowhere else: it stays whole.
                let seen = rows.filter { row in
                    guard let sequence = sequence(of: row), sequence <= base else { return false }
                    return past.contains(row.entry.dot, sequence: sequence)
                }
                // As in the state: what was sealed stays whole.
                guard !seen.contains(where: \.entry.isSealing) else { continue }
                for row in seen { freed += try collect(row, keeping: fields, db) }
            }
        }
        return freed
    }

    private func collect(
        _ row: LogRow,
        keeping fields: [UInt32],
        _ db: Database
    ) throws -> Int {
        let skeleton = row.entry.collected(keeping: fields)
        guard skeleton != row.entry else { return 0 }
        let before = try EntryCodec.encode(row.entry, bound: row.bound, names: &names, db)
        let after = try EntryCodec.encode(skeleton, bound: row.bound, names: &names, db)
        // SQLite leaves the page of a row that an update makes smaller as empty as it is; a row that
        // is taken out and put in again shares one with others.
        let rest = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT replica, counter, record, previous, sequence FROM log WHERE number = ?"
            ),
            arguments: [row.number]
        )
        guard let rest else { return 0 }
        try db.cachedStatement(sql: "DELETE FROM log WHERE number = ?")
            .execute(arguments: [row.number])
        try db.cachedStatement(sql: "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)")
            .run(
                .integer(row.number),
                .integer(try rest.value(0)),
                .integer(try rest.value(1)),
                .integer(try rest.value(2)),
                .integer(try rest.value(3)),
                .integer(try rest.value(4)),
                .blob(after)
            )
        return before.count - after.count
    }
}

extension LogEntry {
    fileprivate var isSealing: Bool {
        actions.contains { if case .seal = $0 { true } else { false } }
    }
}
