public import Replication

/// A message or entry of a log about a finding: added, never changed by others (M1).
public struct Note: Record, Hashable {
    /// The finding, which decides who receives this record.
    public var finding: Reference<Finding>?
    /// What it says.
    public var text = ""
    /// The number of the officer.
    public var writtenBy = ""
    /// When.
    public var writtenAt: WallTime?

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Note>("note", number: 18, isLegalFact: true) {
        $0.field(1, "finding", \.finding, .keepSiblings, query: .indexed)
        $0.field(10, "text", \.text, .text(.siblings), query: .searchable)
        $0.field(11, "writtenBy", \.writtenBy, .keepSiblings, query: .indexed)
        $0.field(12, "writtenAt", \.writtenAt, .keepSiblings, query: .indexed)
        $0.scope(of: \.finding)
    }
}
