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
        let context = try CommandContext(options)
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

    func run() throws {
        let context = try CommandContext(options)
        let entries = try context.replica.read { try $0.outbox() }
        try LogTable(context).show(entries, whenEmpty: words("Nothing waits.", "没有待发送的变更。"))
        if !entries.isEmpty { try context.reportWaiting() }
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
        let context = try CommandContext(options)
        let limit = try Listing.checked(limit)
        var entries: [LoggedEntry]
        if let reference {
            let key = try context.find(reference, ShortReference.types)
            let all = try context.replica.read { try $0.log(limit: Int(Int32.max)) }
            entries = Array(all.filter { $0.entry.record == key }.prefix(limit))
        } else {
            entries = try context.replica.read { try $0.log(limit: limit) }
        }
        try LogTable(context).show(entries, whenEmpty: words("The log is empty.", "日志为空。"))
    }
}

/// Log entries as a table or as JSON.
struct LogTable {
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    /// Shows entries in this order.
    func show(_ entries: [LoggedEntry], whenEmpty note: String) throws {
        context.output.json(.array(entries.map { LogTable.json($0) }))
        guard !context.output.isJSON else { return }
        var table = TextTable(columns: [
            .init(words("time", "时间")), .init(words("author", "作者")), .init(words("record", "记录")),
            .init(words("what", "内容"), columnsMax: 60),
            .init(words("reason", "理由"), columnsMax: 20),
            .init(words("hub", "中心"), alignment: .right),
        ])
        for logged in entries {
            let entry = logged.entry
            let schema = District.schema.record(entry.record.type)
            table.append([
                .init(ValueText.time(entry.timestamp.wallTime)), .init(entry.author),
                .init(
                    Messages.typeName(schema?.name ?? String(entry.record.type)) + " "
                        + ShortReference.text(entry.record),
                    style: .cyan
                ),
                .init(entry.actions.map { LogTable.text($0, schema) }.joined(separator: "; ")),
                .init(entry.reason),
                .init(
                    logged.sequence.map { "#\($0)" } ?? words("waits", "待发"),
                    style: logged.sequence == nil ? .yellow : .dim
                ),
            ])
        }
        context.output.table(table, whenEmpty: note)
    }

    /// What an action does, for people.
    static func text(_ action: Operation.Action, _ schema: RecordSchema?) -> String {
        switch action {
        case .create: words("new", "新建")
        case .write(let slot, let value):
            fieldText(slot, schema) + "=" + valueText(value, slot, schema)
        case .delete: words("deleted", "删除")
        case .undelete: words("brought back", "恢复")
        case .void: words("void", "作废")
        case .seal: words("sealed", "封存")
        case .unknown(let code, _): words("unknown operation \(code)", "未知操作 \(code)")
        }
    }

    private static func fieldText(_ slot: SlotKey, _ schema: RecordSchema?) -> String {
        guard let schema else { return "\(slot.field)" }
        let name = Messages.fieldName(schema.name(of: slot))
        guard slot.field != SlotKey.unlisted, let element = slot.element else { return name }
        return name + "[" + ValueText.text(element, of: schema.field(slot.field)) + "]"
    }

    private static func valueText(
        _ value: FieldValue,
        _ slot: SlotKey,
        _ schema: RecordSchema?
    ) -> String {
        guard let schema else { return ValueText.text(value, of: nil) }
        return ValueText.text(value, slot: slot, in: schema)
    }

    /// An entry for programs.
    static func json(_ logged: LoggedEntry) -> JSONValue {
        let entry = logged.entry
        let schema = District.schema.record(entry.record.type)
        return .object([
            "dot": .string(entry.dot.description), "part": .integer(Int64(entry.part)),
            "parts": .integer(Int64(entry.parts)),
            "writtenAt": .string(ValueText.instant(entry.timestamp.wallTime)),
            "author": .string(entry.author), "reason": .string(entry.reason),
            "type": .string(schema?.name ?? String(entry.record.type)),
            "record": .string(ShortReference.full(entry.record)),
            "reference": .string(ShortReference.text(entry.record)),
            "sequence": logged.sequence.map { .integer(Int64(clamping: $0)) } ?? .null,
            "seen": .object([
                "base": .integer(Int64(clamping: entry.context.base)),
                "peers": .array(
                    entry.context.peers.entries.map { .string("\($0.replica):\($0.counter)") }
                ),
            ]),
            "actions": .array(entry.actions.map { json($0, schema) }),
        ])
    }

    private static func json(_ action: Operation.Action, _ schema: RecordSchema?) -> JSONValue {
        switch action {
        case .create: return .object(["do": "create"])
        case .write(let slot, let value):
            let name = schema?.name(of: slot) ?? "\(slot.field)"
            var object: JSONObject = ["do": "write", "field": .string(name)]
            if let element = slot.element {
                object["element"] = ValueText.json(element, of: schema?.field(slot.field))
            }
            object["value"] =
                schema.map { ValueText.json(value, slot: slot, in: $0) }
                ?? ValueText.json(value, of: nil)
            return .object(object)
        case .delete(let reason): return .object(["do": "delete", "reason": .string(reason)])
        case .undelete(let reason): return .object(["do": "undelete", "reason": .string(reason)])
        case .void(let reason): return .object(["do": "void", "reason": .string(reason)])
        case .seal(let reason, let content):
            return .object([
                "do": "seal", "reason": .string(reason), "slots": .integer(Int64(content.count)),
            ])
        case .unknown(let code, let payload):
            return .object([
                "do": "unknown", "code": .integer(Int64(code)),
                "bytes": .integer(Int64(payload.count)),
            ])
        }
    }
}
