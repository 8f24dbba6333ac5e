import Interchange
import Replication
import SyncCore

/// One record as a line of a dump.
struct RecordLine {
    private let key: RecordKey
    private let view: RecordView
    private let schema: RecordSchema
    private let names: ReplayNames
    private let conflicts: [(name: String, candidates: [JSONValue])]

    init(_ key: RecordKey, _ view: RecordView, _ schema: RecordSchema, _ names: ReplayNames) {
        self.key = key
        self.view = view
        self.schema = schema
        self.names = names
        conflicts = RecordLine.conflicts(of: view, in: schema, names)
    }

    /// The number of fields in dispute.
    var conflictCount: Int { conflicts.count }

    /// `{"conflicts", "deleted", "fields", "record", "type"}`.
    var json: JSONValue {
        var disputed = JSONObject()
        for conflict in conflicts { disputed[conflict.name] = .array(conflict.candidates) }
        return .object([
            "record": .string(name), "type": .string(names.name(of: schema.number)),
            "fields": .object(fields),
            "conflicts": .object(disputed), "deleted": .boolean(view.lifecycle == .deleted),
        ])
    }

    private var name: String {
        if case .named(let name) = key.id { name } else { key.id.description }
    }

    // MARK: Fields

    private var fields: JSONObject {
        var members: [JSONObject.Member] = []
        for field in schema.fields {
            guard let value = value(of: field) else { continue }
            members.append(.init(names.name(of: SlotKey(field.number), in: schema), value))
        }
        let kind = schema.unlistedFields?.kind ?? .json
        for slot in view.members(of: SlotKey.unlisted) {
            guard case .text(let name)? = slot.slot.element, !slot.value.isNull else { continue }
            members.append(.init(name, slot.value.json(kind: kind)))
        }
        return JSONObject(members) ?? JSONObject()
    }

    /// What is shown of a field; nil for a cleared one.
    private func value(of field: FieldSchema) -> JSONValue? {
        guard field.policy.isCollection else {
            let value = view.value(of: field.number, in: schema)
            // Not `? nil :`, which would be the JSON null.
            if value.isNull { return .none }
            return value.json(kind: field.kind)
        }
        let members = view.members(of: field.number)
        guard !members.isEmpty else { return .none }
        let contents =
            field.policy == .addWinsSet
            ? members.compactMap(\.slot.element) : members.map(\.value)
        return .array(contents.sorted().map { $0.json(kind: field.kind) })
    }

    // MARK: Conflicts

    private static func conflicts(
        of view: RecordView,
        in schema: RecordSchema,
        _ names: ReplayNames
    ) -> [(name: String, candidates: [JSONValue])] {
        var result: [(name: String, candidates: [JSONValue])] = []
        func add(_ name: String, _ candidates: [JSONValue]) {
            if let index = result.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
                // Several entries of one growOnly field.
                result[index].candidates += candidates
            } else {
                result.append((name, candidates))
            }
        }
        for conflict in view.conflicts {
            let candidates = conflict.candidates.sorted { left, right in
                let (l, r) = (left.stamp.timestamp, right.stamp.timestamp)
                return l == r ? left.stamp.dot < right.stamp.dot : l < r
            }
            let slot: SlotKey
            switch conflict.subject {
            case .lifecycle:
                add("$deleted", candidates.map { line($0, $0.value.json(kind: .boolean)) })
                continue
            case .seal:
                add("$seal", candidates.map { line($0, $0.value.json(kind: .json)) })
                continue
            case .slot(let key): slot = key
            }
            guard let group = schema.group(of: slot.field) else {
                let kind = kind(of: slot, in: schema)
                let name = names.name(of: slot, in: schema)
                add(name, candidates.map { line($0, $0.value.json(kind: kind)) })
                continue
            }
            for (position, number) in group.enumerated() {
                let values = candidates.map { member(position, of: $0.value) }
                guard values.contains(where: { $0 != values[0] }) else { continue }
                let kind = kind(of: SlotKey(number), in: schema)
                add(
                    names.name(of: SlotKey(number), in: schema),
                    zip(candidates, values).map { line($0, $1.json(kind: kind)) }
                )
            }
        }
        return result
    }

    private static func kind(of slot: SlotKey, in schema: RecordSchema) -> FieldKind {
        if slot.field == SlotKey.unlisted { return schema.unlistedFields?.kind ?? .json }
        return schema.field(slot.field)?.kind ?? .json
    }

    private static func member(_ position: Int, of value: FieldValue) -> FieldValue {
        guard case .group(let members) = value, position < members.count else { return .null }
        return members[position]
    }

    private static func line(_ candidate: Conflict.Candidate, _ value: JSONValue) -> JSONValue {
        .object([
            "value": value, "device": .string(candidate.stamp.author),
            "at": .integer(candidate.stamp.timestamp.wallTime),
        ])
    }
}
