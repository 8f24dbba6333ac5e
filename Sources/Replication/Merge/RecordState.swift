/// Everything that is kept of one record: per slot the writes that no later write has seen.
///
/// States are built by `apply`, one change after another in any order that respects causality, or
/// by `merge`; both give the same. The laws stand at ``Mergeable``. What people see is
/// `RecordView`, a function of the state.
///
/// Under causal delivery a kept write needs no causal context of its own: nothing that arrives
/// later can be in its past. Its dot and its place in the hub's order are enough, which is why a
/// record's causality fits in a few bytes.
public struct RecordState: Hashable, Sendable {
    /// The slots, sorted by key.
    public private(set) var slots: [Slot] = []
    /// Whether the record exists: creates, deletes and voids that no later one has seen, by dot.
    public private(set) var marks: [LifecycleMark] = []
    /// The earliest creation.
    public private(set) var creation: Stamp?
    /// The seals, by dot.
    public private(set) var seals: [Seal] = []

    /// Whether the record plainly exists and nothing is concurrent: no conflict can be open.
    public var isSettled: Bool {
        marks.count == 1 && marks[0].kind.isAlive && slots.allSatisfy { $0.siblings.count < 2 }
    }

    /// Makes the state of a record that nobody has written.
    public init() {}

    /// Makes a state from parts, for example from the store.
    public init(slots: [Slot], marks: [LifecycleMark], creation: Stamp?, seals: [Seal]) {
        self.slots = slots
        self.marks = marks
        self.creation = creation
        self.seals = seals
    }

    /// The slot with this key, nil when it was never written.
    ///
    /// O(log slots).
    public func slot(_ key: SlotKey) -> Slot? {
        let index = lowerBound(key)
        return index < slots.count && slots[index].key == key ? slots[index] : nil
    }

    /// The slots of one field: one for a plain field, one a member for a collection.
    public func slots(of field: UInt32) -> ArraySlice<Slot> {
        let start = lowerBound(SlotKey(field))
        let end = slots[start...].firstIndex { $0.key.field != field } ?? slots.endIndex
        return slots[start..<end]
    }

    /// Applies one change's actions on this record.
    ///
    /// - Parameters:
    ///   - actions: in the order in which they were written; all of them are applied.
    ///   - stamp: the change's stamp, its time already bounded where the hub's bound is known.
    ///   - past: what the change has seen, itself included.
    ///   - schema: gives each slot's policy.
    ///
    /// - Precondition: the change is new here and its causal past has been applied.
    /// - Complexity: O(slots + actions · log slots).
    public mutating func apply(
        _ actions: some Sequence<Operation.Action>,
        stamp: Stamp,
        past: some CausalKnowledge,
        schema: RecordSchema
    ) {
        let actions = Array(actions)
        for (index, action) in actions.enumerated() {
            switch action {
            case .create: mark(.create, reason: "", stamp: stamp, past: past)
            case .undelete(let reason): mark(.undelete, reason: reason, stamp: stamp, past: past)
            case .delete(let reason): mark(.delete, reason: reason, stamp: stamp, past: past)
            case .void(let reason): mark(.void, reason: reason, stamp: stamp, past: past)
            case .seal(let reason, let content):
                seals.removeAll { $0.stamp.dot == stamp.dot }
                insert(Seal(stamp: stamp, reason: reason, content: content))
            case .write(let key, let value):
                // Of two writes of one change to one slot only the last one counts; the first must
                // not have surpassed the extreme of a monotone field before it goes.
                if schema.policy(of: key).isMonotone,
                    actions[(index + 1)...].contains(where: { $0.writes(key) })
                {
                    continue
                }
                write(value, to: key, stamp: stamp, past: past, schema: schema)
            case .unknown: break
            }
        }
    }

    /// Merges another copy of this record.
    ///
    /// - `knowledge`: every change that has been applied to this copy.
    /// - `otherKnowledge`: every change that has been applied to the other.
    /// - `schema`: gives each slot's policy.
    public mutating func merge(
        _ other: RecordState,
        knowledge: some CausalKnowledge,
        otherKnowledge: some CausalKnowledge,
        schema: RecordSchema
    ) {
        let mine = self
        for slot in other.slots where self.slot(slot.key) == nil {
            slots.insert(Slot(key: slot.key, siblings: []), at: lowerBound(slot.key))
        }
        for index in slots.indices {
            let key = slots[index].key
            slots[index]
                .merge(
                    other.slot(key) ?? Slot(key: key, siblings: []),
                    knowledge: knowledge,
                    otherKnowledge: otherKnowledge,
                    policy: schema.policy(of: key)
                )
        }
        mergeMarks(mine, other, knowledge: knowledge, otherKnowledge: otherKnowledge)
        creation = RecordState.earliest(creation, other.creation)
        for seal in other.seals {
            if let same = seals.firstIndex(where: { $0.stamp.dot == seal.stamp.dot }) {
                seals[same].stamp.refine(with: seal.stamp)
            } else {
                insert(seal)
            }
        }
    }

    /// Lowers the time of everything that the change at `dot` wrote to the hub's bound.
    ///
    /// - Returns: whether the state is now what it had been with the bound known from the start.
    ///   False where it has already let go of a stamp that the lower time could prefer (an edit
    ///   against a delete, another creation): the record must be built again from the log. That
    ///   takes a clock ahead of the hub's and a second writer, so it is rare.
    @discardableResult
    public mutating func bound(_ dot: Dot, by receipt: HybridTimestamp) -> Bool {
        let isContestLowered = marks.contains {
            $0.contest.map { $0.dot == dot && receipt < $0.timestamp } ?? false
        }
        let isCreationDoubtful =
            creation.map { $0.dot != dot && receipt <= $0.timestamp } ?? false
        let isExact = !isContestLowered && !isCreationDoubtful
        for index in slots.indices { slots[index].bound(dot, by: receipt) }
        for index in marks.indices {
            if marks[index].stamp.dot == dot {
                marks[index].stamp.timestamp = min(marks[index].stamp.timestamp, receipt)
            }
            if let contest = marks[index].contest, contest.dot == dot {
                marks[index].contest?.timestamp = min(contest.timestamp, receipt)
            }
        }
        if let creation, creation.dot == dot {
            self.creation?.timestamp = min(creation.timestamp, receipt)
        }
        for index in seals.indices where seals[index].stamp.dot == dot {
            seals[index].stamp.timestamp = min(seals[index].stamp.timestamp, receipt)
        }
        return isExact
    }
}

extension RecordState {
    private mutating func write(
        _ value: FieldValue,
        to key: SlotKey,
        stamp: Stamp,
        past: some CausalKnowledge,
        schema: RecordSchema
    ) {
        let index = lowerBound(key)
        if index == slots.count || slots[index].key != key {
            slots.insert(Slot(key: key, siblings: []), at: index)
        }
        slots[index].apply(value, stamp: stamp, past: past, policy: schema.policy(of: key))
        for index in marks.indices where !past.contains(marks[index].stamp) {
            marks[index].addContest(stamp)
        }
    }

    private mutating func mark(
        _ kind: LifecycleMark.Kind,
        reason: String,
        stamp: Stamp,
        past: some CausalKnowledge
    ) {
        marks.removeAll { past.contains($0.stamp) }
        var mark = LifecycleMark(stamp: stamp, kind: kind, reason: reason)
        if kind.isAlive {
            if kind == .create { creation = RecordState.earliest(creation, stamp) }
        } else {
            for slot in slots {
                for sibling in slot.siblings where !past.contains(sibling.stamp) {
                    mark.addContest(sibling.stamp)
                }
            }
        }
        insert(mark)
    }

    private mutating func insert(_ mark: LifecycleMark) {
        let index = marks.firstIndex { mark.stamp.dot < $0.stamp.dot } ?? marks.endIndex
        marks.insert(mark, at: index)
    }

    private mutating func insert(_ seal: Seal) {
        let index = seals.firstIndex { seal.stamp.dot < $0.stamp.dot } ?? seals.endIndex
        seals.insert(seal, at: index)
    }

    private mutating func mergeMarks(
        _ mine: RecordState,
        _ theirs: RecordState,
        knowledge: some CausalKnowledge,
        otherKnowledge: some CausalKnowledge
    ) {
        var result: [LifecycleMark] = []
        for var mark in mine.marks {
            if let same = theirs.marks.first(where: { $0.stamp.dot == mark.stamp.dot }) {
                mark.stamp.refine(with: same.stamp)
                if let contest = same.contest { mark.addContest(contest) }
                result.append(mark)
            } else if !otherKnowledge.contains(mark.stamp) {
                theirs.contest(&mark, unseenBy: knowledge)
                result.append(mark)
            }
        }
        for var mark in theirs.marks where !knowledge.contains(mark.stamp) {
            mine.contest(&mark, unseenBy: otherKnowledge)
            result.append(mark)
        }
        marks = result.sorted { $0.stamp.dot < $1.stamp.dot }
    }

    /// Adds to `mark` the edits of this copy that the mark's side has not seen; this copy has not
    /// seen the mark either, so they are concurrent.
    private func contest(_ mark: inout LifecycleMark, unseenBy knowledge: some CausalKnowledge) {
        for slot in slots {
            for sibling in slot.siblings where !knowledge.contains(sibling.stamp) {
                mark.addContest(sibling.stamp)
            }
        }
    }

    private static func earliest(_ lhs: Stamp?, _ rhs: Stamp?) -> Stamp? {
        guard var lhs, let rhs else { return lhs ?? rhs }
        if lhs.dot == rhs.dot {
            lhs.refine(with: rhs)
            return lhs
        }
        return lhs.follows(rhs) ? rhs : lhs
    }

    private func lowerBound(_ key: SlotKey) -> Int {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = low + (high - low) / 2
            if slots[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
