import Interchange
import Models
import Replication

/// Records as JSON with stable keys.
enum RecordJSON {
    /// A record with all its fields.
    static func value(_ key: RecordKey, _ view: RecordView, in schema: RecordSchema) -> JSONValue {
        .object([
            "reference": .string(ShortReference.text(key)),
            "id": .string(ShortReference.full(key)),
            "type": .string(schema.name),
            "lifecycle": .string(name(of: view.lifecycle)),
            "conflicts": .array(conflictNames(view, in: schema).map { .string($0) }),
            "fields": .object(fields(view, in: schema)),
        ])
    }

    /// The fields that have a value, in the order of their numbers.
    static func fields(_ view: RecordView, in schema: RecordSchema) -> JSONObject {
        var object = JSONObject()
        for field in schema.fields {
            switch field.policy {
            case .addWinsSet:
                let members = view.members(of: field.number)
                guard !members.isEmpty else { continue }
                object[field.name] = .array(
                    members.compactMap { $0.slot.element }.map { ValueText.json($0, of: field) }
                )
            case .growOnly:
                let members = view.members(of: field.number)
                guard !members.isEmpty else { continue }
                var entries = JSONObject()
                for member in members {
                    guard case .text(let id)? = member.slot.element else { continue }
                    entries[id] = ValueText.json(member.value, of: field)
                }
                object[field.name] = .object(entries)
            default:
                let value = view.value(of: field.number, in: schema)
                if !value.isNull { object[field.name] = ValueText.json(value, of: field) }
            }
        }
        return object
    }

    /// The names of the disputed fields; `$deleted` for the record itself.
    static func conflictNames(_ view: RecordView, in schema: RecordSchema) -> [String] {
        view.conflicts.map { conflict in
            let slot: SlotKey
            switch conflict.subject {
            case .lifecycle: return "$deleted"
            case .seal: return "$seal"
            case .slot(let key): slot = key
            }
            guard let group = schema.group(of: slot.field) else { return schema.name(of: slot) }
            return group.map { schema.name(of: SlotKey($0)) }.joined(separator: "+")
        }
    }

    /// The stable name of a lifecycle.
    static func name(of lifecycle: RecordView.Lifecycle) -> String {
        switch lifecycle {
        case .unknown: "unknown"
        case .live: "live"
        case .deleted: "deleted"
        case .voided: "voided"
        case .contestedDeletion: "contested-deletion"
        case .disputed: "disputed"
        }
    }
}
