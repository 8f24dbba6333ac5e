import GRDB
import Replication

/// The rows of a damaged store that can be read, in a new file.
///
/// What is worked out of others (states, query tables, indexes) is not read but made anew.
struct SalvageCopy {
    private let file: StoreFile
    private let store: RecordStore
    /// What could not be read.
    private(set) var losses: [StoreSalvage.Loss] = []
    private var hasReceipts = true

    private struct Table {
        let name: String
        let columns: [String]
        let hasRowNumbers: Bool
    }

    /// How many rows are read at once.
    private static let rowsMax = 2_000
    /// How far beyond the last row that can be read one is looked for.
    private static let stepMax: Int64 = 1 << 40

    /// Reads a file into a folder.
    init(of path: String, in folder: String, schema: Schema) throws {
        file = try StoreFile(folder: folder, mode: .create, disk: StoreDisk(reserveBytes: 0))
        store = RecordStore(schema: schema)
        do {
            let source = try StoreInspection.open(path)
            let queue = file.queue
            try StoreInspection.read(source) { source in
                try queue.writeWithoutTransaction { db in
                    try db.inTransaction {
                        try copy(source, to: db)
                        return .commit
                    }
                }
            }
        } catch {
            throw StoreFile.translate(error, path: path)
        }
    }

    // MARK: Copying

    private mutating func copy(_ source: Database, to db: Database) throws {
        for table in try SalvageCopy.tables(db) {
            let found = try String.fetchOne(
                source,
                sql: "SELECT type FROM sqlite_master WHERE name = ?",
                arguments: [table.name]
            )
            guard found == "table" else {
                lose(table, "the table is gone")
                continue
            }
            if table.hasRowNumbers {
                let before = losses.count
                try copyRows(table, source, db)
                if losses.count > before { fillFromIndex(table, source, db) }
            } else {
                try copyWhole(table, source, db)
            }
            try checkTree(table, source)
        }
        let isHub = try Int.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'is_hub'") == 1
        guard !isHub else {
            throw StoreError(.foreign, "this is a hub's store; what devices hold brings it back")
        }
        try store.reload(db, withReceipts: hasReceipts)
        try dropUnreadable(db)
    }

    /// The tables that hold what is not worked out of others.
    private static func tables(_ db: Database) throws -> [Table] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name, sql LIKE '%WITHOUT ROWID' FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name
                """
        )
        .map { row in
            let name: String = try row.value(0)
            // What a record's history adds up to is folded anew.
            let columns = try db.columns(in: name).map(\.name).filter { $0 != "state" }
            return Table(
                name: name,
                columns: columns,
                hasRowNumbers: (try row.value(1) as Int64) == 0
            )
        }
    }

    private mutating func copyWhole(_ table: Table, _ source: Database, _ db: Database) throws {
        do {
            let rows = try Row.fetchAll(source, sql: "SELECT \(list(table)) FROM \(table.name)")
            for row in rows { insert(row, into: table, db) }
        } catch {
            lose(table, "\(error)")
            if table.name == "receipt" { hasReceipts = false }
        }
    }

    /// Reads row by row where many at once cannot be read, and goes on behind what cannot be read at
    /// all.
    private mutating func copyRows(_ table: Table, _ source: Database, _ db: Database) throws {
        var after: Int64 = 0
        var limit = SalvageCopy.rowsMax
        while true {
            do {
                let rows = try Row.fetchAll(
                    source,
                    sql: """
                        SELECT \(list(table)), rowid FROM \(table.name) NOT INDEXED
                        WHERE rowid > ? ORDER BY rowid LIMIT ?
                        """,
                    arguments: [after, limit]
                )
                guard !rows.isEmpty else { return }
                for row in rows {
                    let number: Int64 = try row.value(table.columns.count)
                    // A damaged tree may lead in a circle.
                    guard number > after else {
                        throw StoreError(.corrupt, "row \(number) comes after row \(after)")
                    }
                    insert(row, into: table, db)
                    after = number
                }
                limit = min(limit * 2, SalvageCopy.rowsMax)
            } catch {
                if limit > 1 {
                    limit /= 2
                    continue
                }
                guard let next = nextRow(of: table, after: after, source) else {
                    return lose(table, "all after row \(after): \(error)")
                }
                lose(table, "rows \(after + 1) to \(next - 1): \(error)")
                after = next - 1
            }
        }
    }

    /// The first row that can be read behind damage; nil where none is found.
    private func nextRow(of table: Table, after: Int64, _ source: Database) -> Int64? {
        func first(from place: Int64) -> Int64? {
            let found = try? Int64.fetchOne(
                source,
                sql: """
                    SELECT rowid FROM \(table.name) NOT INDEXED
                    WHERE rowid >= ? ORDER BY rowid LIMIT 1
                    """,
                arguments: [place]
            )
            guard let found, found >= place else { return nil }
            return found
        }
        var step: Int64 = 2
        while step < SalvageCopy.stepMax, first(from: after &+ step) == nil { step *= 2 }
        guard step < SalvageCopy.stepMax else { return nil }
        var damaged = after + step / 2
        var readable = after + step
        while readable - damaged > 1 {
            let middle = damaged + (readable - damaged) / 2
            if first(from: middle) == nil { damaged = middle } else { readable = middle }
        }
        return first(from: readable)
    }

    private mutating func insert(_ row: Row, into table: Table, _ db: Database) {
        let values = Array(row.databaseValues.prefix(table.columns.count))
        let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
        do {
            try db.cachedStatement(
                sql: "INSERT INTO \(table.name)(\(list(table))) VALUES (\(places))"
            )
            .execute(arguments: StatementArguments(values))
        } catch {
            lose(table, "a row that no store has: \(error)")
        }
    }

    /// Names and their numbers, without which no entry can be read, stand in a unique index too, which
    /// SQLite reads without the table.
    private static let namings = [
        "author": (index: "sqlite_autoindex_author_1", columns: "name", rest: ""),
        "replica": (index: "sqlite_autoindex_replica_1", columns: "id", rest: ", counter"),
        "record": (
            index: "record_by_identity", columns: "type, identity",
            rest: ", last, lifecycle, conflicts"
        ),
    ]

    private mutating func fillFromIndex(_ table: Table, _ source: Database, _ db: Database) {
        guard let naming = SalvageCopy.namings[table.name] else { return }
        let names = "number, " + naming.columns
        let rest = naming.rest.split(separator: ",").map { _ in ", 0" }.joined()
        let places = naming.columns.split(separator: ",").map { _ in ", ?" }.joined()
        do {
            let rows = try Row.fetchAll(
                source,
                sql: "SELECT rowid, \(naming.columns) FROM \(table.name) INDEXED BY \(naming.index)"
            )
            for row in rows {
                try db.cachedStatement(
                    sql: """
                        INSERT OR IGNORE INTO \(table.name)(\(names)\(naming.rest))
                        VALUES (?\(places)\(rest))
                        """
                )
                .execute(arguments: StatementArguments(Array(row.databaseValues)))
            }
        } catch { lose(table, "nor by its index: \(error)") }
    }

    /// A tree that is damaged may hide rows; an index is made anew.
    private mutating func checkTree(_ table: Table, _ source: Database) throws {
        let lines: [String]
        do {
            lines = try String.fetchAll(source, sql: "PRAGMA integrity_check('\(table.name)')")
        } catch { return lose(table, "\(error)") }
        for line in lines where line != "ok" && !line.contains(" index ") { lose(table, line) }
    }

    private func list(_ table: Table) -> String {
        table.columns.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    private mutating func lose(_ table: Table, _ detail: String) {
        losses.append(.rows(table: table.name, detail: detail))
    }

    /// Drops the entries that cannot be read, or whose record, writer or author cannot.
    private mutating func dropUnreadable(_ db: Database) throws {
        let numbers = try Int64.fetchAll(db, sql: "SELECT number FROM log ORDER BY number")
        for number in numbers {
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT \(SalvageCopy.logColumns) FROM log WHERE number = ?"
                ),
                arguments: [number]
            )
            guard let row else { continue }
            do { _ = try store.logRow(row, db) } catch {
                losses.append(.rows(table: "log", detail: "row \(number): \(error)"))
                try db.execute(sql: "DELETE FROM log WHERE number = ?", arguments: [number])
            }
        }
    }

    private static let logColumns = "number, replica, counter, record, sequence, entry"

    // MARK: What becomes of it

    /// Makes everything anew that is worked out of the rows; false where rows are missing.
    mutating func remake() throws -> Bool {
        guard losses.isEmpty else { return false }
        return try file.queue.writeWithoutTransaction { db in
            var isWhole = true
            try db.inTransaction {
                isWhole = try remake(db)
                return .commit
            }
            if isWhole { _ = try db.checkpoint(.truncate) }
            return isWhole
        }
    }

    private mutating func remake(_ db: Database) throws -> Bool {
        let torn = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM record
                LEFT JOIN (SELECT record AS of, max(number) AS newest FROM log GROUP BY record)
                ON of = record.number WHERE last IS NOT coalesce(newest, 0)
                """
        )
        guard torn == 0 else {
            losses.append(
                .rows(table: "log", detail: "the last entries of \(torn ?? 0) records are missing")
            )
            return false
        }
        let empty = try StateCodec.encode(
            RecordState(),
            ancestors: [:],
            names: &store.names,
            db
        )
        // Of a record with one entry the entry is all that is kept.
        try db.execute(
            sql: """
                UPDATE record SET state = CASE
                    WHEN (SELECT previous FROM log WHERE log.number = last) = 0 THEN NULL ELSE ? END
                """,
            arguments: [empty.data]
        )
        try StoreMaintenance.rebuild(store, foldHistories: true, db)
        return true
    }

    /// What the hub has not acknowledged.
    func waiting() throws -> SalvagedChanges {
        do {
            return try file.queue.writeWithoutTransaction { try waiting($0) }
        } catch {
            throw StoreFile.translate(error, path: file.folder)
        }
    }

    private func waiting(_ db: Database) throws -> SalvagedChanges {
        guard let id: Int64 = try db.meta("replica") else {
            throw StoreError(
                .corrupt,
                "whose store it was cannot be read, nor what waits in it; keep the file"
            )
        }
        let own = ReplicaID(UInt64(bitPattern: id))
        try store.own(own, db)
        let hub = try HubStateRow.read(db)
        let after: Int64? = try db.meta("outbox_after")
        let number = try store.names.number(of: own, db)
        let apart = try Int64.fetchOne(
            db,
            sql: "SELECT max(counter) FROM quarantine WHERE replica = ?",
            arguments: [number]
        )
        let placed = store.receipts[own]?.acknowledged ?? 0
        // A peer's word of a place may be of a clone's change: only what the hub has compared counts.
        let confirmed: Int64? = try db.meta("confirmed")
        var acknowledged = max(
            confirmed.map { min(UInt64(bitPattern: $0), placed) } ?? placed,
            try UInt64(stored: apart ?? 0)
        )
        let rows =
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(SalvageCopy.logColumns) FROM log
                    WHERE replica = ? ORDER BY counter, number
                    """,
                arguments: [number]
            )
            .map { try store.logRow($0, db) }
        if !hasReceipts {
            let sent = rows.filter { $0.number <= after ?? 0 }.map(\.entry.dot.counter).max()
            acknowledged = max(acknowledged, sent ?? 0)
        }
        var totals: [RecordKey: [SlotKey: FieldValue]] = [:]
        var parts: [UInt64: [LogEntry]] = [:]
        for entry in rows.map(\.entry) {
            guard entry.dot.counter <= acknowledged else {
                parts[entry.dot.counter, default: []].append(entry)
                continue
            }
            for (slot, value) in store.totals(of: entry) {
                totals[entry.record, default: [:]][slot] = value
            }
        }
        var numbered = VersionVector()
        for (replica, receipts) in store.receipts { numbered[replica] = receipts.acknowledged }
        return SalvagedChanges(
            old: own,
            acknowledged: acknowledged,
            changes: parts.sorted { $0.key < $1.key }.map(\.value),
            numbered: numbered,
            totals: totals,
            epoch: hub.epoch,
            scopes: hub.scopes,
            losses: missing(parts, after: acknowledged, through: store.knowledge[own])
        )
    }

    private func missing(
        _ parts: [UInt64: [LogEntry]],
        after acknowledged: UInt64,
        through last: UInt64
    ) -> [StoreSalvage.Loss] {
        guard acknowledged < last, last - acknowledged < 1 << 32 else { return [] }
        return (acknowledged + 1...last)
            .compactMap { counter in
                let found = parts[counter] ?? []
                let whole = Int(found.first?.parts ?? 0)
                guard found.isEmpty || found.count < whole else { return nil }
                return .change(counter: counter, parts: found.count, of: whole)
            }
    }
}

extension RecordStore {
    /// The running totals of its writer that an entry holds.
    func totals(of entry: LogEntry) -> [(slot: SlotKey, value: FieldValue)] {
        let schema = recordSchema(entry.record.type)
        return entry.actions.compactMap { action in
            guard case .write(let slot, let value) = action, schema.policy(of: slot) == .counter
            else { return nil }
            return (slot, value)
        }
    }
}
