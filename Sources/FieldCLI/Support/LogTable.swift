import Interchange
import Models
import Replication
import SyncCore

/// Log entries as a table or as JSON.
struct LogTable {
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    /// Shows entries in this order; with their size and age when they wait.
    func show(
        _ entries: [LoggedEntry],
        whenEmpty note: String,
        waitingSince now: WallTime? = nil
    ) throws {
        context.output.json(.array(entries.map { LogTable.json($0, waitingSince: now) }))
        guard !context.output.isJSON else { return }
        var columns: [TextTable.Column] = [
            .init(words("time", "时间"), isWhole: true), .init(words("author", "作者")),
            .init(words("record", "记录"), isWhole: true),
            .init(words("what", "内容"), columnsMax: 60),
            .init(words("reason", "理由"), columnsMax: 20),
            .init(words("hub", "中心"), alignment: .right),
        ]
        if now != nil {
            columns += [
                .init(words("size", "大小"), alignment: .right),
                .init(words("age", "已等待"), alignment: .right),
            ]
        }
        var table = TextTable(columns: columns)
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
                .init(SizeFormat.text(bytes: Int64(entry.approximateSize))),
                .init(
                    now.map { Messages.duration(LogTable.age(entry, $0)) } ?? ""
                ),
            ])
        }
        context.output.table(table, whenEmpty: note)
    }

    /// What an action does, for people.
    static func text(_ action: Operation.Action, _ schema: RecordSchema?) -> String {
        switch action {
        case .create: words("new", "新建")
        case .write(let slot, .boolean(let isMember)) where slot.element != nil:
            fieldText(slot, schema) + (isMember ? "+" : "−")
        case .write(let slot, let value):
            fieldText(slot, schema) + "=" + valueText(value, slot, schema)
        case .delete: words("deleted", "删除")
        case .undelete: words("brought back", "恢复")
        case .void: words("void", "作废")
        case .seal: words("sealed", "封存")
        case .close: words("closed by the hub", "中心已关闭")
        case .collect: words("content collected by the hub", "内容已由中心清理")
        case .collected: words("content was collected", "内容已清理")
        case .unknown(let code, _): words("unknown operation \(code)", "未知操作 \(code)")
        }
    }

    private static func fieldText(_ slot: SlotKey, _ schema: RecordSchema?) -> String {
        guard let schema else { return "\(slot.field)" }
        let name = Messages.fieldName(schema.name(of: slot), of: schema.name)
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

    private static func age(_ entry: LogEntry, _ now: WallTime) -> Int64 {
        max(0, now.milliseconds - entry.timestamp.wallTime)
    }

    /// An entry for programs; with its size and age when it waits.
    static func json(_ logged: LoggedEntry, waitingSince now: WallTime? = nil) -> JSONValue {
        let value = json(logged.entry, sequence: logged.sequence)
        guard let now, var object = value.object else { return value }
        object["bytes"] = .integer(Int64(logged.entry.approximateSize))
        object["ageMilliseconds"] = .integer(age(logged.entry, now))
        return .object(object)
    }

    /// An entry for programs, with the hub's number where it has one.
    static func json(_ entry: LogEntry, sequence: UInt64?) -> JSONValue {
        let schema = District.schema.record(entry.record.type)
        return .object([
            "dot": .string(entry.dot.description), "part": .integer(Int64(entry.part)),
            "parts": .integer(Int64(entry.parts)),
            "writtenAt": .string(ValueText.instant(entry.timestamp.wallTime)),
            "author": .string(entry.author), "reason": .string(entry.reason),
            "type": .string(schema?.name ?? String(entry.record.type)),
            "record": .string(ShortReference.full(entry.record)),
            "reference": .string(ShortReference.text(entry.record)),
            "sequence": sequence.map { .integer(Int64(clamping: $0)) } ?? .null,
            "seen": seen(entry.context),
            "actions": .array(entry.actions.map { json($0, schema) }),
        ])
    }

    /// What a writer had seen; of a blind entry also the only changes that it had of the record.
    private static func seen(_ context: CausalContext) -> JSONValue {
        var seen: JSONObject = [
            "base": .integer(Int64(clamping: context.base)),
            "peers": .array(
                context.peers.entries.map { .string("\($0.replica):\($0.counter)") }
            ),
        ]
        if let dots = context.onlySeen {
            seen["only"] = .array(dots.map { .string($0.description) })
        }
        return .object(seen)
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
        case .close: return .object(["do": "close"])
        case .collect(let fields):
            let names = fields.map { JSONValue.string(schema?.field($0)?.name ?? "\($0)") }
            return .object(["do": "collect", "keeping": .array(names)])
        case .collected(let digest):
            let text = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            return .object(["do": "collected", "digest": .string(text.joined())])
        case .unknown(let code, let payload):
            return .object([
                "do": "unknown", "code": .integer(Int64(code)),
                "bytes": .integer(Int64(payload.count)),
            ])
        }
    }
}
