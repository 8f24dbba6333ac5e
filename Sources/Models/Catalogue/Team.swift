public import Replication

/// A boat's crew, a bank team, a dispatch desk (M5).
///
/// Who is on patrol stands in the patrol.
public struct Team: Record, Hashable {
    /// The key that other rows name it by.
    public var key = ""
    /// Its name.
    public var name = ""
    /// The key of its organ.
    public var organ = ""
    /// The code of its town; empty for the whole district.
    public var town = ""
    /// What kind of team it is.
    public var kind = ""
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Team>("team", number: 4) {
        $0.field(1, "key", \.key, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .searchable)
        $0.field(3, "organ", \.organ, .hubOnly, query: .indexed)
        $0.field(4, "town", \.town, .hubOnly, query: .indexed)
        $0.field(5, "kind", \.kind, .hubOnly, query: .column)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
