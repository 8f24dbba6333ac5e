/// Something about a record on which concurrent writers disagree.
///
/// A conflict is open until a write that has seen all its candidates.
public struct Conflict: Hashable, Sendable {
    /// What the disagreement is about.
    public enum Subject: Hashable, Sendable {
        /// The value of a field, group, entry or claim.
        case slot(SlotKey)
        /// Whether the record is deleted or void.
        case lifecycle
    }

    /// One of the concurrent writes.
    public struct Candidate: Hashable, Sendable {
        /// The slot; nil for a lifecycle mark.
        public let slot: SlotKey?
        /// Who wrote it, when, by which change.
        public let stamp: Stamp
        /// The value; for a lifecycle conflict true where the writer ended the record.
        public let value: FieldValue

        /// Makes a candidate.
        public init(slot: SlotKey?, stamp: Stamp, value: FieldValue) {
            self.slot = slot
            self.stamp = stamp
            self.value = value
        }
    }

    /// What the disagreement is about.
    public let subject: Subject
    /// The concurrent writes, by dot.
    public let candidates: [Candidate]
    /// The value that is shown meanwhile, the same on every replica.
    public let shown: FieldValue

    init(_ slot: Slot, shown: FieldValue) {
        subject = .slot(slot.key)
        candidates = slot.siblings.map {
            Candidate(slot: slot.key, stamp: $0.stamp, value: $0.value)
        }
        self.shown = shown
    }

    init(_ marks: [LifecycleMark]) {
        subject = .lifecycle
        var candidates = marks.map {
            Candidate(slot: nil, stamp: $0.stamp, value: .boolean(!$0.kind.isAlive))
        }
        for mark in marks {
            if let contest = mark.contest,
                !candidates.contains(where: { $0.stamp.dot == contest.dot })
            {
                candidates.append(Candidate(slot: nil, stamp: contest, value: .boolean(false)))
            }
        }
        self.candidates = candidates.sorted { $0.stamp.dot < $1.stamp.dot }
        shown = .boolean(false)
    }
}
