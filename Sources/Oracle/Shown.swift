package import Replication

/// What is shown of a record, in a form that compares without any order.
package struct Shown: Hashable {
    package struct Claim: Hashable {
        var slot: SlotKey?
        package var dot: Dot
        var value: FieldValue
    }

    package struct Disagreement: Hashable {
        package let candidates: Set<Claim>
        var shown: FieldValue

        init(_ candidates: Set<Claim>, _ shown: FieldValue) {
            (self.candidates, self.shown) = (candidates, shown)
        }
    }

    package var lifecycle: RecordView.Lifecycle = .unknown
    /// Cleared fields are absent; concatenations are without times, their lines sorted.
    package var values: [SlotKey: FieldValue] = [:]
    package var conflicts: [Conflict.Subject: Disagreement] = [:]
    package var creation: Dot?
    package var seals: Set<Dot> = []
    package var supplements: Set<Claim> = []
    /// Text slots of which the reference does not know the merge; they are not compared.
    package var undecided: Set<SlotKey> = []

    init() {}

    /// What an engine shows.
    package init(_ view: RecordView, creation: Dot? = nil) {
        func claim(_ candidate: Conflict.Candidate) -> Claim {
            Claim(slot: candidate.slot, dot: candidate.stamp.dot, value: candidate.value)
        }
        lifecycle = view.lifecycle
        for value in view.values where value.value != .null { values[value.slot] = value.value }
        for conflict in view.conflicts {
            let candidates = Set(conflict.candidates.map(claim))
            conflicts[conflict.subject] = Disagreement(candidates, conflict.shown)
        }
        self.creation = creation
        seals = Set(view.seals.map(\.stamp.dot))
        supplements = Set(view.supplements.map(claim))
    }

    /// Whether both show the same, where the reference knows.
    package func agrees(with reference: Shown) -> Bool {
        without(reference.undecided) == reference.without(reference.undecided)
    }

    package func without(_ slots: Set<SlotKey>) -> Shown {
        var result = self
        for slot in slots {
            result.values[slot] = nil
            result.conflicts[.slot(slot)] = nil
        }
        result.undecided = []
        return result
    }
}
