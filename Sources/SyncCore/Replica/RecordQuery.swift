import GRDB
public import Replication

/// Finds records of one type by their indexed columns, full text and place.
public struct RecordQuery: Sendable {
    /// A condition on one field that the schema marks `indexed` or `column`.
    public enum Condition: Sendable {
        /// The field has this value.
        case equals(String, FieldValue)
        /// The field has one of these values; null is one too, where the field was never set.
        case oneOf(String, [FieldValue])
        /// The field is at least this.
        case atLeast(String, FieldValue)
        /// The field is less than this.
        case below(String, FieldValue)
    }

    /// A box on the earth, degrees WGS-84.
    public struct Box: Hashable, Sendable {
        /// The southern edge.
        public var south: Double
        /// The northern edge.
        public var north: Double
        /// The western edge.
        public var west: Double
        /// The eastern edge.
        public var east: Double
        /// Makes a box.
        public init(south: Double, north: Double, west: Double, east: Double) {
            self.south = south
            self.north = north
            self.west = west
            self.east = east
        }
    }

    /// The record type.
    public let schema: RecordSchema
    /// All of these hold.
    public var conditions: [Condition] = []
    /// Words that the searchable fields hold; Chinese by any two adjacent characters.
    public var text: String?
    /// The record's place lies in this box.
    public var box: Box?
    /// The field to order by; by default the order of arrival.
    public var orderedBy: String?
    /// Whether the order is reversed.
    public var descending = false
    /// The most records.
    public var limit: Int?

    /// Makes a query for every visible record of a type.
    public init(_ schema: RecordSchema) { self.schema = schema }

    func run(_ store: RecordStore, _ db: Database) throws -> [RecordKey] {
        var sql = "SELECT record.identity FROM record"
        var filters = [
            "record.type = \(schema.number)",
            "record.lifecycle IN (\(RecordView.Lifecycle.visibleCodes))",
        ]
        var arguments: [DatabaseValue] = []
        if !conditions.isEmpty || orderedBy != nil {
            sql += " JOIN \"q_\(schema.name)\" AS q ON q.\"$record\" = record.number"
        }
        if let box {
            guard schema.place != nil else { throw notQueryable("place") }
            sql += " JOIN \"r_\(schema.name)\" AS r ON r.record = record.number"
            // The tree keeps 32-bit floats, rounded outward; the tiny surplus is harmless in a box.
            filters.append("r.north >= ? AND r.south <= ? AND r.east >= ? AND r.west <= ?")
            arguments += [box.south, box.north, box.west, box.east].map(\.databaseValue)
        }
        if let text {
            guard schema.fields.contains(where: { $0.query.contains(.searchable) }) else {
                throw notQueryable("text")
            }
            guard let expression = SearchText.expression(for: text) else { return [] }
            filters.append(
                """
                record.number IN
                (SELECT rowid FROM "f_\(schema.name)" WHERE "f_\(schema.name)" MATCH ?)
                """
            )
            arguments.append(expression.databaseValue)
        }
        for condition in conditions { try add(condition, &filters, &arguments) }
        sql += " WHERE " + filters.joined(separator: " AND ")
        let direction = descending ? "DESC" : "ASC"
        sql += " ORDER BY "
        if let orderedBy { sql += "\(try column(orderedBy)) \(direction), " }
        sql += "record.number \(direction)"
        if let limit { sql += " LIMIT \(max(0, limit))" }
        let rows = try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments))
        return try rows.map {
            try RecordStore.key(type: Int64(schema.number), identity: $0.bytes(0))
        }
    }

    private func add(
        _ condition: Condition,
        _ filters: inout [String],
        _ arguments: inout [DatabaseValue]
    ) throws {
        switch condition {
        case .equals(let field, let value):
            filters.append("\(try column(field)) IS ?")
            arguments.append(Projection.databaseValue(value))
        case .oneOf(let field, let values):
            let marks = values.map { _ in "?" }.joined(separator: ", ")
            let orMissing = values.contains(.null) ? " OR \(try column(field)) IS NULL" : ""
            filters.append("(\(try column(field)) IN (\(marks))\(orMissing))")
            arguments += values.map(Projection.databaseValue)
        case .atLeast(let field, let value):
            filters.append("\(try column(field)) >= ?")
            arguments.append(Projection.databaseValue(value))
        case .below(let field, let value):
            filters.append("\(try column(field)) < ?")
            arguments.append(Projection.databaseValue(value))
        }
    }

    private func column(_ field: String) throws -> String {
        guard let found = schema.field(named: field),
            !found.query.isDisjoint(with: [.indexed, .column]), !found.policy.isCollection
        else { throw notQueryable(field) }
        return "q.\"\(found.name)\""
    }

    private func notQueryable(_ field: String) -> EditError {
        EditError(
            .field,
            record: schema.name,
            field: field,
            "cannot be queried; the schema must mark it indexed, column, searchable or place"
        )
    }
}
