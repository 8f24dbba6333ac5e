import Replication

/// What is shown of a record, in a form that compares without any order.
struct Shown: Hashable {
    struct Claim: Hashable {
        var slot: SlotKey?
        var dot: Dot
        var value: FieldValue
    }

    struct Disagreement: Hashable {
        let candidates: Set<Claim>
        var shown: FieldValue

        init(_ candidates: Set<Claim>, _ shown: FieldValue) {
            (self.candidates, self.shown) = (candidates, shown)
        }
    }

    var lifecycle: RecordView.Lifecycle = .unknown
    /// Cleared fields are absent; concatenations are without times, their lines sorted.
    var values: [SlotKey: FieldValue] = [:]
    var conflicts: [Conflict.Subject: Disagreement] = [:]
    var creation: Dot?
    var seals: Set<Dot> = []
    var supplements: Set<Claim> = []
    /// Text slots of which the reference does not know the merge; they are not compared.
    var undecided: Set<SlotKey> = []
}
