public import Replication

/// One kind of goods that was taken or registered.
///
/// An item is voided with a reason, not removed (case C14), and the total is counted from the
/// items. An item with a serial number has one identity whoever lists it: see
/// `identity(of:serialNumber:)` (case C15).
public struct SeizedItem: Record, Hashable {
    /// The finding, which decides who receives this record.
    public var finding: Reference<Finding>?
    /// What it is.
    public var name = ""
    /// The number on it; empty when it has none.
    public var serialNumber = ""
    /// On what ground it was taken.
    public var basis: SeizureBasis?
    /// How many, three digits after the point.
    ///
    /// It merges with its unit as one.
    public var quantity: ScaledDecimal?
    /// The unit.
    public var unit: MeasureUnit?
    /// What it is worth.
    ///
    /// It merges with its currency as one.
    public var estimatedValue: ScaledDecimal?
    /// The currency.
    public var currency: Currency?
    /// When: the seven working days of 行政处罚法 article 56 run from here.
    public var takenAt: WallTime?
    /// Where it is kept.
    public var storage = ""
    /// The numbers of the two officers (行政处罚法 article 42).
    public var officers: Set<String> = []
    /// Who saw it and what was said of it, by an id of the attesting device (M1).
    public var attestations: [String: String] = [:]

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<SeizedItem>(
        "seizedItem",
        number: 16,
        isLegalFact: true
    ) {
        $0.field(1, "finding", \.finding, .keepSiblings, query: .indexed)
        $0.field(2, "name", \.name, .keepSiblings, query: .searchable)
        $0.field(3, "serialNumber", \.serialNumber, .keepSiblings, query: .indexed)
        $0.field(4, "basis", \.basis, .keepSiblings, query: .column)
        $0.decimal(10, "quantity", \.quantity, scale: 3, .keepSiblings)
        $0.field(11, "unit", \.unit, .keepSiblings)
        $0.decimal(12, "estimatedValue", \.estimatedValue, scale: 2, .keepSiblings)
        $0.field(13, "currency", \.currency, .keepSiblings)
        $0.field(20, "takenAt", \.takenAt, .keepSiblings, query: .indexed)
        $0.field(21, "storage", \.storage, .lastWriter, query: .column)
        $0.set(22, "officers", \.officers)
        $0.entries(23, "attestations", \.attestations)
        $0.group(\.quantity, \.unit)
        $0.group(\.estimatedValue, \.currency)
        $0.scope(of: \.finding)
    }
}

extension SeizedItem {
    /// The one identity of an item with a serial number in a finding, whoever lists it.
    ///
    /// Teams that list the same machine offline have made one record with several attestations,
    /// not several records.
    public static func identity(of finding: RecordID, serialNumber: String) -> RecordID {
        .named("\(finding)/\(serialNumber)")
    }
}
