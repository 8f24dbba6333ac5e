public import Replication

/// One line of a checklist for a joint inspection (M5).
///
/// Ticks are events of a visit, not fields here.
public struct ChecklistItem: Record, Hashable {
    /// The checklist: `gas`.
    public var checklist = ""
    /// The number of the line.
    public var item: Int64 = 0
    /// What is asked.
    public var text = ""
    /// The key of the organ that answers.
    public var organ = ""
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<ChecklistItem>("checklistItem", number: 9) {
        $0.field(1, "checklist", \.checklist, .hubOnly, query: .indexed)
        $0.field(2, "item", \.item, .hubOnly, query: .column)
        $0.field(3, "text", \.text, .hubOnly, query: .searchable)
        $0.field(4, "organ", \.organ, .hubOnly, query: .indexed)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
