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

    /// The actions of `edits` on a record in this state.
    ///
    /// - Parameters:
    ///   - edits: in the order in which they were asked for; a later one finds what an earlier one
    ///     made.
    ///   - state: the record, with what this change has done to it so far.
    ///   - change: the change that is being made, where `state` may hold a part of it.
    ///   - view: what is shown of a state of this record; asked only where an edit needs it.
    /// - Returns: the actions, in the order of the edits; a group's and a counter's edits as one.
    /// - Throws: `EditError` for the first edit that is refused; the caller drops the transaction.
    public func actions(
        for edits: [Edit],
        on state: RecordState,
        in change: Dot? = nil,
        view: (RecordState) -> RecordView
    ) throws(EditError) -> [Operation.Action] {
        var draft = EditDraft(
            resolution: self,
            state: state,
            change: change,
            editCount: edits.count
        )
        for edit in edits { try draft.add(edit, view) }
        try draft.finish()
        return draft.actions
    }

    func unlisted(_ name: String, _ value: FieldValue) throws(EditError) -> SlotKey {
        guard let rule = schema.unlistedFields else {
            let known = schema.fields.map(\.name).joined(separator: ", ")
            throw refusal(.field, name, "is no field of this record; its fields are \(known)")
        }
        if !rule.kind.admits(value) {
            throw refusal(.value, name, "takes \(rule.kind), not \(value)")
        }
        try check(.text(name), name: name)
        try check(value, name: name)
        return SlotKey(SlotKey.unlisted, element: .text(name))
    }

    @discardableResult
    func field(
        _ number: UInt32,
        _ value: FieldValue,
        admitting: (MergePolicy) -> Bool
    ) throws(EditError) -> FieldSchema {
        guard let field = schema.field(number) else {
            throw refusal(.field, nil, "has no field \(number)")
        }
        guard admitting(field.policy) else {
            throw refusal(
                .field,
                field.name,
                "merges as \(field.policy), which does not take this kind of edit"
            )
        }
        guard field.kind.admits(value) else {
            throw refusal(.value, field.name, "takes \(field.kind), not \(value)")
        }
        try check(value, name: field.name)
        return field
    }

    func check(_ value: FieldValue, name: String) throws(EditError) {
        let bytes: Int
        switch value {
        case .text(let text), .json(let text):
            bytes = text.utf8.count
            if case .text = value, text.holdsZero {
                throw refusal(
                    .value,
                    name,
                    "holds the character U+0000, which no text may; remove it"
                )
            }
        case .bytes(let content): bytes = content.count
        case .real(let number):
            bytes = 8
            if !number.isFinite { throw refusal(.value, name, "is not a finite number") }
        default: bytes = 0
        }
        if bytes > EditResolution.valueBytesMax {
            throw refusal(
                .value,
                name,
                "holds \(bytes) bytes; at most \(EditResolution.valueBytesMax) are allowed"
            )
        }
    }

    func refusal(_ code: EditError.Code, _ field: String?, _ problem: String) -> EditError {
        EditError(code, record: schema.name, field: field, problem)
    }
}
