package import GRDB
import Replication

extension StoreMaintenance {
    /// Compares every record with what its history adds up to, and the query tables with the
    /// records: columns and places by content, full text by the number of words.
    ///
    /// And the log with what is said of it: every row is in its record's chain, and no more is known
    /// or acknowledged than there is.
    package static func compare(
        _ store: RecordStore,
        _ db: Database,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [Difference] {
        var differences: [Difference] = []
        var chained = 0
        let numbers = try Int64.fetchAll(db, sql: "SELECT number FROM record ORDER BY number")
        for (index, number) in numbers.enumerated() {
            guard let record = try store.load(number, db) else { continue }
            for problem in try problems(of: record, store, db, &chained) {
                differences.append(Difference(key: record.key, problem: problem))
            }
            if (index + 1) % 500 == 0 { progress(index + 1, numbers.count) }
        }
        for schema in store.schema.records {
            differences += try strayRows(of: Projection(schema), db)
        }
        return differences + (try logProblems(store, chained: chained, db))
    }

    static func logProblems(
        _ store: RecordStore,
        chained: Int,
        _ db: Database
    ) throws -> [Difference] {
        var problems: [String] = []
        let rows = try Int.fetchOne(db, sql: "SELECT count(*) FROM log") ?? 0
        if rows != chained {
            problems.append("\(rows) entries, of which \(chained) belong to a record's history")
        }
        let counters = try Row.fetchAll(
            db,
            sql: """
                SELECT id, max(log.counter) FROM log JOIN replica ON replica.number = log.replica
                GROUP BY id ORDER BY id
                """
        )
        for row in counters {
            let replica = ReplicaID(UInt64(bitPattern: try row.value(0)))
            let last = try row.natural(1)
            if last > store.knowledge[replica] {
                problems.append("holds change \(last) of \(replica), which is not counted")
            }
        }
        for (replica, receipts) in store.receipts.sorted(by: { $0.key < $1.key })
        where receipts.acknowledged > store.knowledge[replica] {
            problems.append(
                "the hub acknowledged change \(receipts.acknowledged) of \(replica), "
                    + "of which \(store.knowledge[replica]) are known"
            )
        }
        return problems.map {
            Difference(key: RecordKey(type: 0, id: .named("log")), problem: $0)
        }
    }

    static func problems(
        of record: LoadedRecord,
        _ store: RecordStore,
        _ db: Database,
        _ chained: inout Int
    ) throws -> [String] {
        var problems: [String] = []
        let departure = try store.departure(of: record.number, db) ?? 0
        let whole = try store.wholeHistory(of: record, db)
        chained += whole.count
        let history = whole.filter { $0.number > departure }
        let (state, ancestors) = store.fold(history, schema: record.schema)
        if state != record.state {
            problems.append("state differs from the log")
        } else if ancestors != record.ancestors {
            problems.append("text ancestors differ from the log")
        }
        let view = record.view
        let marks = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT lifecycle, conflicts FROM record WHERE number = ?"),
            arguments: [record.number]
        )
        if marks?[0] != view.lifecycle.code { problems.append("lifecycle differs from the state") }
        if marks?[1] != view.conflicts.count {
            problems.append("the number of conflicts differs from the state")
        }
        if let projection = store.projections[record.key.type] {
            problems += try self.problems(of: record.number, projection, view, db)
        }
        return problems
    }

    private static func problems(
        of number: Int64,
        _ projection: Projection,
        _ view: RecordView,
        _ db: Database
    ) throws -> [String] {
        let content = projection.content(of: view)
        let name = projection.schema.name
        var problems: [String] = []
        if !projection.columns.isEmpty {
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM \"q_\(name)\" WHERE \"$record\" = ?"),
                arguments: [number]
            )
            if row.map({ Array($0.databaseValues.dropFirst()) }) != content?.values {
                problems.append("query columns differ from the state")
            }
        }
        if projection.schema.place != nil {
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT south, north, west, east FROM \"r_\(name)\" WHERE record = ?"
                ),
                arguments: [number]
            )
            if try !holds(row, content?.place) { problems.append("place differs from the state") }
        }
        if !projection.searchable.isEmpty {
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT sz FROM \"f_\(name)_docsize\" WHERE id = ?"),
                arguments: [number]
            )
            let words = content.map { UInt64($0.text.split(separator: " ").count) } ?? 0
            // FTS5 writes its own kind of varint: it is the same as ours below 128, and a longer
            // text is compared by being there.
            let size = try row?.bytes(0) ?? []
            let isSame = words < 128 ? size == (words == 0 ? [] : [UInt8(words)]) : size.count > 1
            if !isSame { problems.append("full text differs from the state") }
        }
        return problems
    }

    /// Whether the tree's box, rounded outward to 32 bits, is the place's.
    private static func holds(_ row: Row?, _ place: Projection.Place?) throws -> Bool {
        guard let row, let place else { return row == nil && place == nil }
        let box = try (0..<4).map { try row.value($0) as Double }
        let slack = 0.000_1
        return box[0] <= place.latitude && place.latitude <= box[1] && box[1] - box[0] < slack
            && box[2] <= place.longitude && place.longitude <= box[3] && box[3] - box[2] < slack
    }

    /// Rows of query tables that belong to no record of the type.
    static func strayRows(
        of projection: Projection,
        _ db: Database
    ) throws -> [Difference] {
        let schema = projection.schema
        var tables: [(table: String, column: String)] = []
        if !projection.columns.isEmpty { tables.append(("q_\(schema.name)", "$record")) }
        if schema.place != nil { tables.append(("r_\(schema.name)", "record")) }
        if !projection.searchable.isEmpty { tables.append(("f_\(schema.name)_docsize", "id")) }
        return try tables.flatMap { table, column in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT "\(column)" FROM "\(table)" WHERE "\(column)" NOT IN
                    (SELECT number FROM record WHERE type = ?)
                    """,
                arguments: [Int64(schema.number)]
            )
            .map {
                Difference(
                    key: RecordKey(type: schema.number, id: .named("row \($0)")),
                    problem: "\(table) holds a row that belongs to no record"
                )
            }
        }
    }
}
