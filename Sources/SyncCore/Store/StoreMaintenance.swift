package import GRDB
import Replication

/// Making the projection again from the log, and comparing it with what is there.
package enum StoreMaintenance {
    /// A record whose stored state is not what its history adds up to.
    package struct Difference: Sendable {
        package let key: RecordKey
        package let problem: String
    }

    /// Remakes what depends on the schema when the schema has changed since the store was written.
    package static func adoptSchema(_ store: RecordStore, _ db: Database) throws {
        let merge = mergeSignature(store.schema)
        let query = querySignature(store.schema)
        let oldMerge = try String.fetchOne(
            db,
            sql: "SELECT value FROM meta WHERE key = 'schema_merge'"
        )
        let oldQuery = try String.fetchOne(
            db,
            sql: "SELECT value FROM meta WHERE key = 'schema_query'"
        )
        if oldMerge != merge || oldQuery != query {
            try rebuild(store, foldHistories: oldMerge != nil && oldMerge != merge, db)
            for (key, value) in [("schema_merge", merge), ("schema_query", query)] {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                    arguments: [key, value]
                )
            }
        }
    }

    /// Drops the query tables and makes them again from the records; with `foldHistories`, makes
    /// the records again from the log first.
    package static func rebuild(
        _ store: RecordStore,
        foldHistories: Bool,
        _ db: Database,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws {
        try Projection.dropTables(db)
        for record in store.schema.records { try Projection(record).createTables(db) }
        let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM record") ?? 0
        var done = 0
        var after: Int64 = 0
        while true {
            let numbers = try Int64.fetchAll(
                db,
                sql: "SELECT number FROM record WHERE number > ? ORDER BY number LIMIT 500",
                arguments: [after]
            )
            guard let last = numbers.last else { break }
            for number in numbers {
                guard var record = try store.load(number, db) else { continue }
                if foldHistories {
                    let history = try store.history(of: record, db)
                    (record.state, record.ancestors) =
                        store.fold(history, schema: record.schema)
                }
                let view = record.view
                let blob = try StateCodec.encode(
                    record.state,
                    ancestors: record.ancestors,
                    names: &store.names,
                    db
                )
                try db.cachedStatement(
                    sql: """
                        UPDATE record SET lifecycle = ?, conflicts = ?, state = ? WHERE number = ?
                        """
                )
                .execute(
                    arguments: [view.lifecycle.code, view.conflicts.count, blob.data, number]
                )
                if let projection = store.projections[record.key.type] {
                    try projection.update(number, from: nil, to: projection.content(of: view), db)
                }
            }
            done += numbers.count
            after = last
            progress(done, total)
        }
    }

    /// Compares every record's stored state with its history, and the query tables' row counts.
    package static func compare(
        _ store: RecordStore,
        _ db: Database,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [Difference] {
        var differences: [Difference] = []
        let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM record") ?? 0
        var done = 0
        let numbers = try Int64.fetchAll(db, sql: "SELECT number FROM record ORDER BY number")
        for number in numbers {
            guard let record = try store.load(number, db) else { continue }
            let history = try store.history(of: record, db)
            let (state, ancestors) = store.fold(history, schema: record.schema)
            if state != record.state {
                differences.append(
                    Difference(key: record.key, problem: "state differs from the log")
                )
            } else if ancestors != record.ancestors {
                differences.append(
                    Difference(key: record.key, problem: "text ancestors differ from the log")
                )
            }
            if let projection = store.projections[record.key.type], !projection.columns.isEmpty {
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT * FROM \"q_\(projection.schema.name)\" WHERE record = ?",
                    arguments: [number]
                )
                let found = row.map { Array($0.databaseValues.dropFirst()) }
                if found != projection.content(of: record.view)?.values {
                    differences.append(
                        Difference(key: record.key, problem: "query columns differ from the state")
                    )
                }
            }
            done += 1
            if done % 500 == 0 { progress(done, total) }
        }
        return differences
    }

    private static func mergeSignature(_ schema: Schema) -> String {
        schema.records
            .map { record in
                "\(record.number):"
                    + record.fields.map { "\($0.number)=\($0.policy)" }.joined(separator: ",")
                    + ";\(record.groups);\(String(describing: record.unlistedFields))"
                    + ";\(record.concurrentDelete)"
            }
            .joined(separator: "\n")
    }

    private static func querySignature(_ schema: Schema) -> String {
        schema.records
            .map { record in
                "\(record.name):"
                    + record.fields.map { "\($0.name)=\($0.query.rawValue)" }.joined(separator: ",")
                    + ";\(record.place.map { "\($0.latitude),\($0.longitude)" } ?? "")"
            }
            .joined(separator: "\n")
    }
}
