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
    /// Of several writes of one slot, and of several words on whether the record exists, the last
    /// one counts.
    ///
    /// - Parameters:
    ///   - actions: in the order in which they were written; all of them are applied.
    ///   - stamp: the change's stamp, its time already bounded where the hub's bound is known.
    ///   - past: what the change has seen, itself included.
    ///   - schema: gives each slot's policy.
    ///
    /// - Precondition: the change is new here and its causal past has been applied.
    /// - Complexity: O(slots + actions · log (slots + actions)).
    public mutating func apply(
        _ actions: some Sequence<Operation.Action>,
        stamp: Stamp,
        past: some CausalKnowledge,
        schema: RecordSchema
    ) {
        var writes: [Write] = []
        var mark: LifecycleMark?
        var seal: Seal?
        var staying: [UInt32]?
        // An array of a known type: a loop over any sequence asks for each action through a table.
        let actions = Array(actions)
        writes.reserveCapacity(actions.count)
        for action in actions {
            switch action {
            case .create:
                mark = LifecycleMark(stamp: stamp, kind: .create, reason: "")
                creation = RecordState.earliest(creation, stamp)
            case .undelete(let reason):
                mark = LifecycleMark(stamp: stamp, kind: .undelete, reason: reason)
            case .delete(let reason):
                mark = LifecycleMark(stamp: stamp, kind: .delete, reason: reason)
            case .void(let reason): mark = LifecycleMark(stamp: stamp, kind: .void, reason: reason)
            case .seal(let reason, let content):
                seal = Seal(
                    stamp: stamp,
                    reason: reason,
                    content: content,
                    covered: VersionVector()
                )
            case .write(let slot, let value): writes.append(Write(slot: slot, value: value))
            case .close: mark = LifecycleMark(stamp: stamp, kind: .close, reason: "")
            case .collect(let fields):
                // What was signed or stamped stays, whatever the hub says.
                guard !seals.contains(where: { past.contains($0.stamp) }) else { break }
                mark = LifecycleMark(stamp: stamp, kind: .collect, reason: "")
                staying = fields
            case .collected, .unknown: break
            }
        }
        if let mark { say(mark, past: past) }
        if let staying { letGo(keeping: staying, past: past) }
        if !writes.isEmpty { write(&writes, stamp: stamp, past: past, schema: schema) }
        if !writes.isEmpty || seal != nil {
            for index in marks.indices where !past.contains(marks[index].stamp) {
                marks[index].addContest(stamp)
            }
        }
        if let seal { add(seal, past: past) } else if !writes.isEmpty { settleCover() }
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
        mergeMarks(self, other, knowledge: knowledge, otherKnowledge: otherKnowledge)
        creation = RecordState.earliest(creation, other.creation)
        var merged: [Slot] = []
        merged.reserveCapacity(max(slots.count, other.slots.count))
        var i = 0
        var j = 0
        while i < slots.count || j < other.slots.count {
            let isMine =
                j == other.slots.count
                || (i < slots.count && !(other.slots[j].key < slots[i].key))
            let isTheirs =
                i == slots.count
                || (j < other.slots.count && !(slots[i].key < other.slots[j].key))
            let key = isMine ? slots[i].key : other.slots[j].key
            var slot = isMine ? slots[i] : Slot(key: key, siblings: [])
            slot.merge(
                isTheirs ? other.slots[j] : Slot(key: key, siblings: []),
                knowledge: knowledge,
                otherKnowledge: otherKnowledge,
                rule: schema.rule(of: key)
            )
            if !slot.siblings.isEmpty { merged.append(slot) }
            if isMine { i += 1 }
            if isTheirs { j += 1 }
        }
        slots = merged
        for seal in other.seals {
            if let same = seals.firstIndex(where: { $0.stamp.dot == seal.stamp.dot }) {
                seals[same].stamp.refine(with: seal.stamp)
                let mine = seals[same]
                seals[same].missed.removeAll { seal.covers($0) }
                seals[same].missed += seal.missed.filter { !mine.covers($0) }
                seals[same].covered.merge(seal.covered)
            } else {
                insert(seal)
            }
        }
        settleCover()
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
    private struct Write {
        var slot: SlotKey
        var value: FieldValue
    }

    /// Applies a change's writes, slots that are new all at once: an entry may bring many.
    private mutating func write(
        _ writes: inout [Write],
        stamp: Stamp,
        past: some CausalKnowledge,
        schema: RecordSchema
    ) {
        RecordState.settle(&writes)
        var fresh: [Slot] = []
        if slots.isEmpty { fresh.reserveCapacity(writes.count) }
        for write in writes {
            let index = lowerBound(write.slot)
            if index < slots.count, slots[index].key == write.slot {
                let rule = schema.rule(of: write.slot)
                slots[index].apply(write.value, stamp: stamp, past: past, rule: rule)
            } else {
                let sibling = Slot.Sibling(stamp: stamp, value: write.value)
                fresh.append(Slot(key: write.slot, siblings: [sibling]))
            }
        }
        guard let first = fresh.first else { return }
        let start = lowerBound(first.key)
        if slots.isEmpty {
            slots = fresh
        } else if start == slots.count {
            slots += fresh
        } else if fresh.count == 1 {
            slots.insert(first, at: start)
        } else {
            let rest = slots[start...]
            var merged: [Slot] = []
            merged.reserveCapacity(rest.count + fresh.count)
            var next = rest.startIndex
            for slot in fresh {
                while next < rest.endIndex, rest[next].key < slot.key {
                    merged.append(rest[next])
                    next += 1
                }
                merged.append(slot)
            }
            merged += rest[next...]
            slots.replaceSubrange(start..., with: merged)
        }
    }

    /// Sorts writes by slot and drops all but the last one of each.
    private static func settle(_ writes: inout [Write]) {
        let isSettled = writes.indices.dropFirst()
            .allSatisfy {
                writes[$0 - 1].slot < writes[$0].slot
            }
        guard !isSettled else { return }
        if writes.count <= insertedMax {
            insertionSort(&writes)
            return
        }
        let sorted = writes.enumerated()
            .sorted { left, right in
                left.element.slot == right.element.slot
                    ? left.offset < right.offset : left.element.slot < right.element.slot
            }
        writes = []
        for (_, write) in sorted {
            if writes.last?.slot == write.slot { writes.removeLast() }
            writes.append(write)
        }
    }

    /// Up to how many writes are put in order one by one: a form that is filled in is nearly sorted.
    private static let insertedMax = 64

    private static func insertionSort(_ writes: inout [Write]) {
        for next in writes.indices.dropFirst() {
            var place = next
            while place > 0, writes[place].slot < writes[place - 1].slot {
                writes.swapAt(place, place - 1)
                place -= 1
            }
        }
        // Equal slots stand in the order in which they were written.
        var kept = 0
        for next in writes.indices.dropFirst() {
            if writes[next].slot != writes[kept].slot { kept += 1 }
            if next != kept { writes[kept] = writes[next] }
        }
        writes.removeLast(writes.count - kept - 1)
    }

    private mutating func say(_ mark: LifecycleMark, past: some CausalKnowledge) {
        // A close stands beside the delete that it closes: one who revives may have seen only that.
        if mark.kind != .close { marks.removeAll { past.contains($0.stamp) } }
        var mark = mark
        contest(&mark, unseenBy: past)
        insert(mark)
    }

    /// Lets go of every write that was seen, but of those to the fields that stay.
    private mutating func letGo(keeping fields: [UInt32], past: some CausalKnowledge) {
        for index in slots.indices where !fields.contains(slots[index].key.field) {
            slots[index].letGo(past)
        }
        slots.removeAll { $0.siblings.isEmpty }
        settleCover()
    }

    /// Adds a seal and works out what it covers.
    private mutating func add(_ seal: Seal, past: some CausalKnowledge) {
        seals.removeAll { $0.stamp.dot == seal.stamp.dot }
        insert(seal)
        let kept = kept
        for index in seals.indices where seals[index].stamp.dot == seal.stamp.dot {
            seals[index].cover(kept) { past.contains($0) }
        }
        settleCover()
    }

    /// Forgets of what seals cover whatever is not kept any more.
    private mutating func settleCover() {
        guard !seals.isEmpty else { return }
        let kept = kept
        for index in seals.indices {
            let seal = seals[index]
            seals[index].cover(kept) { seal.covers($0.dot) }
        }
    }

    /// The stamps of all writes and seals that are kept.
    private var kept: [Stamp] {
        var result = seals.map(\.stamp)
        for slot in slots { result += slot.siblings.lazy.map(\.stamp) }
        return result
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

    /// Adds to `mark` the edits and seals of this copy that the mark's side has not seen; this copy
    /// has not seen the mark either, so they are concurrent.
    private func contest(_ mark: inout LifecycleMark, unseenBy knowledge: some CausalKnowledge) {
        guard mark.kind.isEnd else { return }
        for seal in seals where !knowledge.contains(seal.stamp) { mark.addContest(seal.stamp) }
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
