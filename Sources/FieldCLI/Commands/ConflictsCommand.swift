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
            throw Failure.input(Messages.whichConflict(all.map(\.fieldName)))
        }
        let found = all.first { conflict in
            conflict.fieldName == field
                || conflict.fieldName.split(separator: "+").contains { $0 == field }
        }
        guard let found else { throw Failure.input(Messages.whichConflict(all.map(\.fieldName))) }
        return found
    }

    /// The letter of a candidate: a, b, c and so on.
    static func letter(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(97 + index % 26))) + (index < 26 ? "" : String(index / 26))
    }

    /// A value of a conflict, for people.
    func text(_ value: FieldValue, of conflict: OpenConflict) -> String {
        switch conflict.conflict.subject {
        case .lifecycle:
            value == .boolean(true)
                ? (conflict.schema.isLegalFact ? words("void", "作废") : words("deleted", "删除"))
                : words("keep", "保留")
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
        conflict.fieldName.split(separator: "+")
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
            .init(words("record", "记录")), .init(words("field", "字段")),
            .init(words("values", "各方取值"), columnsMax: 60),
            .init(words("shown", "暂显"), columnsMax: 24),
        ])
        for conflict in conflicts {
            let values = conflict.siblings.enumerated()
                .map {
                    "\(ConflictDesk.letter($0)): \(desk.text($1.value, of: conflict)) "
                        + "(\($1.stamp.author))"
                }
            table.append([
                .init(
                    Messages.typeName(conflict.schema.name) + " "
                        + ShortReference.text(conflict.record),
                    style: .cyan
                ),
                .init(desk.label(conflict)), .init(values.joined(separator: "  ")),
                .init(desk.text(conflict.conflict.shown, of: conflict), style: .yellow),
            ])
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
                        conflict.fieldName.split(separator: "+").first.map(String.init) ?? ""
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
    @Option(help: ArgumentHelp(words("Or take another value.", "或另定取值。"))) var value: String?
    @Option(help: ArgumentHelp(words("Why: it stays in the log.", "理由，写入日志。"))) var reason: String

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
            decision = try other(value ?? "", conflict, context)
        }
        try context.replica.resolve(conflict, with: decision, reason: reason)
        context.output.line(
            Messages.resolved(
                ShortReference.text(key),
                desk.label(conflict),
                desk.text(decision, of: conflict)
            ),
            style: .green
        )
        let left = try context.replica.status().conflicts
        if left > 0 { context.output.line(Messages.openConflicts(left), style: .yellow) }
        try context.reportWaiting()
        try context.output.json(
            try context.written(
                key,
                ["field": .string(conflict.fieldName), "conflicts": .integer(Int64(left))]
            )
        )
    }

    private func other(
        _ text: String,
        _ conflict: OpenConflict,
        _ context: CommandContext
    ) throws -> FieldValue {
        let parser = FieldParser(catalogue: try context.catalogue())
        do {
            guard case .slot(let slot) = conflict.conflict.subject else {
                return .boolean(text == "void" || text == "delete")
            }
            if let group = conflict.schema.group(of: slot.field) {
                let texts = text.split(separator: ",", omittingEmptySubsequences: false)
                    .map(String.init)
                guard texts.count == group.count else {
                    throw Failure.input(
                        Messages.needsGroup(group.map { conflict.schema.name(of: SlotKey($0)) })
                    )
                }
                return .group(
                    try zip(group, texts)
                        .map { number, text in
                            guard let field = conflict.schema.field(number) else { return .null }
                            return try parser.value(text, of: field, in: conflict.schema)
                        }
                )
            }
            guard let field = conflict.schema.field(slot.field) else { return .text(text) }
            return try parser.value(text, of: field, in: conflict.schema)
        } catch let problem as ValueProblem {
            throw Failure.input(Messages.field("--value", problem.description))
        }
    }
}
