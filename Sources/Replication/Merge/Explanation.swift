/// The causal story of one field: who wrote which value, what each had seen, what was decided.
public struct Explanation: Hashable, Sendable {
    /// What became of a write.
    public enum Fate: Hashable, Sendable {
        /// It is what is shown; for a removal, that the member is absent.
        case shown
        /// It is kept beside what is shown, and nobody has decided yet.
        case kept
        /// It counts towards what is shown: a set's addition, a counter's part, a merged text.
        case counted
        /// The seal had not seen it: it stands beside the sealed content.
        case supplement
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
        policy = schema.policy(of: SlotKey(number))
        shown = Array(view.members(of: number))
        var disputed: Set<SlotKey> = []
        for conflict in view.conflicts {
            if case .slot(let slot) = conflict.subject, slot.field == number {
                disputed.insert(slot)
            }
        }
        isInConflict = !disputed.isEmpty
        var bySlot: [SlotKey: [Found]] = [:]
        for entry in history {
            var last: [SlotKey: FieldValue] = [:]
            for case .write(let slot, let value) in entry.actions where slot.field == number {
                last[slot] = value
            }
            guard !last.isEmpty else { continue }
            let past = knowing(entry)
            for (slot, value) in last {
                bySlot[slot, default: []].append(Found(entry: entry, past: past, value: value))
            }
        }
        var writes: [Write] = []
        for (slot, found) in bySlot {
            let reading = SlotFates(slot, state, view, policy, isDisputed: disputed.contains(slot))
            writes += found.map { reading.write($0, among: found) }
        }
        self.writes = writes.sorted { left, right in
            left.stamp.dot == right.stamp.dot
                ? left.slot < right.slot : right.stamp.follows(left.stamp)
        }
    }

    private struct Found {
        let entry: HistoryEntry
        let past: any CausalKnowledge
        let value: FieldValue

        func saw(_ other: Found) -> Bool {
            other.entry.stamp.dot != entry.stamp.dot && past.contains(other.entry.stamp)
        }
    }

    /// What became of one slot's writes.
    private struct SlotFates {
        let slot: SlotKey
        let kept: [Slot.Sibling]
        let seal: Seal?
        let shown: FieldValue
        let policy: MergePolicy
        let isDisputed: Bool

        init(
            _ slot: SlotKey,
            _ state: RecordState,
            _ view: RecordView,
            _ policy: MergePolicy,
            isDisputed: Bool
        ) {
            self.slot = slot
            kept = state.slot(slot)?.siblings ?? []
            seal = view.standingSeal
            shown = view[slot]
            self.policy = policy
            self.isDisputed = isDisputed
        }

        func write(_ found: Found, among all: [Found]) -> Write {
            Write(
                stamp: found.entry.stamp,
                writtenAt: found.entry.writtenAt,
                slot: slot,
                value: found.value,
                reason: found.entry.reason,
                saw: all.filter { found.saw($0) }.map(\.entry.stamp.dot),
                fate: fate(of: found, among: all)
            )
        }

        private func fate(of found: Found, among all: [Found]) -> Fate {
            let dot = found.entry.stamp.dot
            let sibling = kept.first { $0.stamp.dot == dot }
            guard let sibling, !sibling.isSuperseded || isShown(found.value) else {
                // Another replica's total stands beside this one and replaces nothing.
                let later = all.filter {
                    $0.saw(found)
                        && (policy != .counter || $0.entry.stamp.dot.replica == dot.replica)
                }
                return .replaced(by: later.map(\.entry.stamp.dot))
            }
            if let seal, !seal.covers(dot), !(policy.isMonotone && isShown(found.value)) {
                return .supplement
            }
            if policy == .counter { return .counted }
            if isShown(found.value) { return .shown }
            if isDisputed { return .kept }
            if case .text = policy { return .counted }
            return .surpassed
        }

        private func isShown(_ value: FieldValue) -> Bool {
            guard policy == .addWinsSet else { return value == shown }
            return (value == .boolean(true)) == (shown == .boolean(true))
        }
    }
}
