import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field find new`.
struct FindNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: words("Record a finding; the rules say what it means.", "记录一项发现，并给出规则判断。"),
        discussion: words(
            "The law of the day of the act decides. Closed waters, vessels without papers and "
                + "suspected crimes are found with no network. Other fields: --set name=value.",
            "适用行为当日的法律。禁渔区与禁渔期、三无船舶、涉嫌犯罪的判断均不需要网络。"
                + "其他字段用 --set 字段=值。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("A short name for lists.", "简短标题。")))
    var title: String = ""

    @Option(help: ArgumentHelp(words("The key of the matter, as F01.", "事项代号，如 F01。")))
    var matter: String?

    @Option(
        name: .customLong("at"),
        help: ArgumentHelp(
            words("Where: longitude,latitude in degrees.", "地点：经度,纬度（度）。"),
            valueName: "lon,lat"
        )
    )
    var place: String?

    @Option(help: ArgumentHelp(words("Accuracy in metres.", "定位精度（米）。")))
    var accuracy: String?

    @Option(
        help: ArgumentHelp(words("When, if not now; +08:00 unless it says.", "时间，缺省为现在。"))
    )
    var time: String?

    @Option(help: ArgumentHelp(words("Satellite time of the moment.", "同一时刻的卫星时间。")))
    var gnssTime: String?

    @Option(
        help: ArgumentHelp(
            words("The town, by code or name, if not the device's.", "镇街代码或名称，缺省为本机的。")
        )
    )
    var town: String?

    @Option(help: ArgumentHelp(words("The key of the water.", "水域代号。")))
    var water: String?

    @Option(help: ArgumentHelp(words("How fish were taken: 电鱼, 地笼 …", "捕捞方法：电鱼、地笼……")))
    var method: String?

    @Option(help: ArgumentHelp(words("How many persons.", "人数。")))
    var persons: String?

    @Option(help: ArgumentHelp(words("Does the vessel bear a name: yes or no.", "有无船名号：yes 或 no。")))
    var vesselName: String?

    @Option(help: ArgumentHelp(words("Has it a port of registry: yes or no.", "有无船籍港：yes 或 no。")))
    var vesselPort: String?

    @Option(help: ArgumentHelp(words("Has it certificates: yes or no.", "有无船舶证书：yes 或 no。")))
    var vesselCertificate: String?

    @Option(help: ArgumentHelp(words("What was seen, at length.", "详细描述。")))
    var description: String?

    @Option(help: ArgumentHelp(words("A free remark.", "备注。")))
    var remark: String?

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp(words("A label; repeat it.", "标签，可重复。"))
    )
    var tags: [String] = []

    @Option(
        name: .customLong("catch"),
        help: ArgumentHelp(
            words(
                "A line of the catch, as 鲫鱼=8.0kg or 鲫鱼=8kg,state=怀卵亲体,value=300 (普通, 幼鱼, "
                    + "苗种, 怀卵亲体; yuan); repeat it.",
                "渔获物，如 鲫鱼=8.0kg 或 鲫鱼=8kg,state=怀卵亲体,value=300（普通、幼鱼、苗种、怀卵亲体；元），"
                    + "可重复。"
            )
        )
    )
    var catches: [String] = []

    @Option(
        help: ArgumentHelp(
            words(
                "Gear seen, as 地笼=3 or 地笼=3,banned,length=20,mesh=15 (on the list of banned gear; "
                    + "metres; millimetres); repeat it.",
                "渔具，如 地笼=3 或 地笼=3,banned,length=20,mesh=15（属禁用渔具；米；毫米），可重复。"
            )
        )
    )
    var gear: [String] = []

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(words("Any field, as light=夜间; repeat it.", "任意字段，如 light=夜间，可重复。"))
    )
    var fields: [String] = []

    @OptionGroup var wordOptions: WordOptions

    func run() throws {
        let context = try CommandContext(options)
        let writer = try FindingWriter(context, takesAnyWord: wordOptions.anyWord)
        let assignments = try assignments(context, writer.catalogue)
        let reader = PartReader(context: context, wordOptions: wordOptions)
        let lines = try catches.map(reader.catchLine)
        let items = try gear.map(reader.gearItem)
        let result = try writer.create(assignments, catchLines: lines, gear: items)
        let output = context.output
        output.line(
            Messages.findingRecorded(ShortReference.text(result.key), result.title),
            style: .green
        )
        for line in result.screen.lines() { output.line("  " + line.text, style: line.style) }
        var warnings = OfficerCheck(result.finding, writer.catalogue).warnings
        if result.isEmpty, lines.isEmpty, items.isEmpty { warnings.append(Messages.saysNothing) }
        for warning in warnings { output.line("  " + warning, style: .yellow) }
        for other in try writer.duplicates(of: result.key) {
            output.line("  " + Messages.maybeSame(ShortReference.text(other)), style: .cyan)
        }
        try context.reportWaiting()
        try output.json(
            try context.written(
                result.key,
                [
                    "screen": result.screen.json,
                    "warnings": .array(warnings.map { .string($0) }),
                ]
            )
        )
    }

    private func assignments(
        _ context: CommandContext,
        _ catalogue: Catalogue
    ) throws -> [Assignment] {
        let town = town.map { TownName.code($0, in: catalogue) } ?? context.device.town
        var result = [
            Assignment("title", title), Assignment("town", town),
            Assignment("organ", context.device.organ),
            Assignment("participants", context.device.officer),
            Assignment("observedAt", time ?? ValueText.instant(context.now.milliseconds)),
        ]
        if !context.device.partner.isEmpty {
            result.append(Assignment("participants", context.device.partner))
        }
        if let place {
            let (latitude, longitude) = try ArgumentText.place(place)
            result += [
                Assignment("latitude", latitude), Assignment("longitude", longitude),
                Assignment("datum", GeodeticDatum.wgs84.rawValue),
            ]
        }
        let optional: [(String, String?)] = [
            ("matter", matter), ("accuracy", accuracy), ("gnssTime", gnssTime), ("water", water),
            ("method", method), ("personsCount", persons), ("vesselHasName", vesselName),
            ("vesselHasPort", vesselPort), ("vesselHasCertificate", vesselCertificate),
            ("description", description), ("remark", remark),
        ]
        for (name, text) in optional {
            if let text { result.append(Assignment(name, text)) }
        }
        result += tags.map { Assignment("tags", $0) }
        result += try fields.map { try Assignment(parsing: $0, of: Finding.mapping.schema) }
        if let patrol = try PatrolFinder(context).open() {
            result.append(Assignment("patrol", ShortReference.full(patrol.key)))
        }
        return result.filter { !$0.text.isEmpty }
    }
}

/// Exact decimals of options.
enum Amount {
    /// Reads an amount that is not negative.
    static func units(
        _ text: String,
        scale: Int,
        option: String
    ) throws -> Replication.ScaledDecimal {
        do {
            let units = try FieldParser(catalogue: nil).units(text, scale: scale)
            guard units >= 0 else {
                throw ValueProblem(
                    problem: Messages.isNo(text),
                    expected: words("0 or more", "不小于 0 的数")
                )
            }
            return Replication.ScaledDecimal(units: units)
        } catch let problem as ValueProblem {
            throw Failure.input(Messages.field(option, problem.description))
        }
    }
}
