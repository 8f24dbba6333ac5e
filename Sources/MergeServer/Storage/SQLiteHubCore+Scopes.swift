import GRDB
import SyncCore

extension SQLiteHubCore {
    /// The scope that everyone has.
    static let everyone = "*"

    /// Brings the scope tables up to the entries just applied.
    ///
    /// Each touched record's scopes are computed anew from all values that stand in its scope fields,
    /// siblings included. An entry is listed under the scopes before and after it, so that those who
    /// lose the record learn of it too.
    func scopes(
        _ writer: EntryWriter,
        _ touched: [(key: RecordKey, sequence: UInt64)],
        _ db: Database
    ) throws {
        var latest: [RecordKey: UInt64] = [:]
        for (key, sequence) in touched { latest[key] = sequence }
        var before: [RecordKey: [Int64]] = [:]
        var after: [RecordKey: [Int64]] = [:]
        for key in writer.touched {
            guard let record = writer.record(key), let sequence = latest[key] else { continue }
            before[key] = try scopes(of: record.number, db)
            after[key] = try update(record, at: sequence, writer, db)
        }
        for (key, sequence) in touched {
            guard let number = writer.record(key)?.number else { continue }
            let scopes = Set((before[key] ?? []) + (after[key] ?? [])).sorted()
            for scope in scopes { try list(sequence, number, in: scope, db) }
        }
    }

    func scopes(of record: Int64, _ db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT scope FROM record_scope WHERE record = ?"),
            arguments: [record]
        )
    }

    /// Computes a record's scopes, stores what changed, and does the same for its descendants when
    /// it did.
    ///
    /// Returns the scopes after.
    private func update(
        _ record: LoadedRecord,
        at sequence: UInt64,
        _ writer: EntryWriter,
        _ db: Database
    ) throws -> [Int64] {
        let target: [Int64]
        switch record.schema.scope {
        case .everyone: target = [try scopeNumber(Self.everyone, db)]
        case .fields(let fields):
            target = try scopeNames(record, fields).map { try scopeNumber($0, db) }
        case .parent(let field):
            target = try parentScopes(record, field, writer, db)
        }
        let current = try scopes(of: record.number, db)
        if current.isEmpty { try adoptOrphans(of: record, db) }
        guard Set(current) != Set(target) else { return target }
        try replace(current, by: target, of: record.number, at: sequence, db)
        try moveChildren(of: record.number, from: current, to: target, at: sequence, db)
        return target
    }

    private func scopeNames(_ record: LoadedRecord, _ fields: [UInt32]) -> [String] {
        var names: Set<String> = []
        for field in fields {
            guard let schema = record.schema.field(field) else { continue }
            let slot = SlotKey(record.schema.group(of: field)?.first ?? field)
            for sibling in record.state.slot(slot)?.siblings ?? [] {
                guard case .text(let value) = sibling.value else { continue }
                names.insert("\(schema.name)=\(value)")
            }
        }
        return names.sorted()
    }

    private func parentScopes(
        _ record: LoadedRecord,
        _ field: UInt32,
        _ writer: EntryWriter,
        _ db: Database
    ) throws -> [Int64] {
        guard case .reference(let key) = record.view.value(of: field, in: record.schema) else {
            return []
        }
        guard let parent = try writer.current(key, db) else {
            // The parent's author has not synced yet.
            try db.cachedStatement(sql: "DELETE FROM record_parent WHERE record = ?")
                .execute(arguments: [record.number])
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO record_orphan VALUES (?, ?, ?)")
                .execute(arguments: [record.number, Int64(key.type), store.identity(of: key)])
            return []
        }
        try db.cachedStatement(sql: "DELETE FROM record_orphan WHERE record = ?")
            .execute(arguments: [record.number])
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO record_parent VALUES (?, ?)")
            .execute(arguments: [record.number, parent.number])
        return try scopes(of: parent.number, db)
    }

    /// The records that came before this one, their parent, are its children now.
    private func adoptOrphans(of parent: LoadedRecord, _ db: Database) throws {
        let arguments: StatementArguments = [
            Int64(parent.key.type), store.identity(of: parent.key),
        ]
        let orphans = try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT record FROM record_orphan WHERE type = ? AND identity = ?"
            ),
            arguments: arguments
        )
        for record in orphans {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO record_parent VALUES (?, ?)")
                .execute(arguments: [record, parent.number])
            try db.cachedStatement(sql: "DELETE FROM record_orphan WHERE record = ?")
                .execute(arguments: [record])
        }
    }

    private func replace(
        _ current: [Int64],
        by target: [Int64],
        of record: Int64,
        at sequence: UInt64,
        _ db: Database
    ) throws {
        for scope in current where !target.contains(scope) {
            try db.cachedStatement(
                sql: "DELETE FROM record_scope WHERE record = ? AND scope = ?"
            )
            .execute(arguments: [record, scope])
        }
        for scope in target where !current.contains(scope) {
            try db.cachedStatement(sql: "INSERT INTO record_scope VALUES (?, ?, ?)")
                .execute(arguments: [record, scope, Int64(bitPattern: sequence)])
        }
    }

    /// Records that follow their parent move with it, however deep; a cycle ends at the depth limit.
    private func moveChildren(
        of parent: Int64,
        from old: [Int64],
        to new: [Int64],
        at sequence: UInt64,
        depth: Int = 0,
        _ db: Database
    ) throws {
        guard depth < 16 else { return }
        let children = try Int64.fetchAll(
            db,
            sql: "SELECT record FROM record_parent WHERE parent = ? ORDER BY record",
            arguments: [parent]
        )
        for child in children {
            let current = try scopes(of: child, db)
            guard Set(current) != Set(new) else { continue }
            try replace(current, by: new, of: child, at: sequence, db)
            for scope in Set(current + new).sorted() {
                try list(sequence, child, in: scope, db)
            }
            try moveChildren(of: child, from: current, to: new, at: sequence, depth: depth + 1, db)
        }
    }

    /// Lists an entry under a scope: the scope's own dense position counts them.
    private func list(
        _ sequence: UInt64,
        _ record: Int64,
        in scope: Int64,
        _ db: Database
    ) throws {
        let exists = try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT 1 FROM scope_entry WHERE scope = ? AND sequence = ? AND record = ?
                    """
            ),
            arguments: [scope, Int64(bitPattern: sequence), record]
        )
        guard exists == nil else { return }
        let position = try Int64.fetchOne(
            db.cachedStatement(
                sql: "UPDATE scope SET head = head + 1 WHERE number = ? RETURNING head"
            ),
            arguments: [scope]
        )
        try db.cachedStatement(sql: "INSERT INTO scope_entry VALUES (?, ?, ?, ?)")
            .execute(
                arguments: [scope, Int64(bitPattern: sequence), record, position ?? 0]
            )
    }

    func scopeNumber(_ name: String, _ db: Database) throws -> Int64 {
        if let number = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM scope WHERE name = ?"),
            arguments: [name]
        ) {
            return number
        }
        try db.execute(sql: "INSERT INTO scope(name) VALUES (?)", arguments: [name])
        return db.lastInsertedRowID
    }
}
