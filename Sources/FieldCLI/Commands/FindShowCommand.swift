import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field find show`.
struct FindShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: words(
            "Show a record, what belongs to it, and what the rules say.",
            "显示一条记录、其下的内容以及规则判断。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding or another record.", "发现或其他记录的编号。")))
    var reference: String

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let key = try context.find(reference, ShortReference.types)
        let schema = try context.schema(of: key)
        guard let view = try context.replica.read({ try $0.view(key) }) else { return }
        let children = try children(of: key, context)
        var screen: FindingScreen?
        var same: [RecordKey] = []
        var canonical = key
        if key.type == Finding.mapping.schema.number {
            let (parts, events) = try context.replica.read {
                (try FindingParts(of: key, in: $0), try SameEvents($0))
            }
            screen = FindingScreen(
                Finding.mapping.record(from: view),
                parts: parts,
                catalogue: try context.catalogue(),
                now: context.now
            )
            same = events.others(of: key.id)
            canonical = events.canonical(of: key.id)
        }
        if context.output.isJSON {
            var object = RecordJSON.value(key, view, in: schema).object ?? JSONObject()
            object["screen"] = screen?.json ?? .null
            object["sameAs"] = .array(same.map { .string(ShortReference.full($0)) })
            object["canonical"] = .string(ShortReference.full(canonical))
            object["records"] = .array(
                children.map { RecordJSON.value($0.key, $0.view, in: $0.schema) }
            )
            return context.output.json(.object(object))
        }
        show(key, view, schema, context.output)
        if !same.isEmpty {
            let text = Messages.sameAs(
                same.map(ShortReference.text),
                canonical: ShortReference.text(canonical)
            )
            context.output.line("  " + text, style: .cyan)
        }
        for line in screen?.lines() ?? [] {
            context.output.line("  " + line.text, style: line.style)
        }
        for child in children {
            context.output.line()
            show(child.key, child.view, child.schema, context.output)
        }
    }

    private func show(
        _ key: RecordKey,
        _ view: RecordView,
        _ schema: RecordSchema,
        _ output: Output
    ) {
        let state = view.lifecycle == .live ? "" : "  " + Messages.lifecycle(view.lifecycle)
        output.line(
            "\(Messages.typeName(schema.name)) \(ShortReference.text(key))\(state)",
            style: .bold
        )
        output.line("  " + ShortReference.full(key), style: .dim)
        let disputed = Set(
            RecordJSON.conflictNames(view, in: schema)
                .flatMap { $0.split(separator: "+").map(String.init) }
        )
        var table = TextTable(columns: [
            .init(words("  field", "  字段")), .init(words("value", "值")),
        ])
        for (name, text) in FieldLines.of(view, in: schema) {
            let isDisputed = disputed.contains(name)
            table.append([
                .init("  " + Messages.fieldName(name, of: schema.name)),
                .init(
                    isDisputed ? text + words("  (conflict)", "（有冲突）") : text,
                    style: isDisputed ? .yellow : .plain
                ),
            ])
        }
        output.table(table, whenEmpty: "")
    }

    private func children(
        of key: RecordKey,
        _ context: CommandContext
    ) throws -> [(key: RecordKey, view: RecordView, schema: RecordSchema)] {
        try context.replica.read { reading in
            var result: [(RecordKey, RecordView, RecordSchema)] = []
            for schema in District.schema.records {
                guard case .parent(let number) = schema.scope, let field = schema.field(number),
                    field.kind == .reference(key.type)
                else { continue }
                var query = RecordQuery(schema)
                query.conditions = [.equals(field.name, .reference(key))]
                for child in try reading.records(query) {
                    if let view = try reading.view(child) { result.append((child, view, schema)) }
                }
            }
            return result
        }
    }
}

/// A record's fields as lines for people.
enum FieldLines {
    /// Names and values of the fields that have one.
    static func of(_ view: RecordView, in schema: RecordSchema) -> [(name: String, text: String)] {
        schema.fields.compactMap { field in
            switch field.policy {
            case .addWinsSet:
                let members = view.members(of: field.number).compactMap { $0.slot.element }
                guard !members.isEmpty else { return nil }
                let texts = members.map { ValueText.text($0, of: field) }
                return (field.name, texts.joined(separator: words(", ", "、")))
            case .growOnly:
                let entries = view.members(of: field.number)
                guard !entries.isEmpty else { return nil }
                return (
                    field.name,
                    entries.map { ValueText.text($0.value, of: field) }.joined(separator: "; ")
                )
            default:
                let value = view.value(of: field.number, in: schema)
                guard !value.isNull else { return nil }
                return (field.name, ValueText.text(value, of: field))
            }
        }
    }
}
