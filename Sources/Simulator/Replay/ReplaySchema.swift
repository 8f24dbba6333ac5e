public import Interchange
public import Replication
public import SyncCore

/// The record types of a trace, under the names that its document gives.
///
/// A document may call things what it likes: `addr:street`, `名称`. The core knows fields by number
/// and takes plain names only, so that others get a plain one there and keep theirs here.
public struct ReplaySchema: Sendable {
    /// The types as the core sees them.
    public let schema: Schema
    /// By the types' numbers, what the document calls them and their fields.
    let names: [UInt32: ReplayTypeNames]

    /// Takes a schema whose names are those of the trace.
    public init(_ schema: Schema) {
        self.schema = schema
        var names: [UInt32: ReplayTypeNames] = [:]
        for record in schema.records { names[record.number] = ReplayTypeNames(record) }
        self.names = names
    }

    /// Reads the document that `Schema` reads, with names of any form.
    ///
    /// - Throws: `SchemaDocumentError` for a document of another form, or whose parts do not fit.
    public init(json document: JSONValue) throws(SchemaDocumentError) {
        var plain = PlainNames()
        let rewritten = try plain.rewrite(document)
        do {
            schema = try Schema(json: rewritten)
        } catch {
            throw plain.translate(error)
        }
        var names: [UInt32: ReplayTypeNames] = [:]
        for record in schema.records {
            var type = ReplayTypeNames(record)
            if let name = plain.types[record.name] { type.name = name }
            for field in record.fields {
                if let name = plain.fields[record.name]?[field.name] {
                    type.fields[field.number] = name
                }
            }
            if let rule = plain.rules[record.name] {
                type.rule = try ReplaySchema.rule(rule, of: type.name)
            }
            names[record.number] = type
        }
        self.names = names
    }

    /// A default whose fields hold members or totals; the core has these for listed fields only.
    private static func rule(
        _ rule: JSONValue,
        of type: String
    ) throws(SchemaDocumentError) -> RecordSchema.UnlistedFields {
        var field = rule.object ?? JSONObject()
        field["id"] = 1
        field["name"] = "default"
        let probe = try Schema(
            json: ["types": [["name": "probe", "fields": [.object(field)]]]]
        )
        guard let field = probe.records.first?.fields.first else {
            throw SchemaDocumentError(
                type: type,
                field: "default",
                problem: "cannot be read",
                expected: "a kind and a policy"
            )
        }
        return .init(kind: field.kind, policy: field.policy)
    }
}

/// What a document calls a type and its fields.
struct ReplayTypeNames: Sendable {
    var name: String
    var fields: [UInt32: String] = [:]
    /// The rule for unlisted fields that are collections or counters: each becomes a field.
    var rule: RecordSchema.UnlistedFields?

    init(_ record: RecordSchema) {
        name = record.name
        for field in record.fields { fields[field.number] = field.name }
    }
}

/// Gives plain names to what has others, in a document that is rewritten.
private struct PlainNames {
    /// By plain name, the document's.
    private(set) var types: [String: String] = [:]
    /// By the plain names of type and field, the document's name of the field.
    private(set) var fields: [String: [String: String]] = [:]
    /// By the plain names of types, defaults that were taken out.
    private(set) var rules: [String: JSONValue] = [:]

    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// A plain name that nothing else has.
    static func free(_ wanted: String, besides taken: Set<String>) -> String {
        var name = wanted
        while taken.contains(name) { name += "-" }
        return name
    }

    mutating func rewrite(_ document: JSONValue) throws(SchemaDocumentError) -> JSONValue {
        guard var object = document.object, let list = object["types"]?.array else {
            return document
        }
        let taken = Set(list.compactMap { $0["name"]?.string })
        var seen: Set<ByteName> = []
        var rewritten: [JSONValue] = []
        for (index, type) in list.enumerated() {
            guard let name = type["name"]?.string, var members = type.object else {
                rewritten.append(type)
                continue
            }
            try check(name, type: name, field: nil, &seen)
            var plain = name
            if !PlainNames.isPlain(name) {
                plain = PlainNames.free("type-\(index + 1)", besides: taken)
                types[plain] = name
                members["name"] = .string(plain)
            }
            try rewriteFields(of: &members, plain, name)
            rewritten.append(.object(members))
        }
        object["types"] = .array(rewritten)
        return .object(object)
    }

    private mutating func rewriteFields(
        of type: inout JSONObject,
        _ plainType: String,
        _ name: String
    ) throws(SchemaDocumentError) {
        switch type["default"]?["merge"]?.string {
        case "addWinsSet", "growOnly", "counter":
            rules[plainType] = type["default"]
            type["default"] = nil
        default: break
        }
        guard let list = type["fields"]?.array else { return }
        let taken = Set(list.compactMap { $0["name"]?.string })
        var seen: Set<ByteName> = []
        var plainNames: [ByteName: String] = [:]
        var rewritten: [JSONValue] = []
        for (index, field) in list.enumerated() {
            guard let fieldName = field["name"]?.string, var members = field.object else {
                rewritten.append(field)
                continue
            }
            try check(fieldName, type: name, field: fieldName, &seen)
            if !PlainNames.isPlain(fieldName) {
                let plain = PlainNames.free("field-\(index + 1)", besides: taken)
                fields[plainType, default: [:]][plain] = fieldName
                plainNames[ByteName(fieldName)] = plain
                members["name"] = .string(plain)
            }
            rewritten.append(.object(members))
        }
        type["fields"] = .array(rewritten)
        guard let groups = type["groups"]?.array else { return }
        type["groups"] = .array(
            groups.map { group in
                guard let members = group.array else { return group }
                return .array(
                    members.map { member in
                        guard let text = member.string, let plain = plainNames[ByteName(text)]
                        else { return member }
                        return .string(plain)
                    }
                )
            }
        )
    }

    private func check(
        _ name: String,
        type: String,
        field: String?,
        _ seen: inout Set<ByteName>
    ) throws(SchemaDocumentError) {
        let bytesMax = ReplayEventReader.nameBytesMax
        if name.isEmpty || name.utf8.count > bytesMax || name.utf8.contains(0) {
            throw SchemaDocumentError(
                type: type,
                field: field,
                problem: "has no usable name",
                expected: "1 to \(bytesMax) bytes, none of them U+0000"
            )
        }
        if !seen.insert(ByteName(name)).inserted, !PlainNames.isPlain(name) {
            throw SchemaDocumentError(
                type: type,
                field: field,
                problem: "is declared twice",
                expected: "one declaration"
            )
        }
    }

    func translate(_ error: SchemaDocumentError) -> SchemaDocumentError {
        guard let type = error.type else { return error }
        return SchemaDocumentError(
            type: types[type] ?? type,
            field: error.field.map { fields[type]?[$0] ?? $0 },
            problem: error.problem,
            expected: error.expected
        )
    }
}

/// A name that is equal only to the same bytes.
struct ByteName: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ByteName, right: ByteName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
