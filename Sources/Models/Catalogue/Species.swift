public import Replication

/// A species that the law protects apart (浙江省渔业管理条例 article 45; M5).
public struct Species: Record, Hashable {
    /// The key.
    public var key = ""
    /// Its name.
    public var name = ""
    /// `fry-protected` or `rare-research`.
    public var protection = ""
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Species>("species", number: 80) {
        $0.field(1, "key", \.key, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .searchable)
        $0.field(3, "protection", \.protection, .hubOnly, query: .indexed)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
