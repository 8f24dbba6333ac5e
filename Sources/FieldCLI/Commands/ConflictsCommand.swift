import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field conflicts`.
struct ConflictsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: words("List, show and resolve what officers disagree on.", "列出、查看和裁决冲突。"),
        subcommands: [
            ConflictsListCommand.self, ConflictsShowCommand.self, ConflictsResolveCommand.self,
        ],
        defaultSubcommand: ConflictsListCommand.self
    )
}

/// What the conflict commands have in common.
struct ConflictDesk {
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    /// The open conflicts of one record, or of all.
    func open(_ key: RecordKey? = nil) throws -> [OpenConflict] {
        let conflicts = try context.replica.conflicts()
        return key.map { key in conflicts.filter { $0.record == key } } ?? conflicts
    }

    /// The one conflict of a record that a field name picks.
    func conflict(of key: RecordKey, field: String?) throws -> OpenConflict {
        let all = try open(key)
        guard !all.isEmpty else {
            throw Failure.input(Messages.noConflict(ShortReference.text(key)))
        }
        guard let field else {
            if all.count == 1 { return all[0] }
            throw Failure.input(Messages.whichConflict(all.map(ConflictDesk.argument)))
        }
        let name = try context.schema(of: key).field(typed: field)?.name ?? field
        let found = all.first { conflict in
            conflict.fieldName == name
                || (LifecycleStory.names.contains(field) && conflict.fieldName == "$deleted")
                || conflict.fieldName.split(separator: "+").contains { $0 == name }
        }
        guard let found else {
            throw Failure.input(Messages.whichConflict(all.map(ConflictDesk.argument)))
        }
        return found
    }

    /// The letter of a candidate: a, b, c and so on.
    static func letter(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(97 + index % 26))) + (index < 26 ? "" : String(index / 26))
    }

    /// How a command line names the conflict's field: `$deleted` would need quotes in a shell.
    static func argument(for conflict: OpenConflict) -> String {
        if conflict.conflict.subject == .lifecycle { return "void" }
        return conflict.fieldName.split(separator: "+").first.map(String.init) ?? ""
    }

    /// A value of a conflict, for people.
    func text(_ value: FieldValue, of conflict: OpenConflict) -> String {
        switch conflict.conflict.subject {
        case .lifecycle:
            value == .boolean(true)
                ? (conflict.schema.isLegalFact ? words("void", "作废") : words("deleted", "删除"))
                : words("keep", "保留")
        case .seal: ValueText.text(value, of: nil)
        case .slot(let slot): ValueText.text(value, slot: slot, in: conflict.schema)
        }
    }

    /// A conflict for programs.
    func json(_ conflict: OpenConflict) -> JSONValue {
        func value(_ value: FieldValue) -> JSONValue {
            guard case .slot(let slot) = conflict.conflict.subject else {
                return ValueText.json(value, of: nil)
            }
            return ValueText.json(value, slot: slot, in: conflict.schema)
        }
        let siblings = conflict.siblings.enumerated()
            .map { index, sibling -> JSONValue in
                .object([
                    "letter": .string(ConflictDesk.letter(index)), "value": value(sibling.value),
                    "author": .string(sibling.stamp.author),
                    "writtenAt": .string(ValueText.instant(sibling.stamp.timestamp.wallTime)),
                    "dot": .string(sibling.stamp.dot.description),
                ])
            }
        return .object([
            "reference": .string(ShortReference.text(conflict.record)),
            "id": .string(ShortReference.full(conflict.record)),
            "type": .string(conflict.schema.name), "field": .string(conflict.fieldName),
            "shown": value(conflict.conflict.shown), "siblings": .array(siblings),
        ])
    }

    /// The disputed field for people.
    func label(_ conflict: OpenConflict) -> String {
        if conflict.conflict.subject == .lifecycle {
            return conflict.schema.isLegalFact ? words("void", "作废") : words("deleted", "删除")
        }
        return conflict.fieldName.split(separator: "+")
            .map { Messages.fieldName(String($0), of: conflict.schema.name) }
            .joined(separator: "+")
    }
}

/// `field conflicts list`.
struct ConflictsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: words("List open conflicts.", "列出未决冲突。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("A record; else all.", "记录编号；缺省为全部。"))) var reference:
        String?

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let desk = ConflictDesk(context)
        let key = try reference.map { try context.find($0, ShortReference.types) }
        let conflicts = try desk.open(key)
        var table = TextTable(columns: [
            .init(words("record", "记录"), isWhole: true), .init(words("field", "字段")), .init(""),
            .init(words("value", "取值"), columnsMax: 40), .init(words("by", "作者")),
            .init(words("when", "时间"), isWhole: true),
        ])
        for conflict in conflicts {
            for (index, sibling) in conflict.siblings.enumerated() {
                let isShown = sibling.value == conflict.conflict.shown
                let name =
                    Messages.typeName(conflict.schema.name) + " "
                    + ShortReference.text(conflict.record)
                table.append([
                    .init(index == 0 ? name : "", style: .cyan),
                    .init(index == 0 ? desk.label(conflict) : ""),
                    .init(ConflictDesk.letter(index), style: .cyan),
                    .init(
                        desk.text(sibling.value, of: conflict)
                            + (isShown ? words("  (shown)", "（暂显）") : ""),
                        style: isShown ? .yellow : .plain
                    ),
                    .init(try context.person(sibling.stamp.author)),
                    .init(ValueText.time(sibling.stamp.timestamp.wallTime)),
                ])
            }
        }
        context.output.table(table, whenEmpty: words("No open conflicts.", "没有未决冲突。"))
        context.output.json(.array(conflicts.map { desk.json($0) }))
    }
}

/// `field conflicts show`.
struct ConflictsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: words(
            "Show a conflict: who wrote what, when, having seen what.",
            "查看冲突：谁、何时、在看到什么之后写了什么。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The record.", "记录编号。"))) var reference: String
    @Argument(help: ArgumentHelp(words("The field, when several are in dispute.", "字段；有多处冲突时需要。")))
    var field: String?

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let desk = ConflictDesk(context)
        let key = try context.find(reference, ShortReference.types)
        let conflicts = try field == nil ? desk.open(key) : [desk.conflict(of: key, field: field)]
        guard !conflicts.isEmpty else {
            throw Failure.input(Messages.noConflict(ShortReference.text(key)))
        }
        for conflict in conflicts {
            context.output.line(
                "\(Messages.typeName(conflict.schema.name)) \(ShortReference.text(key)) · "
                    + desk.label(conflict),
                style: .bold
            )
            var table = TextTable(columns: [
                .init("  "), .init(words("value", "取值"), columnsMax: 50), .init(words("by", "作者")),
                .init(words("when", "时间")), .init(words("change", "变更")),
            ])
            for (index, sibling) in conflict.siblings.enumerated() {
                table.append([
                    .init("  " + ConflictDesk.letter(index), style: .cyan),
                    .init(desk.text(sibling.value, of: conflict)),
                    .init(try context.person(sibling.stamp.author)),
                    .init(ValueText.time(sibling.stamp.timestamp.wallTime)),
                    .init(sibling.stamp.dot.description, style: .dim),
                ])
            }
            context.output.table(table, whenEmpty: "")
            let shown = desk.text(conflict.conflict.shown, of: conflict)
            context.output.line("  " + Messages.shownMeanwhile(shown))
            context.output.line(
                "  "
                    + Messages.howToResolve(
                        ShortReference.text(key),
                        ConflictDesk.argument(for: conflict)
                    ),
                style: .dim
            )
        }
        context.output.json(.array(conflicts.map { desk.json($0) }))
    }
}

/// `field conflicts resolve`.
struct ConflictsResolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: words("Decide a conflict: a write that has seen them all.", "裁决冲突：写入一个看过全部取值的决定。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The record.", "记录编号。"))) var reference: String
    @Argument(help: ArgumentHelp(words("The field, when several are in dispute.", "字段；有多处冲突时需要。")))
    var field: String?

    @Option(help: ArgumentHelp(words("Take this sibling: a, b, …", "采纳哪一方：a、b……"))) var take:
        String?
    @Option(
        help: ArgumentHelp(
            words(
                "Or take another value. Of a matter its key; of a place longitude,latitude; of a "
                    + "void or deletion 作废 (void) or 保留 (keep).",
                "或另定取值：事项给代号；地点给经度,纬度；作废或删除给 作废（void）或 保留（keep）。"
            )
        )
    )
    var value: String?

    @Option(help: ArgumentHelp(words("Why: it stays in the log.", "理由，写入日志。"))) var reason: String

    @OptionGroup var wordOptions: WordOptions

    func validate() throws {
        guard (take == nil) != (value == nil) else {
            throw ValidationError(words("Give --take or --value.", "--take 与 --value 须给出其一。"))
        }
        guard !reason.isEmpty else { throw ValidationError(Messages.needsReason) }
    }

    func run() throws {
        let context = try CommandContext(options)
        let desk = ConflictDesk(context)
        let key = try context.find(reference, ShortReference.types)
        let conflict = try desk.conflict(of: key, field: field)
        let decision: FieldValue
        if let take {
            let letters = conflict.siblings.indices.map { ConflictDesk.letter($0) }
            guard let index = letters.firstIndex(of: take.lowercased()) else {
                throw Failure.input(
                    Messages.field(
                        "--take",
                        Messages.wrong(Messages.isNo(take), letters.joined(separator: ", "))
                    )
                )
            }
            decision = conflict.siblings[index].value
        } else {
            decision = try ConflictValue(
                conflict,
                context,
                takesAnyWord: wordOptions.anyWord
            )
            .value(value ?? "")
        }
        try context.replica.resolve(conflict, with: decision, reason: reason)
        let raised = try FindingSettler(context).settle([key])
        let remarks = try pinAgain(conflict, context)
        context.output.line(
            Messages.resolved(
                ShortReference.text(key),
                desk.label(conflict),
                desk.text(decision, of: conflict)
            ),
            style: .green
        )
        for remark in remarks { context.output.line("  " + remark, style: .yellow) }
        for finding in raised {
            context.output.line(
                "  " + Messages.flagged(ShortReference.text(finding)),
                style: .red
            )
        }
        let left = try context.replica.status().conflicts
        if left > 0 { context.output.line(Messages.openConflicts(left), style: .yellow) }
        try context.reportWaiting()
        try context.output.json(
            try context.written(
                key,
                [
                    "field": .string(conflict.fieldName), "conflicts": .integer(Int64(left)),
                    "remarks": .array(remarks.map { .string($0) }),
                ]
            )
        )
    }

    /// A day that was decided may have another law than the one that was pinned.
    private func pinAgain(
        _ conflict: OpenConflict,
        _ context: CommandContext
    ) throws -> [String] {
        let names = conflict.fieldName.split(separator: "+")
        guard conflict.record.type == Finding.mapping.schema.number,
            names.contains("observedAt") || names.contains("matter")
        else { return [] }
        return try FindingWriter(context).pinAgain(conflict.record)
    }
}
