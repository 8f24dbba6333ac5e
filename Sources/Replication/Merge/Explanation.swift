/// One change's part in a record's history, as the log keeps it.
public struct HistoryEntry: Hashable, Sendable {
    /// The change's stamp, with the bounded time and the hub's sequence where they are known.
    public let stamp: Stamp
    /// What the writer's own clock said.
    public let writtenAt: HybridTimestamp
    /// What the writer had seen of others.
    public let context: CausalContext
    /// The reason that was given; may be empty.
    public let reason: String
    /// What was done to the record.
    public let actions: [Operation.Action]

    /// Makes an entry.
    public init(
        stamp: Stamp,
        writtenAt: HybridTimestamp,
        context: CausalContext,
        reason: String,
        actions: [Operation.Action]
    ) {
        self.stamp = stamp
        self.writtenAt = writtenAt
        self.context = context
        self.reason = reason
        self.actions = actions
    }

    /// What the change had seen, itself included.
    public var past: CausalPast { CausalPast(of: stamp.dot, context: context) }
}

/// The causal story of one field: who wrote which value, what each had seen, what was decided.
public struct Explanation: Hashable, Sendable {
    /// What became of a write.
    public enum Fate: Hashable, Sendable {
        /// It is what is shown.
        case shown
        /// It is kept beside what is shown, and nobody has decided yet.
        case kept
        /// It counts towards what is shown: a set's addition, a counter's part, a merged text.
        case counted
        /// A concurrent write came out ahead by the policy; this one is in the log.
        case surpassed
        /// These later writes had seen it and replaced it.
        case replaced(by: [Dot])
    }

    /// One write.
    public struct Write: Hashable, Sendable {
        /// Who, when and by which change.
        public let stamp: Stamp
        /// What the writer's own clock said.
        public let writtenAt: HybridTimestamp
        /// The slot: for a set or grow-only field, which member.
        public let slot: SlotKey
        /// The value.
        public let value: FieldValue
        /// Why, where a reason was given.
        public let reason: String
        /// Which other writes of the slot its author had seen.
        public let saw: [Dot]
        /// What became of it.
        public let fate: Fate
    }

    /// The field's name.
    public let field: String
    /// The policy that decided.
    public let policy: MergePolicy
    /// Every write, in the order of the bounded hybrid times.
    public let writes: [Write]
    /// What is shown for each slot.
    public let shown: [RecordView.SlotValue]
    /// Whether a conflict is open.
    public let isInConflict: Bool

    /// Explains one field of a record.
    ///
    /// - `field`: the field's number; for a member of a group the whole group is explained.
    /// - `history`: every entry of the record's history.
    /// - `view`: what is shown.
    /// - `knowing`: completes what an entry had seen with the receipts of unsequenced changes.
    public init(
        of field: UInt32,
        in schema: RecordSchema,
        history: [HistoryEntry],
        state: RecordState,
        view: RecordView,
        knowing: (HistoryEntry) -> any CausalKnowledge
    ) {
        let number = schema.group(of: field)?.first ?? field
        self.field = schema.field(field)?.name ?? "field \(field)"
        let policy = schema.policy(of: SlotKey(number))
        self.policy = policy
        shown = Array(view.members(of: number))
        isInConflict = view.conflicts.contains {
            if case .slot(let slot) = $0.subject { slot.field == number } else { false }
        }
        var found: [(entry: HistoryEntry, slot: SlotKey, value: FieldValue)] = []
        for entry in history {
            for case .write(let slot, let value) in entry.actions where slot.field == number {
                found.append((entry, slot, value))
            }
        }
        found.sort { $1.entry.stamp.follows($0.entry.stamp) }
        let pasts = found.map { knowing($0.entry) }
        writes = found.indices.map { index in
            let (entry, slot, value) = found[index]
            let others = found.indices.filter {
                found[$0].slot == slot && found[$0].entry.stamp.dot != entry.stamp.dot
            }
            let later = others.filter { pasts[$0].contains(entry.stamp) }
            let sibling = state.slot(slot)?.siblings.first { $0.stamp.dot == entry.stamp.dot }
            return Write(
                stamp: entry.stamp,
                writtenAt: entry.writtenAt,
                slot: slot,
                value: value,
                reason: entry.reason,
                saw: others.filter { pasts[index].contains(found[$0].entry.stamp) }
                    .map { found[$0].entry.stamp.dot },
                fate: Explanation.fate(
                    sibling,
                    of: value,
                    shown: view[slot],
                    policy: policy,
                    later: later.map { found[$0].entry.stamp.dot },
                    isInConflict: view.conflicts.contains { $0.subject == .slot(slot) }
                )
            )
        }
    }

    private static func fate(
        _ sibling: Slot.Sibling?,
        of value: FieldValue,
        shown: FieldValue,
        policy: MergePolicy,
        later: [Dot],
        isInConflict: Bool
    ) -> Fate {
        guard let sibling, !sibling.isSuperseded || value == shown else {
            return .replaced(by: later)
        }
        switch policy {
        case .counter: return .counted
        case .addWinsSet: return value == shown ? .shown : .surpassed
        case .text where value != shown && !isInConflict: return .counted
        default: return value == shown ? .shown : (isInConflict ? .kept : .surpassed)
        }
    }
}
