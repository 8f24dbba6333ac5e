public import Interchange
public import Replication

/// A schema document that cannot be read: which type and field, what is wrong, what would be right.
public struct SchemaDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The record type; nil where the document as a whole is at fault.
    public let type: String?
    /// The field, where one is at fault.
    public let field: String?
    /// What is wrong.
    public let problem: String
    /// What would be right.
    public let expected: String

    /// Makes an error.
    public init(type: String?, field: String?, problem: String, expected: String) {
        self.type = type
        self.field = field
        self.problem = problem
        self.expected = expected
    }

    /// `schema, type finding, field lat: problem; expected …`, fit for a terminal: names come from
    /// the document.
    public var description: String {
        let place = ["schema", type.map { "type \($0)" }, field.map { "field \($0)" }]
        return TextWidth.harmless(
            place.compactMap(\.self).joined(separator: ", ")
                + ": \(problem); expected \(expected)"
        )
    }
}

extension Schema {
    /// Reads record types that the program has never seen.
    ///
    ///     {"types": [{"name": "finding",
    ///                 "fields": [{"id": 1, "name": "lat", "kind": "scaled", "scale": 6,
    ///                             "merge": "keepSiblings"}, …],
    ///                 "groups": [["lat", "lon"]],
    ///                 "default": {"kind": "json", "merge": "keepSiblings"},
    ///                 "concurrentDelete": "keep"}]}
    ///
    /// Types are numbered from 1 in their order, fields by their `id`. `default` serves the fields
    /// that are not listed; without it there are none.
    ///
    /// - Throws: `SchemaDocumentError` for a document of another form, or whose parts do not fit.
    public init(json document: JSONValue) throws(SchemaDocumentError) {
        guard let types = document["types"]?.array, !types.isEmpty else {
            throw SchemaDocumentError(
                type: nil,
                field: nil,
                problem: "there are no types",
                expected: "an object with a list of \"types\""
            )
        }
        var records: [RecordSchema] = []
        for (index, type) in types.enumerated() {
            let reader = try RecordTypeReader(type, number: UInt32(index + 1))
            records.append(try reader.schema())
        }
        do {
            try self.init(records: records)
        } catch {
            throw SchemaDocumentError(
                type: error.record,
                field: error.field,
                problem: error.problem,
                expected: "parts that go together"
            )
        }
    }
}

/// Reads one record type of a schema document.
private struct RecordTypeReader {
    private let document: JSONValue
    private let number: UInt32
    private let name: String

    private static let kindNames =
        "text, integer, real, scaled, boolean, timestamp, bytes or json"
    private static let policies: [(name: String, policy: MergePolicy)] = [
        ("lastWriter", .lastWriter), ("keepSiblings", .keepSiblings),
        ("addWinsSet", .addWinsSet), ("growOnly", .growOnly), ("maximum", .maximum),
        ("minimum", .minimum), ("keepLeast", .keepLeast), ("sticky", .sticky),
        ("counter", .counter), ("claim", .claim), ("text", .text(.siblings)),
    ]

    init(_ document: JSONValue, number: UInt32) throws(SchemaDocumentError) {
        guard let name = document["name"]?.string else {
            throw SchemaDocumentError(
                type: "number \(number)",
                field: nil,
                problem: "has no name",
                expected: "a \"name\" in letters, digits, - and _"
            )
        }
        self.document = document
        self.number = number
        self.name = name
    }

    func schema() throws(SchemaDocumentError) -> RecordSchema {
        var fields: [FieldSchema] = []
        for (index, field) in try list("fields").enumerated() {
            fields.append(try self.field(field, index))
        }
        var unlisted: RecordSchema.UnlistedFields?
        if let rule = document["default"], !rule.isNull {
            unlisted = .init(
                kind: try kind(rule, field: "default"),
                policy: try policy(rule, field: "default")
            )
        }
        return RecordSchema(
            number: number,
            name: name,
            fields: fields,
            groups: try groups(fields),
            unlistedFields: unlisted,
            concurrentDelete: try concurrentDelete()
        )
    }

    private func failure(
        _ field: String?,
        _ problem: String,
        _ expected: String
    ) -> SchemaDocumentError {
        SchemaDocumentError(type: name, field: field, problem: problem, expected: expected)
    }

    private func list(_ key: String) throws(SchemaDocumentError) -> [JSONValue] {
        guard let value = document[key], !value.isNull else { return [] }
        guard let list = value.array else {
            throw failure(nil, "\"\(key)\" is no list", "a list, or no \"\(key)\" at all")
        }
        return list
    }

    private func field(
        _ document: JSONValue,
        _ index: Int
    ) throws(SchemaDocumentError) -> FieldSchema {
        guard let name = document["name"]?.string else {
            throw failure("number \(index + 1) of the list", "has no name", "a \"name\"")
        }
        guard let id = document["id"]?.integer, let number = UInt32(exactly: id), number > 0 else {
            throw failure(name, "has no usable id", "an \"id\", 1 or more and never used before")
        }
        return FieldSchema(
            number,
            name,
            try kind(document, field: name),
            try policy(document, field: name)
        )
    }

    private func kind(
        _ document: JSONValue,
        field: String
    ) throws(SchemaDocumentError) -> FieldKind {
        guard let kind = document["kind"]?.string else {
            throw failure(field, "has no kind", RecordTypeReader.kindNames)
        }
        switch kind {
        case "text": return .text
        case "integer": return .integer
        case "real": return .real
        case "boolean": return .boolean
        case "timestamp": return .timestamp
        case "bytes": return .bytes
        case "json": return .json
        case "scaled":
            guard let digits = document["scale"]?.integer, let scale = UInt8(exactly: digits),
                scale <= 18
            else { throw failure(field, "has no usable scale", "a \"scale\" of 0 to 18 digits") }
            return .scaled(scale)
        default: throw failure(field, "\"\(kind)\" is no kind", RecordTypeReader.kindNames)
        }
    }

    private func policy(
        _ document: JSONValue,
        field: String
    ) throws(SchemaDocumentError) -> MergePolicy {
        let names = RecordTypeReader.policies.map(\.name).joined(separator: ", ")
        guard let merge = document["merge"]?.string else {
            throw failure(field, "has no merge", names)
        }
        guard let found = RecordTypeReader.policies.first(where: { $0.name == merge }) else {
            throw failure(field, "\"\(merge)\" is no policy that a document may ask for", names)
        }
        return found.policy
    }

    private func groups(_ fields: [FieldSchema]) throws(SchemaDocumentError) -> [[UInt32]] {
        var groups: [[UInt32]] = []
        for group in try list("groups") {
            guard let names = group.array else {
                throw failure(nil, "a group is no list", "a list of field names")
            }
            var numbers: [UInt32] = []
            for value in names {
                let field = fields.first { field in
                    value.string.map { field.name.utf8.elementsEqual($0.utf8) } ?? false
                }
                guard let field else {
                    throw failure(nil, "a group names \(value)", "names of listed fields")
                }
                numbers.append(field.number)
            }
            groups.append(numbers)
        }
        return groups
    }

    private func concurrentDelete() throws(SchemaDocumentError) -> RecordSchema.ConcurrentDelete {
        guard let value = document["concurrentDelete"], !value.isNull else { return .keep }
        switch value.string {
        case "keep": return .keep
        case "delete": return .delete
        default: throw failure(nil, "\"concurrentDelete\" is \(value)", "\"keep\" or \"delete\"")
        }
    }
}
