/// One slot's writes: those that no later write has seen.
public struct Slot: Hashable, Sendable {
    /// Which part of the record this is.
    public let key: SlotKey
    /// The kept writes, sorted by dot.
    ///
    /// More than one means that they are concurrent.
    public private(set) var siblings: [Sibling]

    /// One kept write.
    public struct Sibling: Hashable, Sendable {
        /// Which change wrote it.
        public var stamp: Stamp
        /// What was written.
        public var value: FieldValue
        /// Whether a later write has seen it; it is kept only as the extreme of a monotone field.
        public var isSuperseded = false

        /// Makes a write.
        public init(stamp: Stamp, value: FieldValue, isSuperseded: Bool = false) {
            self.stamp = stamp
            self.value = value
            self.isSuperseded = isSuperseded
        }
    }

    /// Makes a slot of kept writes, for example from the store; they are sorted by dot.
    public init(key: SlotKey, siblings: [Sibling]) {
        self.key = key
        self.siblings =
            siblings.count < 2 ? siblings : siblings.sorted { $0.stamp.dot < $1.stamp.dot }
    }

    /// Whether the kept writes disagree.
    public var hasDistinctValues: Bool {
        guard siblings.count > 1, let first = siblings.first else { return false }
        return siblings.dropFirst().contains { $0.value != first.value }
    }

    /// The slot with only those writes that a seal covers.
    func covered(by seal: Seal) -> Slot {
        var slot = self
        slot.siblings.removeAll { !seal.covers($0.stamp.dot) }
        return slot
    }

    /// Applies a write that is new here: what it has seen gives way to it.
    mutating func apply(
        _ value: FieldValue,
        stamp: Stamp,
        past: some CausalKnowledge,
        rule: SlotRule
    ) {
        switch rule.policy {
        case .counter:
            // A running total replaces only the same replica's earlier total; others' add up.
            siblings.removeAll { $0.stamp.dot.replica == stamp.dot.replica }
        case .maximum, .minimum, .sticky:
            for index in siblings.indices where past.contains(siblings[index].stamp) {
                siblings[index].isSuperseded = true
            }
            // Of two writes of one change to one slot only the last one counts.
            siblings.removeAll { $0.stamp.dot == stamp.dot }
        default:
            siblings.removeAll { past.contains($0.stamp) }
        }
        insert(Sibling(stamp: stamp, value: value))
        if rule.policy.isMonotone { keepMaximalAndExtreme(rule) }
    }

    /// Lets go of the writes that were seen.
    mutating func letGo(_ past: some CausalKnowledge) {
        siblings.removeAll { past.contains($0.stamp) }
    }

    /// Merges another copy of this slot; each side's knowledge tells what it has dropped.
    mutating func merge(
        _ other: Slot,
        knowledge: some CausalKnowledge,
        otherKnowledge: some CausalKnowledge,
        rule: SlotRule
    ) {
        var result: [Sibling] = []
        for var mine in siblings {
            if let theirs = other.sibling(mine.stamp.dot) {
                mine.stamp.refine(with: theirs.stamp)
                mine.isSuperseded = mine.isSuperseded || theirs.isSuperseded
                result.append(mine)
            } else if !otherKnowledge.contains(mine.stamp) {
                result.append(mine)
            } else if rule.policy.isMonotone {
                mine.isSuperseded = true
                result.append(mine)
            }
        }
        for var theirs in other.siblings where sibling(theirs.stamp.dot) == nil {
            if !knowledge.contains(theirs.stamp) {
                result.append(theirs)
            } else if rule.policy.isMonotone {
                theirs.isSuperseded = true
                result.append(theirs)
            }
        }
        siblings = result.sorted { $0.stamp.dot < $1.stamp.dot }
        if rule.policy.isMonotone { keepMaximalAndExtreme(rule) }
    }

    /// Lowers the time of the write at `dot` to the hub's bound.
    mutating func bound(_ dot: Dot, by receipt: HybridTimestamp) {
        for index in siblings.indices where siblings[index].stamp.dot == dot {
            siblings[index].stamp.timestamp = min(siblings[index].stamp.timestamp, receipt)
        }
    }

    private func sibling(_ dot: Dot) -> Sibling? {
        siblings.first { $0.stamp.dot == dot }
    }

    private mutating func insert(_ sibling: Sibling) {
        let index = siblings.firstIndex { sibling.stamp.dot < $0.stamp.dot } ?? siblings.endIndex
        siblings.insert(sibling, at: index)
    }

    private mutating func keepMaximalAndExtreme(_ rule: SlotRule) {
        guard let extreme = extreme(rule)?.stamp.dot else { return }
        siblings.removeAll { $0.isSuperseded && $0.stamp.dot != extreme }
    }

    /// The write with the greatest (or least) value; of equal values the one with the lowest dot.
    func extreme(_ rule: SlotRule) -> Sibling? {
        siblings.reduce(nil) { best, next in
            guard let best else { return next }
            return rule.surpasses(next.value, best.value) ? next : best
        }
    }
}
