public import Replication

/// A body of the district that enforces, directs or assists (M5: the hub writes it).
public struct Organ: Record, Hashable {
    /// The key that other rows name it by.
    public var key = ""
    /// Its name.
    public var name = ""
    /// government, committee, office, department, team, town or center.
    public var kind = ""
    /// The key of the organ above it; empty for a root.
    public var parent = ""
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Organ>("organ", number: 1) {
        $0.field(1, "key", \.key, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .searchable)
        $0.field(3, "kind", \.kind, .hubOnly, query: .column)
        $0.field(4, "parent", \.parent, .hubOnly, query: .indexed)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
