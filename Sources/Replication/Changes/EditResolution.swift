/// Turns edits into the actions of a change: checks them and fills in what slots need.
public struct EditResolution: Sendable {
    /// The largest text, JSON or byte value of one field, in bytes.
    public static let valueBytesMax = 1 << 20

    /// The record type.
    public let schema: RecordSchema
    /// The writer, whose running totals counters go on from.
    public let replica: ReplicaID
    /// Whether the writer is the hub, which alone writes `hubOnly` fields.
    public let isHub: Bool

    /// Makes a resolution for one record type and writer.
    public init(schema: RecordSchema, replica: ReplicaID, isHub: Bool = false) {
        self.schema = schema
        self.replica = replica
        self.isHub = isHub
    }

    /// The actions of `edits` on a record in this state, of which `view` shows what is shown.
    ///
    /// - Throws: `EditError` for the first edit that is refused; the caller drops the transaction.
    public func actions(
        for edits: [Edit],
        on state: RecordState,
        view: () -> RecordView
    ) throws(EditError) -> [Operation.Action] {
        var actions: [Operation.Action] = []
        actions.reserveCapacity(edits.count)
        var groups: [(first: UInt32, members: [FieldValue])] = []
        var totals: [(field: UInt32, total: Int64)] = []
        for edit in edits {
            switch edit {
            case .create: actions.append(.create)
            case .set(let number, let value):
                let field = try field(number, value) { !$0.isCollection && $0 != .counter }
                guard let group = schema.group(of: number) else {
                    actions.append(.write(SlotKey(field.number), value))
                    continue
                }
                set(value, of: number, in: group, view, groups: &groups)
            case .setUnlisted(let name, let value):
                actions.append(try unlisted(name, value))
            case .add(let number, let value):
                _ = try field(number, value) { $0 == .addWinsSet }
                actions.append(.write(SlotKey(number, element: value), .boolean(true)))
            case .remove(let number, let value):
                _ = try field(number, value) { $0 == .addWinsSet }
                actions.append(.write(SlotKey(number, element: value), .boolean(false)))
            case .append(let number, let id, let value):
                _ = try field(number, value) { $0 == .growOnly }
                try check(.text(id), name: "id")
                actions.append(.write(SlotKey(number, element: .text(id)), value))
            case .increment(let number, let amount):
                try increment(number, by: amount, state: state, totals: &totals)
            case .delete(let reason): actions.append(try delete(reason))
            case .undelete(let reason): actions.append(.undelete(reason: reason))
            case .void(let reason): actions.append(try void(reason))
            case .seal(let reason):
                let content = view().values.map { Operation.SealedValue($0.slot, $0.value) }
                actions.append(.seal(reason: reason, content: content))
            }
        }
        for group in groups {
            actions.append(.write(SlotKey(group.first), .group(group.members)))
        }
        for total in totals {
            let isScaled =
                if case .scaled? = schema.field(total.field)?.kind { true } else { false }
            let value: FieldValue = isScaled ? .scaled(total.total) : .integer(total.total)
            actions.append(.write(SlotKey(total.field), value))
        }
        return actions
    }

    private func set(
        _ value: FieldValue,
        of number: UInt32,
        in group: [UInt32],
        _ view: () -> RecordView,
        groups: inout [(first: UInt32, members: [FieldValue])]
    ) {
        guard let first = group.first, let position = group.firstIndex(of: number) else { return }
        if let index = groups.firstIndex(where: { $0.first == first }) {
            groups[index].members[position] = value
            return
        }
        let view = view()
        var members = group.map { view.value(of: $0, in: schema) }
        members[position] = value
        groups.append((first, members))
    }

    private func increment(
        _ number: UInt32,
        by amount: Int64,
        state: RecordState,
        totals: inout [(field: UInt32, total: Int64)]
    ) throws(EditError) {
        let field = try field(number, .null) { $0 == .counter }
        let index = totals.firstIndex { $0.field == number }
        let before = index.map { totals[$0].total } ?? ownTotal(of: number, in: state)
        let (total, overflow) = before.addingReportingOverflow(amount)
        if overflow {
            throw EditError(.value, record: schema.name, field: field.name, "counter overflows")
        }
        if let index { totals[index].total = total } else { totals.append((number, total)) }
    }

    private func ownTotal(of number: UInt32, in state: RecordState) -> Int64 {
        let own = state.slot(SlotKey(number))?.siblings
            .first {
                $0.stamp.dot.replica == replica
            }
        switch own?.value {
        case .integer(let value), .scaled(let value): return value
        default: return 0
        }
    }

    private func delete(_ reason: String) throws(EditError) -> Operation.Action {
        if schema.isLegalFact {
            throw EditError(
                .legalFact,
                record: schema.name,
                "states a legal fact and cannot be deleted; void it with a reason"
            )
        }
        return .delete(reason: reason)
    }

    private func void(_ reason: String) throws(EditError) -> Operation.Action {
        guard schema.isVoidable || isHub else {
            throw EditError(
                .legalFact,
                record: schema.name,
                "is never voided on a device; add a note that says what is wrong with it"
            )
        }
        return .void(reason: reason)
    }

    private func unlisted(
        _ name: String,
        _ value: FieldValue
    ) throws(EditError) -> Operation.Action {
        guard let rule = schema.unlistedFields else {
            let known = schema.fields.map(\.name).joined(separator: ", ")
            throw EditError(
                .field,
                record: schema.name,
                field: name,
                "is no field of this record; its fields are \(known)"
            )
        }
        if !rule.kind.admits(value) {
            throw EditError(
                .value,
                record: schema.name,
                field: name,
                "takes \(rule.kind), not \(value)"
            )
        }
        try check(.text(name), name: name)
        try check(value, name: name)
        return .write(SlotKey(SlotKey.unlisted, element: .text(name)), value)
    }

    private func field(
        _ number: UInt32,
        _ value: FieldValue,
        admitting: (MergePolicy) -> Bool
    ) throws(EditError) -> FieldSchema {
        guard let field = schema.field(number) else {
            throw EditError(.field, record: schema.name, "has no field \(number)")
        }
        guard admitting(field.policy) else {
            throw EditError(
                .field,
                record: schema.name,
                field: field.name,
                "merges as \(field.policy), which does not take this kind of edit"
            )
        }
        if field.policy == .hubOnly, !isHub {
            throw EditError(
                .hubOnly,
                record: schema.name,
                field: field.name,
                "is written by the hub only; send a note to its keeper instead"
            )
        }
        guard field.kind.admits(value) else {
            throw EditError(
                .value,
                record: schema.name,
                field: field.name,
                "takes \(field.kind), not \(value)"
            )
        }
        if field.policy.isCollection, field.policy == .addWinsSet, value.isNull {
            throw EditError(.value, record: schema.name, field: field.name, "takes no empty member")
        }
        try check(value, name: field.name)
        return field
    }

    private func check(_ value: FieldValue, name: String) throws(EditError) {
        let bytes: Int
        switch value {
        case .text(let text), .json(let text):
            bytes = text.utf8.count
            if case .text = value, text.utf8.contains(0) {
                throw EditError(
                    .value,
                    record: schema.name,
                    field: name,
                    "holds the character U+0000, which no text may; remove it"
                )
            }
        case .bytes(let content): bytes = content.count
        case .real(let number):
            bytes = 8
            if !number.isFinite {
                throw EditError(.value, record: schema.name, field: name, "is not a finite number")
            }
        default: bytes = 0
        }
        if bytes > EditResolution.valueBytesMax {
            throw EditError(
                .value,
                record: schema.name,
                field: name,
                "holds \(bytes) bytes; at most \(EditResolution.valueBytesMax) are allowed"
            )
        }
    }
}
