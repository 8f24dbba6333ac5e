import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field device`.
struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: words(
            "Say or change who works with this device and what it receives.",
            "查看或更改本机的使用者与接收范围。"
        ),
        subcommands: [DeviceShowCommand.self, DeviceSetCommand.self],
        defaultSubcommand: DeviceShowCommand.self
    )
}

/// `field device show`.
struct DeviceShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: words("Say who works with this device.", "查看本机的使用者与接收范围。")
    )

    @OptionGroup var options: StoreOptions

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        try DeviceReport(context).show(context.device)
    }
}

/// `field device set`.
struct DeviceSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: words("Change who works with this device.", "更改本机的使用者与接收范围。"),
        discussion: words(
            "What was recorded stays as it is, with whoever recorded it. A new town or organ changes what "
                + "this device receives, unless it was chosen by --scope; the next sync fetches what "
                + "enters and takes away what leaves, never what waits to be sent.",
            "已有的记录及其记录人不变。更换镇街或单位会改变接收范围（用 --scope 自选的除外）；"
                + "下次同步时取来新进入的、移走已离开的，待发送的变更不受影响。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("The officer's number.", "执法人员编号。")))
    var officer: String?

    @Option(
        help: ArgumentHelp(
            words("The second officer's number; \"\" for none.", "第二名执法人员编号；\"\" 表示无。")
        )
    )
    var partner: String?

    @OptionGroup var station: StationOptions

    func validate() throws {
        guard officer == nil, partner == nil, station.organ == nil, station.town == nil,
            station.hub == nil, station.scopes.isEmpty
        else { return }
        throw ValidationError(
            words(
                "Say what to change: --officer, --partner, --organ, --town, --scope or --hub.",
                "请指明要更改的内容：--officer、--partner、--organ、--town、--scope 或 --hub。"
            )
        )
    }

    func run() throws {
        let context = try CommandContext(options)
        let choice = DeviceChoice(catalogue: try context.catalogue())
        let before = context.device
        var device = before
        if let officer { device.officer = try choice.officer(officer, option: "--officer") }
        if let partner {
            device.partner =
                partner.isEmpty ? "" : try choice.officer(partner, option: "--partner")
        }
        if let organ = station.organ { device.organ = try choice.organ(organ) }
        if let town = station.town { device.town = try choice.town(town) }
        if let hub = station.hub {
            if !hub.isEmpty { _ = try HTTPTransport(url: hub) }
            device.hub = hub
        }
        try subscribe(choice, from: before, to: device, context)
        // Last: a subscription that is refused leaves everything as it was.
        try device.write(in: context.folder)
        try DeviceReport(context).show(device)
    }

    private func subscribe(
        _ choice: DeviceChoice,
        from before: DeviceFile,
        to after: DeviceFile,
        _ context: CommandContext
    ) throws {
        let usual = DeviceChoice.scopes(town: before.town, organ: before.organ).sorted()
        let isUsual = try context.replica.status().scopes.sorted() == usual
        guard isUsual || !station.scopes.isEmpty else { return }
        let wanted = try choice.scopes(station.scopes, town: after.town, organ: after.organ)
        try context.replica.subscribe(to: wanted)
    }
}

/// Who works with a device, and what it receives.
struct DeviceReport {
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    /// Shows it.
    func show(_ device: DeviceFile) throws {
        let status = try context.replica.status()
        let output = context.output
        output.line(Messages.owner(try context.person(device.officer), device))
        if !device.partner.isEmpty {
            output.line(Messages.partner(try context.person(device.partner)))
        }
        output.line(Messages.scopes(status.scopes))
        output.line(Messages.hubAddress(device.hub))
        output.json(
            .object([
                "officer": .string(device.officer), "partner": .string(device.partner),
                "organ": .string(device.organ), "town": .string(device.town),
                "hub": .string(device.hub), "scopes": .array(status.scopes.map { .string($0) }),
                "waiting": .integer(Int64(status.waitingChanges)),
            ])
        )
    }
}
