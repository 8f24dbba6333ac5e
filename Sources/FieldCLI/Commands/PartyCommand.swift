import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field party`.
struct PartyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "party",
        abstract: words("Persons and organisations of a finding.", "发现的当事人。"),
        subcommands: [PartyAddCommand.self, PartyListCommand.self]
    )
}

/// `field party add`.
struct PartyAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: words("Record a party.", "登记当事人。"),
        discussion: words(
            "Name and identity number are written as one. A penalty for harming wildlife within the two "
                + "years before the act makes it graver (法释〔2022〕12号 第三条).",
            "姓名与证件号码一并写入。行为前二年内曾因破坏野生动物资源受过行政处罚的，从重处罚"
                + "（法释〔2022〕12号第三条）。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。"))) var reference: String
    @Option(help: ArgumentHelp(words("The name.", "姓名或名称。"))) var name: String
    @Option(help: ArgumentHelp(words("The identity number.", "证件号码。"))) var number: String = ""

    @Option(
        help: ArgumentHelp(
            words("Whose number: 居民身份证, 统一社会信用代码, 其他.", "证件种类：居民身份证、统一社会信用代码、其他。")
        )
    )
    var numberKind: String?

    @Option(help: ArgumentHelp(words("公民, 法人 or 其他组织.", "公民、法人或其他组织。")))
    var kind: String = PartyKind.citizen.rawValue

    @Option(help: ArgumentHelp(words("Born on: YYYY-MM-DD.", "出生日期：YYYY-MM-DD。"))) var born: String?
    @Option(help: ArgumentHelp(words("Where to call.", "电话。"))) var phone: String = ""
    @Option(help: ArgumentHelp(words("Where to deliver.", "地址。"))) var address: String = ""

    @Option(
        help: ArgumentHelp(
            words("The day of the latest penalty for harming wildlife.", "最近一次因破坏野生动物资源受处罚之日。")
        )
    )
    var priorPenalty: String?

    @Option(help: ArgumentHelp(words("What the party says.", "陈述。"))) var statement: String = ""

    @OptionGroup var wordOptions: WordOptions

    func run() throws {
        let context = try CommandContext(options)
        let finding = try context.finding(reference)
        let party = try party(of: finding, context)
        let result = try FindingWriter(context)
            .add(to: finding.key) { transaction, parts in
                parts.parties.append(party)
                return try transaction.insert(party).key
            }
        context.output.line(
            Messages.added(
                words("party", "当事人"),
                ShortReference.text(result.added),
                try context.naming(finding),
                party.name
            ),
            style: .green
        )
        try Added.report(result, context)
    }

    private func party(of finding: Reference<Finding>, _ context: CommandContext) throws -> Party {
        guard !name.isEmpty else {
            throw Failure.input(
                Messages.field("--name", Messages.wrong(Messages.isNo(""), words("a name", "姓名")))
            )
        }
        let schema = Party.mapping.schema
        var party = Party()
        party.finding = finding
        party.kind = try wordOptions.word(kind, "kind", of: schema, option: "--kind")
        party.name = name
        party.identityNumber = number
        if let numberKind {
            party.identityKind = try wordOptions.word(
                numberKind,
                "identityKind",
                of: schema,
                option: "--number-kind"
            )
        } else if !number.isEmpty {
            party.identityKind =
                switch party.kind {
                case .citizen: .residentCard
                case .legalPerson: .socialCreditCode
                default: .other
                }
        }
        party.birthDate = try born.map { try DayOption.day($0, "--born", context) }
        party.phone = phone
        party.address = address
        party.priorPenaltyOn = try priorPenalty.map {
            try DayOption.day($0, "--prior-penalty", context)
        }
        party.statement = statement
        return party
    }
}

/// `field party list`.
struct PartyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: words("List the parties of a finding.", "列出发现的当事人。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。"))) var reference: String

    func run() throws {
        let context = try CommandContext(options)
        let finding = try context.finding(reference)
        let schema = Party.mapping.schema
        var query = RecordQuery(schema)
        query.conditions = [.equals("finding", .reference(finding.key))]
        let views = try context.replica.read { reading in
            try reading.records(query).compactMap { key in try reading.view(key).map { (key, $0) } }
        }
        var table = TextTable(columns: [
            .init(words("reference", "编号"), isWhole: true), .init(words("kind", "种类")),
            .init(words("name", "姓名或名称")), .init(words("number", "证件号码")),
            .init(words("prior penalty", "前次处罚日")), .init(words("state", "状态")),
        ])
        for (key, view) in views {
            let party = Party.mapping.record(from: view)
            table.append([
                .init(ShortReference.text(key), style: .cyan),
                .init(party.kind?.rawValue ?? ""), .init(party.name),
                .init(party.identityNumber), .init(party.priorPenaltyOn?.description ?? ""),
                .init(view.lifecycle == .live ? "" : Messages.lifecycle(view.lifecycle)),
            ])
        }
        context.output.table(table, whenEmpty: words("No parties.", "没有当事人。"))
        context.output.json(.array(views.map { RecordJSON.value($0.0, $0.1, in: schema) }))
    }
}
