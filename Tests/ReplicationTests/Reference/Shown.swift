import Replication

/// What is shown of a record, in a form that compares without any order.
struct Shown: Hashable {
    struct Claim: Hashable {
        var slot: SlotKey?
        var dot: Dot
        var value: FieldValue
    }

    struct Disagreement: Hashable {
        var candidates: Set<Claim>
        var shown: FieldValue
    }

    var lifecycle: RecordView.Lifecycle = .unknown
    /// Cleared fields are absent.
    var values: [SlotKey: FieldValue] = [:]
    var conflicts: [Conflict.Subject: Disagreement] = [:]
    var creation: Dot?
    var seals: Set<Dot> = []
    var supplements: Set<Claim> = []
    /// Text slots of which the reference does not know the merge; they are not compared.
    var undecided: Set<SlotKey> = []
}
