public import Replication

/// A street, town or township, by its code in the register of statistics (M5).
///
/// A code that was retired stays as a row of its own and names its successor, so that old findings
/// stay readable and can be routed.
public struct Town: Record, Hashable {
    /// The nine-digit code.
    public var code = ""
    /// Its name.
    public var name = ""
    /// 街道, 镇 or 乡.
    public var kind = ""
    /// `current` or `retired`.
    public var status = ""
    /// The first day on which the code held, where it is known.
    public var validFrom: CivilDate?
    /// The day from which the code holds no more.
    public var validTo: CivilDate?
    /// The district of a retired code, where it is another one.
    public var district = ""
    /// The code that took a retired code's place.
    public var successor = ""
    /// The first published list that had the code.
    public var firstSeen: CivilDate?
    /// The last published list that had the code.
    public var lastSeen: CivilDate?
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Town>("town", number: 2) {
        $0.field(1, "code", \.code, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .searchable)
        $0.field(3, "kind", \.kind, .hubOnly, query: .column)
        $0.field(4, "status", \.status, .hubOnly, query: .indexed)
        $0.field(5, "validFrom", \.validFrom, .hubOnly)
        $0.field(6, "validTo", \.validTo, .hubOnly)
        $0.field(7, "district", \.district, .hubOnly)
        $0.field(8, "successor", \.successor, .hubOnly, query: .indexed)
        $0.field(9, "firstSeen", \.firstSeen, .hubOnly)
        $0.field(10, "lastSeen", \.lastSeen, .hubOnly)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
