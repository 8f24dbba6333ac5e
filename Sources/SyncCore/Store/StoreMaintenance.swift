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
        let oldMerge: String? = try db.meta("schema_merge")
        let oldQuery: String? = try db.meta("schema_query")
        if oldMerge != merge || oldQuery != query {
            if oldMerge != nil { Mark.schemaAdopted.hit() }
            if oldMerge != nil, oldMerge != merge { Mark.historiesRefolded.hit() }
            try rebuild(store, foldHistories: oldMerge != nil && oldMerge != merge, db)
            try db.setMeta("schema_merge", merge)
            try db.setMeta("schema_query", query)
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
                // A record whose state is not stored stays so.
                try db.cachedStatement(
                    sql: """
                        UPDATE record SET lifecycle = ?, conflicts = ?,
                        state = CASE WHEN state IS NULL THEN NULL ELSE ? END WHERE number = ?
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
        // Concatenated texts, which are searched, tell their times in the schema's zone.
        "tables \(Projection.version), zone \(schema.timeZoneMinutes)\n"
            + schema.records
            .map { record in
                "\(record.name):"
                    + record.fields.map { "\($0.name)=\($0.query.rawValue)\($0.kind)" }
                    .joined(separator: ",")
                    + ";\(record.place.map { "\($0.latitude),\($0.longitude)" } ?? "")"
            }
            .joined(separator: "\n")
    }
}
