import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field seize`.
struct SeizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seize",
        abstract: words("List goods that were taken or registered.", "登记扣押或先行登记保存的物品。"),
        discussion: words(
            "An item with a serial number is one item, whoever lists it. Take an item back with "
                + "`field find void`.",
            "有编号的物品无论由谁登记都是同一件。撤销用 `field find void`。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。"))) var reference: String
    @Option(help: ArgumentHelp(words("What it is.", "物品名称。"))) var what: String
    @Option(help: ArgumentHelp(words("How many.", "数量。"))) var count: String = "1"
    @Option(help: ArgumentHelp(words("The unit: 件, 张, 台.", "单位：件、张、台。")))
    var unit: String = MeasureUnit.piece.rawValue
    @Option(help: ArgumentHelp(words("The number on it.", "编号。"))) var serial: String = ""
    @Option(help: ArgumentHelp(words("On what ground.", "依据。"))) var basis: String?
    @Option(help: ArgumentHelp(words("What it is worth, in yuan.", "估值（元）。"))) var value: String?
    @Option(help: ArgumentHelp(words("Where it is kept.", "存放地点。"))) var storage: String = ""
    @Option(help: ArgumentHelp(words("When, if not now.", "时间，缺省为现在。"))) var time: String?

    @OptionGroup var wordOptions: WordOptions

    func run() throws {
        let context = try CommandContext(options)
        let finding = try context.finding(reference)
        let device = context.device
        var item = SeizedItem()
        item.finding = finding
        item.name = what
        item.serialNumber = serial
        let schema = SeizedItem.mapping.schema
        item.basis = try basis.map {
            try wordOptions.word($0, "basis", of: schema, option: "--basis")
        }
        item.quantity = try Amount.units(count, scale: 3, option: "--count")
        item.unit = try wordOptions.word(unit, "unit", of: schema, option: "--unit")
        if let value {
            item.estimatedValue = try Amount.units(value, scale: 2, option: "--value")
            item.currency = .yuan
        }
        item.takenAt = try TimeOption.time(time, "--time", context)
        item.storage = storage
        item.officers = Set([device.officer, device.partner].filter { !$0.isEmpty })
        item.attestations = [device.device: device.officer]
        let before = try listed(serial, of: finding, context)
        let key = try context.replica.write { [item] transaction in
            guard !serial.isEmpty,
                case .named(let name) = SeizedItem.identity(of: finding.id, serialNumber: serial)
            else { return try transaction.insert(item).key }
            return try transaction.insert(item, named: name).key
        }
        context.output.line(
            Messages.added(
                words("item", "物品"),
                ShortReference.text(key),
                try context.naming(finding),
                "\(what) \(count) \(unit)"
            ),
            style: .green
        )
        if let before {
            let quantity = SeizedItem.mapping.schema.field(named: "quantity")
            let count = before.quantity.map { ValueText.text($0.fieldValue, of: quantity) } ?? ""
            let unit = before.unit?.rawValue ?? ""
            context.output.remark(
                Messages.itemChanged(serial, "\(before.name) \(count) \(unit)")
            )
        }
        try OfficerCheck.warn(item.officers, at: item.takenAt, context)
        try context.reportWaiting()
        try context.output.json(
            try context.written(key, ["finding": .string(ShortReference.full(finding.key))])
        )
    }

    /// The item that has this serial number already: listing it again changes it.
    private func listed(
        _ serial: String,
        of finding: Reference<Finding>,
        _ context: CommandContext
    ) throws -> SeizedItem? {
        guard !serial.isEmpty else { return nil }
        let identity = SeizedItem.identity(of: finding.id, serialNumber: serial)
        return try context.replica.record(Reference<SeizedItem>(identity))
    }
}
