public import Replication

/// An open conflict, with the record it belongs to.
public struct OpenConflict: Hashable, Sendable {
    /// The record.
    public let record: RecordKey
    /// The record's type.
    public let schema: RecordSchema
    /// What is in dispute, and the concurrent writes.
    public let conflict: Conflict

    /// Makes an open conflict.
    public init(record: RecordKey, schema: RecordSchema, conflict: Conflict) {
        self.record = record
        self.schema = schema
        self.conflict = conflict
    }

    /// The concurrent writes.
    public var siblings: [Conflict.Candidate] { conflict.candidates }

    /// The name of the disputed field; of a group its members' names, joined by `+`.
    public var fieldName: String {
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

extension Replica {
    /// The open conflicts of a record type.
    public func conflicts<Target: Record>(of type: Target.Type) throws -> [OpenConflict] {
        try read { try $0.conflicts(type: Target.mapping.schema.number) }
    }

    /// All open conflicts.
    public func conflicts() throws -> [OpenConflict] {
        try read { try $0.conflicts() }
    }

    /// Resolves a conflict by taking one of its writes: a write that has seen them all.
    ///
    /// - `reason`: why, for everyone who asks later.
    public func resolve(
        _ conflict: OpenConflict,
        keeping sibling: Conflict.Candidate,
        reason: String
    ) throws {
        guard conflict.conflict.subject == .seal else {
            try resolve(conflict, with: sibling.value, reason: reason)
            return
        }
        try write(reason: reason) {
            try $0.edit(conflict.record, [.reseal(sibling.stamp.dot, reason: reason)])
        }
    }

    /// Resolves a conflict by a value: one of the siblings' or another one.
    ///
    /// - Throws: `EditError` when the conflict is not what was looked at any more: another write has
    ///   come, or it is settled.
    /// - `value`: for a lifecycle conflict true ends the record and false keeps it; for a
    ///   group the whole group; for seals the content of one of them.
    public func resolve(
        _ conflict: OpenConflict,
        with value: FieldValue,
        reason: String
    ) throws {
        try write(reason: reason) { transaction in
            try check(conflict, transaction)
            let edits = try resolutionEdits(conflict, value, reason: reason, transaction)
            try transaction.edit(conflict.record, edits)
        }
    }

    /// A resolution buries every sibling, so each of them must have been looked at.
    private func check(_ conflict: OpenConflict, _ transaction: Transaction) throws {
        let open = try transaction.view(conflict.record)?.conflicts
            .first { $0.subject == conflict.conflict.subject }
        guard open?.candidates.map(\.stamp.dot) == conflict.siblings.map(\.stamp.dot) else {
            throw EditError(
                .outdated,
                record: conflict.schema.name,
                field: conflict.fieldName,
                "the conflict has changed; look again"
            )
        }
    }

    private func resolutionEdits(
        _ conflict: OpenConflict,
        _ value: FieldValue,
        reason: String,
        _ transaction: Transaction
    ) throws -> [Edit] {
        switch conflict.conflict.subject {
        case .lifecycle:
            guard value == .boolean(true) else { return [.undelete(reason: reason)] }
            return [conflict.schema.isLegalFact ? .void(reason: reason) : .delete(reason: reason)]
        case .slot(let slot):
            if let group = conflict.schema.group(of: slot.field) {
                guard case .group(let members) = value, members.count >= group.count else {
                    throw EditError(
                        .value,
                        record: conflict.schema.name,
                        field: conflict.fieldName,
                        "is an atomic group of \(group.count) values; give all of them"
                    )
                }
                return [.setGroup(slot.field, members)]
            }
            switch slot.element {
            case .text(let name)? where slot.field == SlotKey.unlisted:
                return [.setUnlisted(name, value)]
            case .text(let id)?: return [.append(slot.field, id: id, value)]
            default: return [.set(slot.field, value)]
            }
        case .seal:
            guard let seal = conflict.siblings.first(where: { $0.value == value }) else {
                throw EditError(
                    .value,
                    record: conflict.schema.name,
                    "is sealed twice; keep one of the sealed contents as it is"
                )
            }
            return [.reseal(seal.stamp.dot, reason: reason)]
        }
    }
}
