import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field matter`: the catalogue of enforcement matters.
struct MatterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matter",
        abstract: words("Look up enforcement matters by the law of a day.", "按某日有效的法律查询执法事项。"),
        subcommands: [MatterSearchCommand.self, MatterShowCommand.self]
    )
}

/// A day option.
enum DayOption {
    /// The day that was given, or today by the district's time.
    static func day(
        _ text: String?,
        _ option: String,
        _ context: CommandContext
    ) throws
        -> Models.CivilDate
    {
        if let text {
            guard let day = Models.CivilDate(text) else {
                throw Failure.input(
                    Messages.field(option, Messages.wrong(Messages.isNo(text), "2026-05-01"))
                )
            }
            return day
        }
        guard
            let today = Models.CivilDate(
                milliseconds: context.now.milliseconds,
                zoneMinutes: District.timeZoneMinutes
            )
        else { throw Failure.input(Messages.field(option, Messages.isNo("now"))) }
        return today
    }
}

/// `field matter search`.
struct MatterSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: words("Find matters by words.", "按词查找事项。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(
        help: ArgumentHelp(words("Words; all of them; none for every matter.", "词，须全部匹配；不给则列出全部。"))
    )
    var text: [String] = []

    @Option(help: ArgumentHelp(words("In force on this day; else today.", "于该日有效，缺省为今天。")))
    var on: String?

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let day = try DayOption.day(on, "--on", context)
        let matters = try context.catalogue()
            .matters(
                matching: text.joined(separator: " "),
                on: day
            )
        var table = TextTable(columns: [
            .init(words("key", "代号")), .init(words("name", "名称"), columnsMax: 44),
            .init(words("basis", "依据"), columnsMax: 44), .init(words("fine, yuan", "罚款（元）")),
            .init(words("from", "生效日")),
        ])
        for matter in matters {
            table.append([
                .init(matter.key, style: .cyan), .init(matter.name),
                .init(matter.basisLaw + matter.basisArticle), .init(Messages.fine(matter)),
                .init(matter.effectiveFrom?.description ?? ""),
            ])
        }
        context.output.table(table, whenEmpty: Messages.noMatters(day))
        context.output.json(.array(matters.map { Messages.json(of: $0) }))
    }
}

/// `field matter show`.
struct MatterShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: words("Show a matter as it stands on a day.", "显示事项在某日的内容。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The key, as F01.", "事项代号，如 F01。"))) var key: String

    @Option(help: ArgumentHelp(words("The day of the act; else today.", "行为日，缺省为今天。")))
    var on: String?

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let catalogue = try context.catalogue()
        let day = try DayOption.day(on, "--on", context)
        let versions = Array(catalogue.versions(of: key))
        guard !versions.isEmpty else {
            throw Failure.input(
                Messages.wrong(
                    Messages.unknownKey(key, Messages.matter),
                    words("a key from `field matter search`", "`field matter search` 列出的代号")
                )
            )
        }
        let today = try DayOption.day(nil, "--on", context)
        guard
            let law = LawInForce(of: key, actDay: day, decisionDay: max(day, today), in: catalogue)
        else { throw Failure.input(Messages.matterNotInForce(key, day, versions)) }
        let matter = law.matter
        let output = context.output
        output.line("\(matter.key)  \(matter.name)", style: .bold)
        let organ = catalogue.organ(matter.organ)?.name ?? matter.organ
        let period =
            "\(matter.effectiveFrom?.description ?? "") – \(matter.effectiveTo?.description ?? "")"
        for (label, text) in [
            (words("basis", "依据"), matter.basisLaw + matter.basisArticle),
            (words("in force", "有效期"), period), (words("organ", "执法主体"), organ),
            (words("penalty", "罚则"), matter.penaltyText),
            (words("fine, yuan", "罚款（元）"), Messages.fine(matter)),
            (words("measures", "措施"), matter.measures.words.joined(separator: "、")),
            (words("certainty", "可靠性"), matter.certainty.rawValue),
            (words("source", "出处"), matter.source),
        ] where !text.isEmpty {
            output.line("  " + TextWidth.padded(label, to: 12) + TextWidth.harmless(text))
        }
        for hint in law.hints { output.line("  " + Messages.lawHint(hint), style: .yellow) }
        output.json(
            .object([
                "on": .string(day.description), "matter": Messages.json(of: matter),
                "versions": .array(versions.map { Messages.json(of: $0) }),
                "hints": .array(law.hints.map { .string(Messages.lawHint($0)) }),
            ])
        )
    }
}
