import Replication

/// What is shown of a record, in a form that compares without any order.
struct FleetShown: Hashable {
    struct Claim: Hashable {
        var slot: SlotKey?
        var dot: Dot
        var value: FieldValue
    }

    struct Disagreement: Hashable {
        var candidates: Set<Claim>
        var shown: FieldValue

        init(_ candidates: Set<Claim>, _ shown: FieldValue) {
            (self.candidates, self.shown) = (candidates, shown)
        }
    }

    var lifecycle: RecordView.Lifecycle = .unknown
    var values: [SlotKey: FieldValue] = [:]
    var conflicts: [Conflict.Subject: Disagreement] = [:]
    var seals: Set<Dot> = []
    var supplements: Set<Claim> = []
    /// Slots of which the reference does not know the merge.
    var undecided: Set<SlotKey> = []

    init() {}

    /// What an engine shows.
    init(_ view: RecordView) {
        lifecycle = view.lifecycle
        for value in view.values where !value.value.isNull { values[value.slot] = value.value }
        for conflict in view.conflicts {
            conflicts[conflict.subject] = Disagreement(
                Set(conflict.candidates.map(FleetShown.claim)),
                conflict.shown
            )
        }
        seals = Set(view.seals.map(\.stamp.dot))
        supplements = Set(view.supplements.map(FleetShown.claim))
    }

    private static func claim(_ candidate: Conflict.Candidate) -> Claim {
        Claim(slot: candidate.slot, dot: candidate.stamp.dot, value: candidate.value)
    }

    /// Takes out what the reference does not decide.
    func without(_ undecided: Set<SlotKey>) -> FleetShown {
        var result = self
        result.undecided = []
        for slot in undecided {
            result.values[slot] = nil
            result.conflicts[.slot(slot)] = nil
        }
        return result
    }

    /// The first thing in which what is shown differs from what should be; nil when nothing does.
    func difference(from shown: RecordView) -> String? {
        let mine = without(undecided)
        let theirs = FleetShown(shown).without(undecided)
        guard mine != theirs else { return nil }
        if mine.lifecycle != theirs.lifecycle {
            return "is \(theirs.lifecycle), should be \(mine.lifecycle)"
        }
        for slot in Set(mine.values.keys).union(theirs.values.keys).sorted()
        where mine.values[slot] != theirs.values[slot] {
            return "field \(slot.field) shows \(FleetShown.text(theirs.values[slot])), "
                + "should be \(FleetShown.text(mine.values[slot]))"
        }
        if mine.conflicts != theirs.conflicts {
            return "has conflicts \(theirs.conflicts.count), should have \(mine.conflicts.count): "
                + "\(FleetShown.names(theirs)) and not \(FleetShown.names(mine))"
        }
        return mine.seals != theirs.seals ? "has other seals" : "has other supplements"
    }

    private static func text(_ value: FieldValue?) -> String {
        value.map { "\($0)" } ?? "nothing"
    }

    private static func names(_ shown: FleetShown) -> [String] {
        shown.conflicts
            .map { subject, what in
                let name =
                    if case .slot(let slot) = subject { "\(slot.field)" } else { "\(subject)" }
                return name + " "
                    + what.candidates.map { "\($0.dot)" }.sorted().joined(separator: ",")
            }
            .sorted()
    }
}
