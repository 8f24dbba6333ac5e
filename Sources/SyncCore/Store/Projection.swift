import GRDB
import Replication

/// The query tables of a record type: typed columns, full text and places, derived from the records.
///
/// Tables of a type `finding`: `q_finding` ($record and columns), `f_finding` (FTS5, without content),
/// `r_finding` (R*Tree). They are kept in the transaction that writes the record, and can be dropped
/// and made again at any time.
struct Projection {
    /// Grows when the tables are made in another way; older ones are then made again.
    static let version = 2

    let schema: RecordSchema
    let columns: [FieldSchema]
    let searchable: [FieldSchema]

    init(_ schema: RecordSchema) {
        self.schema = schema
        columns = schema.fields.filter {
            !$0.policy.isCollection && !$0.query.isDisjoint(with: [.indexed, .column])
        }
        searchable = schema.fields.filter { $0.query.contains(.searchable) }
    }

    var isEmpty: Bool { columns.isEmpty && searchable.isEmpty && schema.place == nil }

    /// What the tables hold of one record; nil where it is not visible.
    struct Content: Equatable {
        var values: [DatabaseValue]
        var text: String
        var place: Place?
    }

    struct Place: Equatable {
        var latitude: Double
        var longitude: Double
    }

    func content(of view: RecordView) -> Content? {
        guard view.lifecycle.isVisible else { return nil }
        let values = columns.map { Projection.databaseValue(view.value(of: $0.number, in: schema)) }
        let text = searchable.flatMap { field -> [String] in
            if field.policy.isCollection {
                return view.members(of: field.number)
                    .compactMap {
                        if case .text(let text) = $0.slot.element, field.policy == .addWinsSet {
                            return text
                        }
                        return Projection.text(of: $0.value)
                    }
            }
            return Projection.text(of: view.value(of: field.number, in: schema)).map { [$0] } ?? []
        }
        return Content(
            values: values,
            text: text.map(SearchText.indexed).joined(separator: " "),
            place: place(of: view)
        )
    }

    private func place(of view: RecordView) -> Place? {
        guard let place = schema.place,
            let latitude = degrees(view.value(of: place.latitude, in: schema), place.latitude),
            let longitude = degrees(view.value(of: place.longitude, in: schema), place.longitude),
            abs(latitude) <= 90, abs(longitude) <= 180
        else { return nil }
        return Place(latitude: latitude, longitude: longitude)
    }

    private func degrees(_ value: FieldValue, _ field: UInt32) -> Double? {
        switch (value, schema.field(field)?.kind) {
        case (.scaled(let units), .scaled(let scale)?):
            var divisor = 1.0
            for _ in 0..<scale { divisor *= 10 }
            return Double(units) / divisor
        case (.real(let value), _): return value
        default: return nil
        }
    }

    private static func text(of value: FieldValue) -> String? {
        switch value {
        case .text(let text), .json(let text): withoutZero(text)
        default: nil
        }
    }

    /// A text up to a U+0000, at which SQLite would end it.
    ///
    /// None is recorded here; a peer's JSON may hold one.
    private static func withoutZero(_ text: String) -> String {
        guard let end = text.utf8.firstIndex(of: 0) else { return text }
        return String(text[..<end])
    }

    static func databaseValue(_ value: FieldValue) -> DatabaseValue {
        switch value {
        case .null, .group: .null
        case .boolean(let value): value.databaseValue
        case .integer(let value), .scaled(let value), .timestamp(let value): value.databaseValue
        // Not a number has no place in an order, and an infinite one is none either.
        case .real(let value): value.isFinite ? value.databaseValue : .null
        case .text(let value), .json(let value): withoutZero(value).databaseValue
        case .bytes(let value): value.data.databaseValue
        case .reference(let key): ValueCodec.bytes(of: key.id).data.databaseValue
        }
    }

    func createTables(_ db: Database) throws {
        if !columns.isEmpty {
            let list = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
            try db.execute(
                sql: "CREATE TABLE \"q_\(schema.name)\"(\"$record\" INTEGER PRIMARY KEY, \(list))"
            )
            for field in columns where field.query.contains(.indexed) {
                try db.execute(
                    sql: """
                        CREATE INDEX "q_\(schema.name)_\(field.name)"
                        ON "q_\(schema.name)"("\(field.name)")
                        """
                )
            }
        }
        if !searchable.isEmpty {
            try db.execute(
                sql: """
                    CREATE VIRTUAL TABLE "f_\(schema.name)"
                    USING fts5(text, content='', tokenize="unicode61 categories 'L* M* N* P* S* C*'")
                    """
            )
        }
        if schema.place != nil {
            try db.execute(
                sql: """
                    CREATE VIRTUAL TABLE "r_\(schema.name)"
                    USING rtree(record, south, north, west, east)
                    """
            )
        }
    }

    static func dropTables(_ db: Database) throws {
        let names = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table'
                AND (name GLOB 'q_*' OR ((name GLOB 'f_*' OR name GLOB 'r_*') AND sql LIKE 'CREATE VIRTUAL%'))
                ORDER BY name
                """
        )
        for name in names { try db.execute(sql: "DROP TABLE \"\(name)\"") }
    }

    /// Brings the tables from what they hold to what they should hold.
    func update(_ number: Int64, from old: Content?, to new: Content?, _ db: Database) throws {
        guard !isEmpty, old != new else { return }
        if !columns.isEmpty, old?.values != new?.values {
            if let new {
                let marks = String(repeating: ", ?", count: columns.count)
                try db.cachedStatement(
                    sql: "INSERT OR REPLACE INTO \"q_\(schema.name)\" VALUES (?\(marks))"
                )
                .run([.integer(number)] + new.values.map { BoundValue($0) })
            } else {
                try db.cachedStatement(
                    sql: "DELETE FROM \"q_\(schema.name)\" WHERE \"$record\" = ?"
                )
                .run(.integer(number))
            }
        }
        if !searchable.isEmpty, old?.text != new?.text {
            try updateText(number, from: old?.text ?? "", to: new?.text ?? "", db)
        }
        if schema.place != nil, old?.place != new?.place {
            try updatePlace(number, to: new?.place, db)
        }
    }

    private func updateText(
        _ number: Int64,
        from old: String,
        to new: String,
        _ db: Database
    ) throws {
        if !old.isEmpty {
            // A table without content must be told what to forget.
            try db.cachedStatement(
                sql: """
                    INSERT INTO "f_\(schema.name)"("f_\(schema.name)", rowid, text)
                    VALUES ('delete', ?, ?)
                    """
            )
            .run(.integer(number), .text(old))
        }
        if !new.isEmpty {
            try db.cachedStatement(
                sql: "INSERT INTO \"f_\(schema.name)\"(rowid, text) VALUES (?, ?)"
            )
            .run(.integer(number), .text(new))
        }
    }

    private func updatePlace(_ number: Int64, to place: Place?, _ db: Database) throws {
        if let place {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO \"r_\(schema.name)\" VALUES (?, ?, ?, ?, ?)"
            )
            .run(
                .integer(number),
                .real(place.latitude),
                .real(place.latitude),
                .real(place.longitude),
                .real(place.longitude)
            )
        } else {
            try db.cachedStatement(sql: "DELETE FROM \"r_\(schema.name)\" WHERE record = ?")
                .run(.integer(number))
        }
    }
}
