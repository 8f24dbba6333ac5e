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
    /// What is in dispute: lifecycle first, then seals, then by slot.
    ///
    /// Of a sealed record a slot is in dispute only between writes that the seal covers: whoever
    /// sealed left that open. The sealed value is shown all the same. What a seal decided that had
    /// seen differing ones is not open.
    public let conflicts: [Conflict]
    /// The sealed documents, by dot.
    public let seals: [Seal]
    /// The seal whose content stands; nil for a record without seals.
    ///
    /// It is the earliest: a seal by someone who had seen another one does not replace it. Only
    /// between concurrent seals with different contents a later one that has seen them decides.
    public let standingSeal: Seal?
    /// Writes that the standing seal has not seen, by slot: supplements, kept beside it.
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
        let seal = SealReading(of: state.seals)
        seals = state.seals
        standingSeal = seal.standing
        if let standing = seal.standing, !seal.contenders.isEmpty {
            Mark.sealContested.hit()
            conflicts.append(Conflict(between: seal.contenders, standing: standing))
        }
        func reading(_ slot: Slot, _ rule: SlotRule) -> SlotReading {
            SlotReading(
                of: slot,
                rule: rule,
                timeZoneMinutes: timeZoneMinutes,
                ancestor: ancestors[slot.key]
            )
        }
        var live: [SlotValue] = []
        live.reserveCapacity(state.slots.count)
        guard let standing = seal.standing else {
            for slot in state.slots {
                let reading = reading(slot, schema.rule(of: slot.key))
                if let value = reading.value {
                    live.append(SlotValue(slot: slot.key, value: value))
                }
                if reading.isInConflict {
                    conflicts.append(Conflict(slot, shown: reading.value ?? .null))
                }
            }
            values = live
            supplements = []
            self.conflicts = conflicts
            return
        }
        let sealed = standing.values
        for slot in state.slots {
            let rule = schema.rule(of: slot.key)
            let value = RecordView.value(of: slot.key, in: sealed)
            if let current = RecordView.current(
                reading(slot, rule).value,
                beside: value,
                rule: rule
            ) {
                live.append(SlotValue(slot: slot.key, value: current))
            }
            let covered = slot.covered(by: standing)
            if covered.siblings.count > 1, reading(covered, rule).isInConflict {
                if seal.settles(covered) {
                    Mark.sealsSettled.hit()
                } else {
                    conflicts.append(Conflict(covered, shown: value ?? .null))
                }
            }
        }
        values = RecordView.overlay(live, on: sealed)
        supplements = RecordView.supplements(of: state, to: standing)
        if !supplements.isEmpty { Mark.supplementKept.hit() }
        self.conflicts = conflicts
    }

    /// The shown value of a plain field outside groups, or of a group as a whole; null when it has
    /// none.
    ///
    /// O(log slots).
    public subscript(slot: SlotKey) -> FieldValue {
        RecordView.value(of: slot, in: values) ?? .null
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
        let start = RecordView.lowerBound(SlotKey(field), in: values)
        let end = values[start...].firstIndex { $0.slot.field != field } ?? values.endIndex
        return values[start..<end]
    }

    private static func value(of slot: SlotKey, in values: [SlotValue]) -> FieldValue? {
        let index = lowerBound(slot, in: values)
        return index < values.count && values[index].slot == slot ? values[index].value : nil
    }

    private static func lowerBound(_ slot: SlotKey, in values: [SlotValue]) -> Int {
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
        let endings = state.marks.filter(\.kind.isEnd)
        let isAlive = state.marks.contains(where: \.kind.isAlive)
        guard !endings.isEmpty else { return isAlive ? .live : .unknown }
        let isVoid = endings.contains { $0.kind == .void }
        let isContested =
            isAlive || endings.contains { $0.contest != nil }
        if !isContested || (!isVoid && schema.concurrentDelete == .delete) {
            return isVoid ? .voided : .deleted
        }
        Mark.deletionContested.hit()
        conflicts.append(Conflict(lifecycleOf: state))
        return isVoid ? .disputed : .contestedDeletion
    }

    private static func supplements(of state: RecordState, to seal: Seal) -> [Conflict.Candidate] {
        state.slots.flatMap { slot in
            slot.siblings.lazy.filter { !seal.covers($0.stamp.dot) }
                .map {
                    Conflict.Candidate(slot: slot.key, stamp: $0.stamp, value: $0.value)
                }
        }
    }

    /// What a sealed record shows of a slot in place of its sealed value; nil where that stands.
    ///
    /// A seal cannot take back what only ever grows: a suspicion of crime that is raised later is
    /// shown. And what the hub keeps in a record is not the content that a device seals.
    private static func current(
        _ value: FieldValue?,
        beside sealed: FieldValue?,
        rule: SlotRule
    ) -> FieldValue? {
        guard let value else { return nil }
        if rule.policy.isMonotone {
            guard let sealed else { return value }
            return rule.surpasses(value, sealed) ? value : nil
        }
        return rule.policy == .hubOnly && sealed == nil ? value : nil
    }

    /// Both by slot; where both have one, the upper value.
    private static func overlay(
        _ upper: [SlotValue],
        on lower: [SlotValue]
    ) -> [SlotValue] {
        guard !upper.isEmpty else { return lower }
        var result: [SlotValue] = []
        result.reserveCapacity(upper.count + lower.count)
        var next = 0
        for value in upper {
            while next < lower.count, lower[next].slot < value.slot {
                result.append(lower[next])
                next += 1
            }
            if next < lower.count, lower[next].slot == value.slot { next += 1 }
            result.append(value)
        }
        return result + lower[next...]
    }
}
