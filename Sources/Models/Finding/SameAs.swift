public import Replication

/// A link that says of two findings that they are one event, or are not (case C30).
///
/// Nothing is merged: the findings stay as they are and `canonical(of:links:)` names one of them.
/// The link goes where either finding goes, so it repeats the scope of both.
public struct SameAs: Record, Hashable {
    /// The finding with the lower identity.
    public var first: Reference<Finding>?
    /// The finding with the higher identity.
    public var second: Reference<Finding>?
    /// What people say; contradicting verdicts are both kept.
    public var verdict = LinkVerdict.suggested
    /// Why: distance, time, what was seen.
    public var basis = ""
    /// The first finding's town.
    public var firstTown = ""
    /// The first finding's organ.
    public var firstOrgan = ""
    /// The second finding's town.
    public var secondTown = ""
    /// The second finding's organ.
    public var secondOrgan = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<SameAs>("sameAs", number: 19) {
        $0.field(1, "first", \.first, .keepSiblings, query: .indexed)
        $0.field(2, "second", \.second, .keepSiblings, query: .indexed)
        $0.field(3, "verdict", \.verdict, .keepSiblings, query: .indexed)
        $0.field(4, "basis", \.basis, .lastWriter)
        $0.field(10, "firstTown", \.firstTown, .lastWriter, query: .indexed)
        $0.field(11, "firstOrgan", \.firstOrgan, .lastWriter, query: .indexed)
        $0.field(12, "secondTown", \.secondTown, .lastWriter, query: .indexed)
        $0.field(13, "secondOrgan", \.secondOrgan, .lastWriter, query: .indexed)
        $0.scope(\.firstTown, \.firstOrgan, \.secondTown, \.secondOrgan)
    }
}
