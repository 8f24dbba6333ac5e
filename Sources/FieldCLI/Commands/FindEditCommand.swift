import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field find edit`.
struct FindEditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: words("Change fields of a finding.", "修改发现的字段。"),
        discussion: words(
            "name=value sets (the name or its Chinese label, as 备注), name= clears; of a set, such as tags, name=value makes it hold just "
                + "that, name+=value adds and name-=value takes out. Fields that belong together, "
                + "such as latitude and longitude, are written as one.",
            "字段=值 为设定（字段可用名称或中文，如 备注），字段= 为清空；对集合（如 tags），字段=值 使其只含该值，字段+=值 为加入，"
                + "字段-=值 为去除。同组字段（如经纬度）一并写入。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。")))
    var reference: String

    @Argument(help: ArgumentHelp(words("Assignments, as method=地笼.", "赋值，如 method=地笼。")))
    var assignments: [String]

    @Option(help: ArgumentHelp(words("Why, for the log.", "理由，写入日志。")))
    var reason: String = ""

    @OptionGroup var wordOptions: WordOptions

    func run() throws {
        let context = try CommandContext(options)
        let key = try context.finding(reference).key
        let writer = try FindingWriter(context, takesAnyWord: wordOptions.anyWord)
        let parsed = try assignments.map { try Assignment(parsing: $0, of: Finding.mapping.schema) }
        let result = try writer.edit(key, parsed, reason: reason)
        let names = parsed.map(\.name)
        context.output.line(
            Messages.findingEdited(ShortReference.text(key), names),
            style: .green
        )
        for remark in result.remarks { context.output.line("  " + remark, style: .yellow) }
        for line in result.screen.lines(after: names) {
            context.output.line("  " + line.text, style: line.style)
        }
        try context.reportWaiting()
        try context.output.json(
            try context.written(
                key,
                [
                    "fields": .array(names.map { .string($0) }), "screen": result.screen.json,
                    "remarks": .array(result.remarks.map { .string($0) }),
                ]
            )
        )
    }
}

/// `field find void`.
struct FindVoidCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "void",
        abstract: words(
            "Declare a finding, or a record of one, void; it stays readable.",
            "作废发现或其下的记录；仍可查阅。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The record.", "记录编号。")))
    var reference: String

    @Option(help: ArgumentHelp(words("Why.", "理由。")))
    var reason: String

    func run() throws {
        let context = try CommandContext(options)
        guard !reason.isEmpty else { throw Failure.input(Messages.needsReason) }
        let key = try context.find(reference, ShortReference.types)
        guard try context.schema(of: key).isVoidable else {
            throw Failure(.refused, Messages.neverVoided(ShortReference.text(key)))
        }
        try context.replica.write(reason: reason) { try $0.edit(key, [.void(reason: reason)]) }
        context.output.line(Messages.voided(ShortReference.text(key), reason), style: .green)
        try context.reportWaiting()
        try context.output.json(try context.written(key))
    }
}
