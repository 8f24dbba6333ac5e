public import Replication

/// One measuring of one quantity by one person with one instrument.
///
/// Two officers who weigh 12.5 kg and 15.2 kg make two measurements: no conflict and no average. A
/// case later picks one with a reason.
public struct Measurement: Record, Hashable {
    /// The finding, which decides who receives this record.
    public var finding: Reference<Finding>?
    /// What was measured: 渔获物.
    public var subject = ""
    /// How much, three digits after the point.
    ///
    /// It merges with its unit as one.
    public var quantity: ScaledDecimal?
    /// The unit.
    public var unit: MeasureUnit?
    /// How: 台秤, 卷尺.
    public var method = ""
    /// The instrument's number.
    public var instrument = ""
    /// The number of the officer who read it.
    public var measuredBy = ""
    /// When.
    public var measuredAt: WallTime?

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Measurement>(
        "measurement",
        number: 15,
        isLegalFact: true
    ) {
        $0.field(1, "finding", \.finding, .keepSiblings, query: .indexed)
        $0.field(2, "subject", \.subject, .keepSiblings, query: .indexed)
        $0.decimal(10, "quantity", \.quantity, scale: 3, .keepSiblings)
        $0.field(11, "unit", \.unit, .keepSiblings)
        $0.field(20, "method", \.method, .keepSiblings)
        $0.field(21, "instrument", \.instrument, .keepSiblings)
        $0.field(22, "measuredBy", \.measuredBy, .keepSiblings, query: .indexed)
        $0.field(23, "measuredAt", \.measuredAt, .keepSiblings, query: .column)
        $0.group(\.quantity, \.unit)
        $0.scope(of: \.finding)
    }
}
