import Oracle
import Replication

extension Shown {
    /// The first thing in which what is shown differs from what should be; nil when nothing does.
    func difference(from view: RecordView) -> String? {
        var mine = without(undecided)
        // A view does not tell who began its record.
        mine.creation = nil
        let theirs = Shown(view).without(undecided)
        guard mine != theirs else { return nil }
        if mine.lifecycle != theirs.lifecycle {
            return "is \(theirs.lifecycle), should be \(mine.lifecycle)"
        }
        for slot in Set(mine.values.keys).union(theirs.values.keys).sorted()
        where mine.values[slot] != theirs.values[slot] {
            return "field \(slot.field) shows \(Shown.text(theirs.values[slot])), "
                + "should be \(Shown.text(mine.values[slot]))"
        }
        if mine.conflicts != theirs.conflicts {
            return "has conflicts \(theirs.conflicts.count), should have \(mine.conflicts.count): "
                + "\(Shown.names(theirs)) and not \(Shown.names(mine))"
        }
        return mine.seals != theirs.seals ? "has other seals" : "has other supplements"
    }

    private static func text(_ value: FieldValue?) -> String {
        value.map { "\($0)" } ?? "nothing"
    }

    private static func names(_ shown: Shown) -> [String] {
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
