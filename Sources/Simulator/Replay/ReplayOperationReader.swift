import Interchange
import Replication
import SyncCore

/// Reads one operation on one record, and checks it against the schema.
struct ReplayOperationReader {
    let names: ReplayNames

    func operation(_ verb: String, _ keys: ReplayKeys) throws(ReplayError) -> ReplayOperation {
        var draft = Draft()
        let known: Set<String> = [
            "create", "set", "add", "remove", "append", "increment", "delete", "undelete", "void",
            "seal",
        ]
        guard known.contains(verb) else {
            throw keys.failure("do", "\"\(verb)\" is no operation of the replay format")
        }
        let record = try self.record(keys)
        let reason = try keys.optionalString("reason") ?? ""
        guard reason.utf8.count <= ReplayEventReader.nameBytesMax, !reason.utf8.contains(0) else {
            throw keys.failure("reason", "is over \(ReplayEventReader.nameBytesMax) bytes")
        }
        switch verb {
        case "create":
            draft.edits = [.create]
            try fields(keys, in: record, isRequired: false, &draft)
        case "set": try fields(keys, in: record, isRequired: true, &draft)
        case "add":
            let (field, value) = try member(keys, in: record, policy: .addWinsSet)
            draft.edits = [.add(field.number, value)]
        case "remove":
            let (field, value) = try member(keys, in: record, policy: .addWinsSet)
            draft.edits = [.remove(field.number, value)]
        case "append":
            let (field, value) = try member(keys, in: record, policy: .growOnly)
            let id = try keys.name("id", bytesMax: ReplayEventReader.nameBytesMax)
            draft.edits = [.append(field.number, id: id, value)]
        case "increment": try increment(keys, in: record, &draft)
        case "delete": draft.edits = [.delete(reason: reason)]
        case "undelete": draft.edits = [.undelete(reason: reason)]
        case "void": draft.edits = [.void(reason: reason)]
        default: draft.edits = [.seal(reason: reason)]
        }
        let name = try keys.name("record", bytesMax: ReplayEventReader.nameBytesMax)
        return ReplayOperation(
            key: RecordKey(type: record.number, id: .named(name)),
            edits: draft.edits,
            emptied: draft.emptied,
            increment: draft.increment
        )
    }

    private struct Draft {
        var edits: [Edit] = []
        var emptied: [UInt32] = []
        var increment: Int64 = 0
    }

    private func record(_ keys: ReplayKeys) throws(ReplayError) -> RecordSchema {
        let type = try keys.string("type")
        guard let record = names.record(named: type) else {
            throw keys.failure(
                "type",
                "\"\(type)\" is no type of the schema; there are \(names.typeList)"
            )
        }
        return record
    }

    // MARK: Fields

    private func fields(
        _ keys: ReplayKeys,
        in record: RecordSchema,
        isRequired: Bool,
        _ draft: inout Draft
    ) throws(ReplayError) {
        guard let value = keys.object["fields"], !value.isNull else {
            if isRequired { throw keys.failure("fields", "is missing; an object of values") }
            return
        }
        guard let object = value.object else {
            throw keys.failure("fields", "is a \(value.kindName), not an object of values")
        }
        for member in object.members {
            try set(member.key, member.value, keys, in: record, &draft)
        }
    }

    private func set(
        _ name: String,
        _ value: JSONValue,
        _ keys: ReplayKeys,
        in record: RecordSchema,
        _ draft: inout Draft
    ) throws(ReplayError) {
        let path = "fields.\(name)"
        guard let field = names.field(named: name, in: record) else {
            guard let rule = record.unlistedFields else { throw unknown(path, keys, record) }
            guard !name.isEmpty, name.utf8.count <= ReplayEventReader.nameBytesMax,
                !name.utf8.contains(0)
            else { throw keys.failure(path, "is no usable name of a field") }
            draft.edits.append(.setUnlisted(name, try convert(value, rule.kind, path, keys)))
            return
        }
        switch field.policy {
        case .addWinsSet:
            if value.isNull {
                draft.emptied.append(field.number)
                return
            }
            for element in value.array ?? [value] {
                let converted = try content(element, field.kind, path, keys)
                draft.edits.append(.add(field.number, converted))
            }
        case .growOnly:
            guard value.array?.isEmpty == true else {
                throw keys.failure(path, "is a growOnly field; append entries to it, with ids")
            }
        case .counter: throw keys.failure(path, "is a counter; increment it")
        default:
            draft.edits.append(.set(field.number, try convert(value, field.kind, path, keys)))
        }
    }

    private func unknown(
        _ path: String,
        _ keys: ReplayKeys,
        _ record: RecordSchema
    ) -> ReplayError {
        keys.failure(
            path,
            "is no field of \(names.name(of: record.number)); there are \(names.fieldList(of: record))"
        )
    }

    // MARK: Members and counters

    private func field(
        _ keys: ReplayKeys,
        in record: RecordSchema,
        policy: MergePolicy
    ) throws(ReplayError) -> FieldSchema {
        let name = try keys.string("field")
        guard let field = names.field(named: name, in: record) else {
            throw unknown("field", keys, record)
        }
        guard field.policy == policy else {
            throw keys.failure("field", "\(name) merges as \(field.policy), not as \(policy)")
        }
        return field
    }

    private func member(
        _ keys: ReplayKeys,
        in record: RecordSchema,
        policy: MergePolicy
    ) throws(ReplayError) -> (FieldSchema, FieldValue) {
        let field = try field(keys, in: record, policy: policy)
        guard let value = keys.object["value"] else {
            throw keys.failure("value", "is missing; the member or entry")
        }
        return (field, try content(value, field.kind, "value", keys))
    }

    private func increment(
        _ keys: ReplayKeys,
        in record: RecordSchema,
        _ draft: inout Draft
    ) throws(ReplayError) {
        let field = try field(keys, in: record, policy: .counter)
        let by = try convert(keys.object["by"] ?? .null, field.kind, "by", keys)
        switch by {
        case .integer(let amount), .scaled(let amount):
            guard amount != Int64.min else { throw keys.failure("by", "is too large") }
            draft.edits = [.increment(field.number, by: amount)]
            draft.increment = Int64(amount.magnitude)
        default: throw keys.failure("by", "is missing; the amount to add")
        }
    }

    // MARK: Values

    private func convert(
        _ value: JSONValue,
        _ kind: FieldKind,
        _ key: String,
        _ keys: ReplayKeys
    ) throws(ReplayError) -> FieldValue {
        let converted: FieldValue
        do {
            converted = try FieldValue(json: value, kind: kind)
        } catch {
            throw keys.failure(key, "\(error)")
        }
        let size: Int
        switch converted {
        case .text(let text), .json(let text): size = text.utf8.count
        case .bytes(let bytes): size = bytes.count
        default: size = 0
        }
        guard size <= EditResolution.valueBytesMax else {
            throw keys.failure(
                key,
                "holds \(size) bytes; at most \(EditResolution.valueBytesMax) are allowed"
            )
        }
        return converted
    }

    /// A member or entry, which cannot be cleared; `null` is a document of its own.
    private func content(
        _ value: JSONValue,
        _ kind: FieldKind,
        _ key: String,
        _ keys: ReplayKeys
    ) throws(ReplayError) -> FieldValue {
        if value.isNull {
            guard kind == .json else { throw keys.failure(key, "is null; a member is a value") }
            return .json("null")
        }
        return try convert(value, kind, key, keys)
    }
}
