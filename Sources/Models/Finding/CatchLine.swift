public import Replication

/// One line of the catch as one officer listed it.
///
/// A record of its own and not an entry of the finding: the weight decides whether there is a crime
/// (法释〔2022〕12号 article 3), so it needs exact decimals that merge with their units, siblings when
/// two correct it, and voiding with a reason, none of which a grow-only entry has.
public struct CatchLine: Record, Hashable {
    /// The finding, which decides who receives this record.
    public var finding: Reference<Finding>?
    /// The species.
    public var species = ""
    /// Whether it is fry, juvenile or spawner.
    public var state = CatchState.ordinary
    /// The weight, three digits after the point.
    ///
    /// It merges with its unit as one.
    public var weight: ScaledDecimal?
    /// The unit.
    public var unit: MeasureUnit?
    /// What it is worth.
    ///
    /// It merges with its currency as one.
    public var estimatedValue: ScaledDecimal?
    /// The currency.
    public var currency: Currency?
    /// The number of the officer who listed it.
    ///
    /// Lines of different officers are different tellings of one catch and are not added up.
    public var listedBy = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<CatchLine>(
        "catchLine",
        number: 20,
        isLegalFact: true
    ) {
        $0.field(1, "finding", \.finding, .keepSiblings, query: .indexed)
        $0.field(2, "species", \.species, .keepSiblings, query: .searchable)
        $0.field(3, "state", \.state, .keepSiblings, query: .column)
        $0.decimal(10, "weight", \.weight, scale: 3, .keepSiblings)
        $0.field(11, "unit", \.unit, .keepSiblings)
        $0.decimal(12, "estimatedValue", \.estimatedValue, scale: 2, .keepSiblings)
        $0.field(13, "currency", \.currency, .keepSiblings)
        $0.field(20, "listedBy", \.listedBy, .keepSiblings, query: .indexed)
        $0.group(\.weight, \.unit)
        $0.group(\.estimatedValue, \.currency)
        $0.scope(of: \.finding)
    }
}
