/// What people see of a record: one value for each field, and what is in dispute.
///
/// A pure function of the state, so it is the same on every replica that has the same changes.
public struct RecordView: Hashable, Sendable {
    /// Whether and how the record exists.
    public let lifecycle: Lifecycle
    /// The shown value of each slot that has one, by slot.
    ///
    /// Sets hold only present members.
    public let values: [SlotValue]
    /// What is in dispute, lifecycle first, then by slot.
    public let conflicts: [Conflict]
    /// The sealed documents, by dot; the content of the earliest is what stands, so that
    /// a seal by someone who had seen another one does not replace it.
    public let seals: [Seal]
    /// Writes that a sealed record's first seal has not seen: supplements, kept beside it.
    public let supplements: [Conflict.Candidate]

    /// Whether and how a record exists.
    public enum Lifecycle: Hashable, Sendable {
        /// It was edited, but no creation has been seen.
        case unknown
        /// It exists.
        case live
        /// It was deleted.
        case deleted
        /// It is declared void, and stays readable.
        case voided
        /// It was deleted while someone else edited it: it is kept, and a conflict is open.
        case contestedDeletion
        /// It was declared void while someone else edited it (争议): both stand, and a conflict is
        /// open.
        case disputed

        /// Whether queries show the record.
        public var isVisible: Bool {
            switch self {
            case .live, .voided, .contestedDeletion, .disputed: true
            case .unknown, .deleted: false
            }
        }
    }

    /// A slot and its shown value.
    public struct SlotValue: Hashable, Sendable {
        /// The slot.
        public let slot: SlotKey
        /// What is shown.
        public let value: FieldValue
    }

    /// Shows a state.
    ///
    /// - `ancestors`: the common ancestors of text slots with concurrent edits; a slot
    ///   without one shows siblings.
    public init(
        of state: RecordState,
        schema: RecordSchema,
        timeZoneMinutes: Int = 0,
        ancestors: [SlotKey: String] = [:]
    ) {
        var conflicts: [Conflict] = []
        lifecycle = RecordView.lifecycle(of: state, schema: schema, conflicts: &conflicts)
        var values: [SlotValue] = []
        values.reserveCapacity(state.slots.count)
        for slot in state.slots {
            let reading = SlotReading(
                of: slot,
                policy: schema.policy(of: slot.key),
                timeZoneMinutes: timeZoneMinutes,
                ancestor: ancestors[slot.key]
            )
            if let value = reading.value { values.append(SlotValue(slot: slot.key, value: value)) }
            if reading.isInConflict {
                conflicts.append(Conflict(slot, shown: reading.value ?? .null))
            }
        }
        seals = state.seals
        if let seal = state.seals.min(by: { $1.stamp.follows($0.stamp) }) {
            supplements = RecordView.supplements(of: state, to: seal)
            values = RecordView.overlay(seal.content, on: values)
        } else {
            supplements = []
        }
        self.values = values
        self.conflicts = conflicts
    }

    /// The shown value of a plain field outside groups, or of a group as a whole; null when it has
    /// none.
    ///
    /// O(log slots).
    public subscript(slot: SlotKey) -> FieldValue {
        let index = lowerBound(slot)
        return index < values.count && values[index].slot == slot ? values[index].value : .null
    }

    /// The shown value of a field by number, taken out of its group where it has one.
    public func value(of field: UInt32, in schema: RecordSchema) -> FieldValue {
        guard let group = schema.group(of: field) else { return self[SlotKey(field)] }
        guard let position = group.firstIndex(of: field),
            case .group(let members) = self[SlotKey(group[0])], position < members.count
        else { return .null }
        return members[position]
    }

    /// The members of a set, or the entries of a grow-only field, in the order of their keys.
    public func members(of field: UInt32) -> ArraySlice<SlotValue> {
        let start = lowerBound(SlotKey(field))
        let end = values[start...].firstIndex { $0.slot.field != field } ?? values.endIndex
        return values[start..<end]
    }

    private func lowerBound(_ slot: SlotKey) -> Int {
        var low = 0
        var high = values.count
        while low < high {
            let middle = low + (high - low) / 2
            if values[middle].slot < slot { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension RecordView {
    private static func lifecycle(
        of state: RecordState,
        schema: RecordSchema,
        conflicts: inout [Conflict]
    ) -> Lifecycle {
        let endings = state.marks.filter { !$0.kind.isAlive }
        guard !endings.isEmpty else { return state.marks.isEmpty ? .unknown : .live }
        let isVoid = endings.contains { $0.kind == .void }
        let isContested =
            endings.count < state.marks.count || endings.contains { $0.contest != nil }
        if !isContested || (!isVoid && schema.concurrentDelete == .delete) {
            return isVoid ? .voided : .deleted
        }
        conflicts.append(Conflict(state.marks))
        return isVoid ? .disputed : .contestedDeletion
    }

    private static func supplements(of state: RecordState, to seal: Seal) -> [Conflict.Candidate] {
        // The seal names the content that it stands for; a slot that now shows something else was
        // written by someone who had not seen the seal, or after it.
        state.slots.flatMap { slot in
            slot.siblings.compactMap { sibling in
                let sealed = seal.content.first { $0.slot == slot.key }?.value ?? .null
                return sibling.value == sealed
                    ? nil
                    : Conflict.Candidate(
                        slot: slot.key,
                        stamp: sibling.stamp,
                        value: sibling.value
                    )
            }
        }
    }

    private static func overlay(
        _ content: [Operation.SealedValue],
        on values: [SlotValue]
    ) -> [SlotValue] {
        content.map { SlotValue(slot: $0.slot, value: $0.value) }
            .sorted { $0.slot < $1.slot }
    }
}
