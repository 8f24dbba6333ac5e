import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field measure`.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: words(
            "Record a measurement of a finding; two tellings are both kept.",
            "记录一次测量；多人测量结果并存。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。"))) var reference: String

    @Option(help: ArgumentHelp(words("What was measured.", "测量对象。")))
    var what: String = Measurement.catchSubject

    @Option(help: ArgumentHelp(words("Kilograms.", "千克。"))) var kg: String?
    @Option(help: ArgumentHelp(words("How much, with --unit.", "数量，与 --unit 同用。"))) var quantity:
        String?
    @Option(help: ArgumentHelp(words("The unit: kg, 斤, 件, m …", "单位：kg、斤、件、m……"))) var unit: String?
    @Option(help: ArgumentHelp(words("How: 台秤, 卷尺.", "方法：台秤、卷尺。"))) var method: String = ""
    @Option(help: ArgumentHelp(words("The instrument's number.", "器具编号。"))) var instrument: String =
        ""
    @Option(help: ArgumentHelp(words("Who read it.", "测量人编号。"))) var by: String?
    @Option(help: ArgumentHelp(words("When, if not now.", "时间，缺省为现在。"))) var time: String?

    @OptionGroup var wordOptions: WordOptions

    func validate() throws {
        guard (kg == nil) != (quantity == nil), quantity == nil || unit != nil else {
            throw ValidationError(
                words("Give --kg, or --quantity with --unit.", "请给出 --kg，或 --quantity 与 --unit。")
            )
        }
    }

    func run() throws {
        let context = try CommandContext(options)
        let finding = try context.finding(reference)
        var measurement = Measurement()
        measurement.finding = finding
        measurement.subject = what
        measurement.quantity = try Amount.units(
            kg ?? quantity ?? "",
            scale: 3,
            option: kg == nil ? "--quantity" : "--kg"
        )
        measurement.unit =
            kg == nil
            ? try unit.map {
                try wordOptions.word(
                    $0,
                    "unit",
                    of: Measurement.mapping.schema,
                    option: "--unit"
                )
            } : .kilogram
        measurement.method = method
        measurement.instrument = instrument
        measurement.measuredBy = by ?? context.device.officer
        measurement.measuredAt = try TimeOption.time(time, "--time", context)
        let result = try FindingWriter(context)
            .add(to: finding.key) { transaction, parts in
                parts.measurements.append(measurement)
                return try transaction.insert(measurement).key
            }
        let amount = "\(kg ?? quantity ?? "") \(measurement.unit?.rawValue ?? "")"
        context.output.line(
            Messages.added(
                words("measurement", "测量"),
                ShortReference.text(result.added),
                try context.naming(finding),
                "\(what) \(amount)"
            ),
            style: .green
        )
        try Added.report(result, context)
    }
}

/// What commands that add to a finding say at the end.
enum Added {
    /// Reports a crime that the rules now suspect, what waits, and the result as JSON.
    static func report(
        _ result: (added: RecordKey, finding: FindingWriter.Result),
        _ context: CommandContext
    ) throws {
        for line in result.finding.screen.crimeLines {
            context.output.line("  " + line.text, style: line.style)
        }
        try context.reportWaiting()
        try context.output.json(
            try context.written(
                result.added,
                [
                    "finding": .string(ShortReference.full(result.finding.key)),
                    "screen": result.finding.screen.json,
                ]
            )
        )
    }
}

/// `field note`.
struct NoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: words("Add a note to a finding.", "为发现添加记事。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。"))) var reference: String
    @Argument(help: ArgumentHelp(words("The text.", "内容。"))) var text: [String]

    func run() throws {
        let context = try CommandContext(options)
        let finding = try context.finding(reference)
        var note = Note()
        note.finding = finding
        note.text = text.joined(separator: " ")
        note.writtenBy = context.device.officer
        note.writtenAt = context.now
        let key = try context.replica.write { try $0.insert(note).key }
        context.output.line(
            Messages.added(
                words("note", "记事"),
                ShortReference.text(key),
                try context.naming(finding),
                note.text
            ),
            style: .green
        )
        try context.reportWaiting()
        try context.output.json(
            try context.written(key, ["finding": .string(ShortReference.full(finding.key))])
        )
    }
}

/// `field tag`.
struct TagCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: words("Add labels to a finding, or take them away.", "为发现添加或去除标签。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。"))) var reference: String
    @Argument(help: ArgumentHelp(words("Labels to add.", "要添加的标签。"))) var tags: [String] = []

    @Option(
        name: .customLong("remove"),
        help: ArgumentHelp(words("A label to take away; repeat it.", "要去除的标签，可重复。"))
    )
    var removed: [String] = []

    func validate() throws {
        guard !tags.isEmpty || !removed.isEmpty else {
            throw ValidationError(words("Give a label or --remove.", "请给出标签或 --remove。"))
        }
    }

    func run() throws {
        let context = try CommandContext(options)
        let finding = try context.finding(reference)
        let assignments =
            tags.map { Assignment("tags", $0, action: .add) }
            + removed.map { Assignment("tags", $0, action: .remove) }
        let schema = Finding.mapping.schema
        let edits = try FieldParser(catalogue: nil).edits(assignments, of: schema)
        let tags = try context.replica.write { transaction in
            try transaction.edit(finding.key, edits)
            return try transaction.record(finding)?.tags ?? []
        }
        let sorted = tags.sorted()
        context.output.line(
            Messages.tagged(try context.naming(finding), sorted),
            style: .green
        )
        try context.reportWaiting()
        try context.output.json(
            try context.written(finding.key, ["tags": .array(sorted.map { .string($0) })])
        )
    }
}
