public import Replication

/// A closed area or season of one water (渔业法 article 44; M5).
public struct Closure: Record, Hashable {
    /// The key.
    public var key = ""
    /// The key of the water.
    public var water = ""
    /// The first day of the rule, from 0:00.
    public var validFrom: CivilDate?
    /// The day from which the rule holds no more; nil while it does.
    public var validTo: CivilDate?
    /// The first day of the closed season, from 0:00.
    public var seasonFrom: MonthDay?
    /// The last day of the closed season, to 24:00.
    public var seasonTo: MonthDay?
    /// Whether the water is closed all year: a closed area.
    public var allYear = false
    /// The methods of fishing that stay free.
    public var allow = WordList()
    /// The law and the notice.
    public var legalBasis = ""
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Closure>("closure", number: 7) {
        $0.field(1, "key", \.key, .hubOnly, query: .indexed)
        $0.field(2, "water", \.water, .hubOnly, query: .indexed)
        $0.field(3, "validFrom", \.validFrom, .hubOnly)
        $0.field(4, "validTo", \.validTo, .hubOnly)
        $0.field(5, "seasonFrom", \.seasonFrom, .hubOnly)
        $0.field(6, "seasonTo", \.seasonTo, .hubOnly)
        $0.field(7, "allYear", \.allYear, .hubOnly)
        $0.field(8, "allow", \.allow, .hubOnly)
        $0.field(9, "legalBasis", \.legalBasis, .hubOnly)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
