/// A signed or stamped document: a record's content that stands, whatever is written later.
public struct Seal: Hashable, Sendable {
    /// Which change sealed it.
    public var stamp: Stamp
    /// Why; may be empty.
    public var reason: String
    /// The content that was sealed.
    public var content: [Operation.SealedValue]
    /// What the seal had seen of the writes and seals that are kept here, itself included: per
    /// replica the highest such change.
    ///
    /// A replica's changes are seen first in, first out, so this covers the kept writes that the seal
    /// had seen. It is worked out when the seal is applied, because later nothing tells any more, and
    /// loses what later writes replace.
    public var covered: VersionVector
    /// Kept writes and seals below `covered` that the seal had not seen all the same, in order: only a
    /// blind entry leaves such gaps.
    public var missed: [Dot]

    /// Makes a seal, for example from the store.
    public init(
        stamp: Stamp,
        reason: String,
        content: [Operation.SealedValue],
        covered: VersionVector,
        missed: [Dot] = []
    ) {
        self.stamp = stamp
        self.reason = reason
        self.content = content
        self.covered = covered
        self.missed = missed
    }

    /// Whether the seal had seen a write or seal that is kept beside it.
    public func covers(_ dot: Dot) -> Bool { covered.contains(dot) && !missed.contains(dot) }

    /// Covers these of the changes that are kept, and no others.
    mutating func cover(_ kept: [Stamp], where isSeen: (Stamp) -> Bool) {
        var covered = VersionVector()
        var unseen: Set<Dot> = []
        for stamp in kept {
            if isSeen(stamp) { covered.insert(stamp.dot) } else { unseen.insert(stamp.dot) }
        }
        self.covered = covered
        missed = unseen.filter { covered.contains($0) }.sorted()
    }

    /// The content by slot; of a slot that stands there twice the last value.
    var values: [RecordView.SlotValue] {
        let sorted = content.enumerated()
            .sorted { left, right in
                left.element.slot == right.element.slot
                    ? left.offset < right.offset : left.element.slot < right.element.slot
            }
        var result: [RecordView.SlotValue] = []
        result.reserveCapacity(sorted.count)
        for (_, sealed) in sorted {
            if result.last?.slot == sealed.slot { result.removeLast() }
            result.append(RecordView.SlotValue(slot: sealed.slot, value: sealed.value))
        }
        return result
    }
}

/// Which of a record's seals stands, and whether people must decide.
///
/// Immutable from the seal on: a seal that has seen another one does not replace it. Only where
/// concurrent seals hold different contents does a later seal that has seen them all decide.
struct SealReading {
    /// The seal whose content is shown; nil for a record without seals.
    let standing: Seal?
    /// The concurrent seals between which nobody has decided, by dot; empty when there is nothing
    /// to decide.
    let contenders: [Seal]
    /// The concurrent seals between which a later one decided, one set for each time; the last is
    /// what the standing one decided.
    let decided: [[Seal]]

    init(of seals: [Seal]) {
        guard !seals.isEmpty else {
            standing = nil
            contenders = []
            decided = []
            return
        }
        var decided: [[Seal]] = []
        var candidates = seals.sorted { $0.stamp.dot < $1.stamp.dot }
        while true {
            // Who has seen any seal of a replica has seen that replica's first one, but for those
            // whose past has gaps.
            let firsts = candidates.indices
                .filter {
                    $0 == 0
                        || candidates[$0].stamp.dot.replica
                            != candidates[$0 - 1].stamp.dot.replica
                }
                .map { candidates[$0].stamp.dot }
            let roots = candidates.filter { seal in
                let others = seal.missed.isEmpty ? firsts : candidates.map(\.stamp.dot)
                return others.allSatisfy { $0 == seal.stamp.dot || !seal.covers($0) }
            }
            guard let first = roots.min(by: { $1.stamp.follows($0.stamp) }) else { break }
            let values = first.values
            let deciding = candidates.filter { seal in
                roots.allSatisfy { $0.stamp.dot != seal.stamp.dot && seal.covers($0.stamp.dot) }
            }
            let agree = roots.allSatisfy { $0.values == values }
            guard !agree, !deciding.isEmpty else {
                standing = first
                contenders = agree ? [] : roots
                self.decided = decided
                return
            }
            decided.append(roots)
            candidates = deciding
        }
        standing = nil
        contenders = []
        self.decided = []
    }

    /// Whether the standing seal settles which of the writes of a slot that it covers counts.
    ///
    /// A seal leaves a conflict of its slots open: the officer may have signed all the same. But who
    /// decides between seals decides between what they say: where they differ in a slot, nothing of
    /// it is open that one of them had not left open by itself.
    func settles(_ slot: Slot) -> Bool { settles(slot, at: decided.count) }

    private func settles(_ slot: Slot, at level: Int) -> Bool {
        guard level > 0 else { return false }
        let roots = decided[level - 1]
        let said = roots.map { seal in seal.content.last { $0.slot == slot.key }?.value }
        guard said.contains(where: { $0 != said[0] }) else { return false }
        return slot.siblings.allSatisfy { sibling in
            roots.contains { $0.covers(sibling.stamp.dot) }
        }
            && roots.allSatisfy { root in
                let left = slot.covered(by: root)
                return !left.hasDistinctValues || settles(left, at: level - 1)
            }
    }
}
