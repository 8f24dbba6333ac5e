public import Replication

/// A river, canal or lake (M5).
public struct Water: Record, Hashable {
    /// The key that other rows name it by.
    public var key = ""
    /// Its name.
    public var name = ""
    /// river, canal, lougang, lake or river-system.
    public var kind = ""
    /// The key of its closure, or `unknown`, `outside` or `none`.
    public var closureRule = ""
    /// The western edge of a coarse box around it, degrees WGS-84; nil without a box.
    public var west: ScaledDecimal?
    /// The southern edge.
    public var south: ScaledDecimal?
    /// The eastern edge.
    public var east: ScaledDecimal?
    /// The northern edge.
    public var north: ScaledDecimal?
    /// Whether it is a reserve of aquatic germplasm (渔业法 article 41); nil where nobody has looked.
    public var isReserve: Bool?
    /// How the box was drawn.
    public var boxNote = ""
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Water>("water", number: 6) {
        $0.field(1, "key", \.key, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .searchable)
        $0.field(3, "kind", \.kind, .hubOnly, query: .column)
        $0.field(4, "closureRule", \.closureRule, .hubOnly, query: .column)
        $0.decimal(5, "west", \.west, scale: 7, .hubOnly)
        $0.decimal(6, "south", \.south, scale: 7, .hubOnly)
        $0.decimal(7, "east", \.east, scale: 7, .hubOnly)
        $0.decimal(8, "north", \.north, scale: 7, .hubOnly)
        $0.field(9, "boxNote", \.boxNote, .hubOnly)
        $0.field(10, "isReserve", \.isReserve, .hubOnly)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
