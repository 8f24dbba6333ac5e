import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: words("Say where this device stands.", "显示本机状态。")
    )

    @OptionGroup var options: StoreOptions

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let status = try context.replica.status()
        let counts = try context.replica.read { reading in
            try ShortReference.types.map { ($0.name, try reading.count(type: $0.number)) }
        }
        let patrol = try PatrolFinder(context).open()
        let output = context.output
        output.line(Messages.storeAt(context.folder), style: .bold)
        output.line(
            "  " + Messages.owner(try context.person(context.device.officer), context.device)
        )
        output.line("  " + words("replica  ", "副本号  ") + status.replica.description)
        for (name, count) in counts where count > 0 {
            output.line("  \(TextWidth.padded(Messages.typeName(name), to: 16))\(count)")
        }
        if let patrol {
            output.line("  " + Messages.patrolUnderWay(ShortReference.text(patrol.key)))
        }
        output.line("  " + Messages.scopes(status.scopes))
        output.line(
            "  " + Messages.waiting(status.waitingChanges),
            style: status.waitingChanges > 0 ? .yellow : .green
        )
        if status.conflicts > 0 {
            output.line("  " + Messages.openConflicts(status.conflicts), style: .yellow)
        }
        if status.quarantined > 0 {
            output.line("  " + Messages.quarantined(status.quarantined), style: .yellow)
        }
        if context.replica.isShortOfSpace {
            output.line("  " + Messages.shortOfSpace, style: .yellow)
        }
        output.line("  " + Messages.lastSync(status.lastSyncAt, hub: context.device.hub))
        output.json(json(status, counts, patrol?.key, context))
    }

    private func json(
        _ status: ReplicaStatus,
        _ counts: [(String, Int)],
        _ patrol: RecordKey?,
        _ context: CommandContext
    ) -> JSONValue {
        var byType = JSONObject()
        for (name, count) in counts { byType[name] = .integer(Int64(count)) }
        return .object([
            "store": .string(context.folder), "replica": .string(status.replica.description),
            "officer": .string(context.device.officer), "organ": .string(context.device.organ),
            "town": .string(context.device.town), "hub": .string(context.device.hub),
            "records": .integer(Int64(status.records)), "recordsByType": .object(byType),
            "entries": .integer(Int64(status.entries)),
            "patrol": patrol.map { .string(ShortReference.full($0)) } ?? .null,
            "waiting": .integer(Int64(status.waitingChanges)),
            "conflicts": .integer(Int64(status.conflicts)),
            "quarantined": .integer(Int64(status.quarantined)),
            "isShortOfSpace": .boolean(context.replica.isShortOfSpace),
            "cursor": .integer(Int64(clamping: status.cursor)),
            "epoch": status.epoch.map { .string($0.description) } ?? .null,
            "scopes": .array(status.scopes.map { .string($0) }),
            "lastSyncAt": status.lastSyncAt.map { .string(ValueText.instant($0)) } ?? .null,
            "knowledge": .array(
                status.knowledge.entries.map {
                    .object([
                        "replica": .string($0.replica.description),
                        "counter": .integer(Int64(clamping: $0.counter)),
                    ])
                }
            ),
        ])
    }
}

/// `field outbox`.
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: words("List what waits to be sent, oldest first.", "列出待发送的变更，旧的在前。")
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("The most entries.", "最多条数。"))) var limit: Int = 200

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let listing = try Listing(limit)
        let found = try context.replica.read { try $0.outbox(limit: listing.asked) }
        let entries = listing.shown(found)
        try LogTable(context)
            .show(
                entries,
                whenEmpty: words("Nothing waits.", "没有待发送的变更。"),
                waitingSince: context.now
            )
        guard let oldest = entries.first else { return }
        listing.remark(found.count, context.output)
        let age = context.now.milliseconds - oldest.entry.timestamp.wallTime
        context.output.line(Messages.oldestWaits(age), style: .dim)
        try context.reportWaiting()
    }
}

/// `field log`.
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: words("List changes, newest first; of one record, or of all.", "列出变更，新的在前。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("A record; else all.", "记录编号；缺省为全部。"))) var reference:
        String?
    @Option(help: ArgumentHelp(words("The most entries.", "最多条数。"))) var limit: Int = 30

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let listing = try Listing(limit)
        let entries: [LoggedEntry]
        if let reference {
            let key = try context.find(reference, ShortReference.types)
            entries = try context.replica.read { try $0.log(of: key, limit: listing.asked) }
        } else {
            entries = try context.replica.read { try $0.log(limit: listing.asked) }
        }
        try LogTable(context)
            .show(listing.shown(entries), whenEmpty: words("The log is empty.", "日志为空。"))
        listing.remark(entries.count, context.output)
    }
}
