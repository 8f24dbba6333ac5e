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
        /// Which of several concurrent seals with different contents stands. A later seal that has
        /// seen them all decides.
        case seal
    }

    /// One of the concurrent writes.
    public struct Candidate: Hashable, Sendable {
        /// The slot; nil for a lifecycle mark, an edit that contests one, and a seal.
        public let slot: SlotKey?
        /// Who wrote it, when, by which change.
        public let stamp: Stamp
        /// The value; for a lifecycle conflict true where the writer ended the record; for a seal
        /// the group of its values.
        public let value: FieldValue
        /// What stands behind the value: what a contesting edit wrote, as far as it is kept, or
        /// what a seal holds; empty for a slot's write, whose value says it, and for a mark.
        public let content: [RecordView.SlotValue]

        /// Makes a candidate.
        public init(
            slot: SlotKey?,
            stamp: Stamp,
            value: FieldValue,
            content: [RecordView.SlotValue] = []
        ) {
            self.slot = slot
            self.stamp = stamp
            self.value = value
            self.content = content
        }

        init(_ seal: Seal) {
            let values = seal.values
            self.init(
                slot: nil,
                stamp: seal.stamp,
                value: .group(values.map(\.value)),
                content: values
            )
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

    /// About the marks of a state.
    init(lifecycleOf state: RecordState) {
        subject = .lifecycle
        let marks = state.marks.filter { $0.kind != .close }
        var candidates = marks.map {
            Candidate(slot: nil, stamp: $0.stamp, value: .boolean($0.kind.isEnd))
        }
        for mark in marks {
            guard let contest = mark.contest,
                !candidates.contains(where: { $0.stamp.dot == contest.dot })
            else { continue }
            candidates.append(
                Candidate(
                    slot: nil,
                    stamp: contest,
                    value: .boolean(false),
                    content: state.writes(of: contest.dot)
                )
            )
        }
        self.candidates = candidates.sorted { $0.stamp.dot < $1.stamp.dot }
        shown = .boolean(false)
    }

    /// About seals; `standing` is shown meanwhile.
    init(between seals: [Seal], standing: Seal) {
        subject = .seal
        candidates = seals.map { Candidate($0) }
        shown = .group(standing.values.map(\.value))
    }
}

extension RecordState {
    /// What is kept of one change's writes.
    fileprivate func writes(of dot: Dot) -> [RecordView.SlotValue] {
        slots.compactMap { slot in
            slot.siblings.first { $0.stamp.dot == dot }
                .map { RecordView.SlotValue(slot: slot.key, value: $0.value) }
        }
    }
}
