import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field why`.
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: words(
            "Explain a field: who wrote what, what each had seen, what was decided.",
            "说明一个字段：谁写了什么、当时看到了什么、如何取舍。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The record.", "记录编号。"))) var reference: String
    @Argument(
        help: ArgumentHelp(
            words(
                "The field, as method; '$deleted' or 作废 for whether the record exists.",
                "字段，如 method；'$deleted' 或 作废 说明记录是否有效。"
            )
        )
    )
    var field: String

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let key = try context.find(reference, ShortReference.types)
        let schema = try context.schema(of: key)
        if LifecycleStory.names.contains(field) {
            let story = try context.replica.read { reading in
                try reading.view(key)
                    .map { LifecycleStory(try reading.history(key), view: $0) }
            }
            try story?.show(key, schema, context)
            try tellCollection(of: key, context)
            return
        }
        guard let found = schema.field(typed: field) else {
            throw Failure.input(
                Messages.unknownField(
                    field,
                    schema.name,
                    schema.fields.map(\.name) + ["$deleted"]
                )
            )
        }
        let story = try context.replica.read { try $0.why(key, field: found.number) }
        guard let story else { return }
        context.output.json(json(story, key, schema))
        guard !context.output.isJSON else { return }
        context.output.line(
            "\(Messages.typeName(schema.name)) \(ShortReference.text(key)) · "
                + Messages.fieldName(found.name, of: schema.name),
            style: .bold
        )
        context.output.line("  " + Messages.policy(story.policy))
        var names: [Dot: String] = [:]
        for (index, write) in story.writes.enumerated() where names[write.stamp.dot] == nil {
            names[write.stamp.dot] = String(index + 1)
        }
        var table = TextTable(columns: [
            .init("  "), .init(words("value", "取值"), columnsMax: 40), .init(words("by", "作者")),
            .init(words("when", "时间"), isWhole: true), .init(words("had seen", "当时已见")),
            .init(words("what became of it", "结果")), .init(words("reason", "理由"), columnsMax: 30),
        ])
        for (index, write) in story.writes.enumerated() {
            let isShown = write.fate == .shown
            table.append([
                .init("  \(index + 1)", style: .cyan),
                .init(valueText(write, schema), style: isShown ? .green : .plain),
                .init(try context.person(write.stamp.author)),
                .init(ValueText.time(write.writtenAt.wallTime)),
                .init(list(write.saw, names)), .init(Messages.fate(write.fate, names)),
                .init(write.reason),
            ])
        }
        context.output.table(table, whenEmpty: words("Nobody wrote it.", "没有人写过。"))
        if story.isInConflict {
            context.output.line("  " + words("A conflict is open.", "冲突未决。"), style: .yellow)
        }
        try tellCollection(of: key, context)
    }

    /// Says that the hub has let earlier content go, where it has.
    private func tellCollection(of key: RecordKey, _ context: CommandContext) throws {
        let history = try context.replica.read { try $0.history(key) }
        let collection = history.last {
            $0.actions.contains { if case .collect = $0 { true } else { false } }
        }
        guard let collection else { return }
        let count = history.count {
            $0.actions.contains { if case .collected = $0 { true } else { false } }
        }
        let when = ValueText.time(collection.stamp.timestamp.wallTime)
        context.output.line("  " + Messages.collectedEarlier(count, when), style: .yellow)
    }

    private func valueText(_ write: Explanation.Write, _ schema: RecordSchema) -> String {
        let value = ValueText.text(write.value, slot: write.slot, in: schema)
        guard let element = write.slot.element else { return value }
        let member = ValueText.text(element, of: schema.field(write.slot.field))
        switch write.value {
        case .boolean(true): return "+ \(member)"
        case .boolean(false): return "− \(member)"
        default: return "\(member): \(value)"
        }
    }

    private func list(_ dots: [Dot], _ names: [Dot: String]) -> String {
        dots.isEmpty
            ? words("none", "无") : dots.map { names[$0] ?? $0.description }.joined(separator: ", ")
    }

    private func json(
        _ story: Explanation,
        _ key: RecordKey,
        _ schema: RecordSchema
    ) -> JSONValue {
        let writes = story.writes.map { write -> JSONValue in
            var object: JSONObject = [
                "dot": .string(write.stamp.dot.description),
                "author": .string(write.stamp.author),
                "writtenAt": .string(ValueText.instant(write.writtenAt.wallTime)),
                "boundedAt": .string(ValueText.instant(write.stamp.timestamp.wallTime)),
                "value": ValueText.json(write.value, slot: write.slot, in: schema),
                "reason": .string(write.reason),
                "saw": .array(write.saw.map { .string($0.description) }),
                "fate": .string(Messages.fateName(write.fate)),
            ]
            if let element = write.slot.element {
                object["element"] = ValueText.json(element, of: schema.field(write.slot.field))
            }
            if case .replaced(let by) = write.fate {
                object["replacedBy"] = .array(by.map { .string($0.description) })
            }
            return .object(object)
        }
        return .object([
            "id": .string(ShortReference.full(key)), "field": .string(story.field),
            "policy": .string(Messages.policyName(story.policy)),
            "conflict": .boolean(story.isInConflict), "writes": .array(writes),
            "shown": .array(
                story.shown.map { ValueText.json($0.value, slot: $0.slot, in: schema) }
            ),
        ])
    }
}
