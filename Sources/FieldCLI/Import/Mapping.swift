import Foundation
import Models
import Replication
import Yams

/// How the columns of a foreign file become the fields of a record type: a YAML file.
///
/// ```yaml
/// type: finding                       # or track, see TrackMapping
/// format: csv                         # or jsonl; else by the file's name
/// encoding: gb18030                   # or gbk; else utf-8
/// key: "chicago/{Service_Request_Number}"   # names the record: importing again changes nothing
/// duplicates: error                   # or first: a key that stands twice in the file
/// fields:
///   title:      {column: Type}
///   town:       {constant: "330502105"}
///   observedAt: {column: Created, date: yyyy-MM-dd, zone: "-06:00"}
///   latitude:   {column: Latitude, round: true}
///   remark:     {template: "{Street_Address}, {ZIP_Code}"}
///   status:     {column: Status, values: {Completed: 已办结}}
///   tags:       {column: Labels, split: ";"}
/// skip:
///   - {column: Latitude, empty: true}
///   - {column: Status, is: Cancelled}
/// ```
struct Mapping {
    /// The formats of a foreign file.
    enum Format: String { case csv, jsonl }

    /// Where a field's text comes from.
    enum Source: Equatable {
        case column(String)
        case constant(String)
        case template(Template)
    }

    /// How one field is made.
    struct Field {
        let schema: FieldSchema
        let source: Source
        var date: DatePattern?
        var zoneMinutes = District.timeZoneMinutes
        var rounds = false
        var isRequired = false
        var split: String?
        var values: [String: String] = [:]
    }

    /// A row that is left out.
    struct SkipRule: Equatable {
        let column: String
        /// The text that leaves the row out; nil for an empty one.
        let text: String?
    }

    let path: String
    let record: RecordSchema
    let format: Format?
    let delimiter: UInt8
    let encoding: TextEncoding
    let key: Template
    let keepsFirstDuplicate: Bool
    let fields: [Field]
    let skip: [SkipRule]

    /// The columns that the mapping names.
    var columns: [String] {
        var names = key.columns + skip.map(\.column)
        for field in fields {
            switch field.source {
            case .column(let name): names.append(name)
            case .template(let template): names += template.columns
            case .constant: break
            }
        }
        return names
    }

    /// Reads a mapping of records.
    init(_ file: MappingFile) throws {
        path = file.path
        let name = try file.text("type")
        guard let record = District.schema.record(named: name),
            !record.fields.contains(where: { $0.policy == .hubOnly })
        else {
            let known = ShortReference.types.map(\.name).joined(separator: ", ")
            throw file.failure("type", Messages.wrong(Messages.isNo(name), known + ", track"))
        }
        self.record = record
        format = try file.format()
        delimiter = try file.delimiter()
        encoding = try file.encoding()
        key = try file.template("key")
        guard !key.columns.isEmpty else {
            throw file.failure("key", Messages.keyWithoutColumn)
        }
        let duplicates = file.optionalText("duplicates") ?? "error"
        guard ["error", "first"].contains(duplicates) else {
            throw file.failure(
                "duplicates",
                Messages.wrong(Messages.isNo(duplicates), "error, first")
            )
        }
        keepsFirstDuplicate = duplicates == "first"
        fields = try file.entries("fields")
            .map { name, node in
                try Mapping.field(name, node, record, file)
            }
        skip = try file.skipRules()
    }

    private static func field(
        _ name: String,
        _ node: Node,
        _ record: RecordSchema,
        _ file: MappingFile
    ) throws -> Field {
        guard let schema = record.field(named: name) else {
            throw file.failure(
                "fields",
                Messages.unknownField(name, record.name, record.fields.map(\.name)),
                at: node
            )
        }
        let options = try file.options(
            node,
            of: "fields." + name,
            known: [
                "column", "constant", "template", "date", "zone", "round", "required", "split",
                "values",
            ]
        )
        let source: Source
        switch (
            options["column"]?.string, options["constant"]?.string, options["template"]?.string
        ) {
        case (let column?, nil, nil): source = .column(column)
        case (nil, let constant?, nil): source = .constant(constant)
        case (nil, nil, let template?): source = .template(Template(template))
        default: throw file.failure("fields." + name, Messages.needsOneSource, at: node)
        }
        var field = Field(schema: schema, source: source)
        if let pattern = options["date"]?.string {
            guard let date = DatePattern(pattern) else {
                throw file.failure("fields.\(name).date", Messages.noDatePattern(pattern), at: node)
            }
            field.date = date
        }
        if let zone = options["zone"]?.string {
            guard let minutes = DatePattern.zoneMinutes(zone) else {
                throw file.failure(
                    "fields.\(name).zone",
                    Messages.wrong(Messages.isNo(zone), "+08:00, Z"),
                    at: node
                )
            }
            field.zoneMinutes = minutes
        }
        field.rounds = options["round"]?.bool ?? false
        field.isRequired = options["required"]?.bool ?? false
        field.split = options["split"]?.string
        for pair in options["values"]?.mapping.map(Array.init) ?? [] {
            if let from = pair.key.string, let to = pair.value.string { field.values[from] = to }
        }
        return field
    }
}

/// Text with `{column}` in it.
struct Template: Equatable {
    private enum Part: Equatable {
        case text(String)
        case column(String)
    }

    private var parts: [Part] = []

    init(_ text: String) {
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            parts.append(.column(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
    }

    /// The columns that stand in it.
    var columns: [String] {
        parts.compactMap { if case .column(let name) = $0 { name } else { nil } }
    }

    /// The text of a row.
    func text(_ row: some ImportRow) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .column(let name): row.value(name) ?? ""
            }
        }
        .joined()
    }
}
