public import Replication

/// One kind of fishing gear that was seen; what was taken is a `SeizedItem`.
///
/// A record of its own for the reasons of `CatchLine`.
public struct GearItem: Record, Hashable {
    /// The finding, which decides who receives this record.
    public var finding: Reference<Finding>?
    /// What kind of gear.
    public var kind: FishingMethod?
    /// How many.
    public var count: Int64?
    /// The length in metres.
    public var lengthMetres: ScaledDecimal?
    /// The mesh in millimetres (渔业法 article 45).
    public var meshMillimetres: ScaledDecimal?
    /// Whether the list of banned gear has it; nil when that is not clear.
    public var isBanned: Bool?
    /// The number of the officer who listed it.
    public var listedBy = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<GearItem>("gearItem", number: 21, isLegalFact: true) {
        $0.field(1, "finding", \.finding, .keepSiblings, query: .indexed)
        $0.field(2, "kind", \.kind, .keepSiblings, query: .indexed)
        $0.field(3, "count", \.count, .keepSiblings)
        $0.decimal(4, "lengthMetres", \.lengthMetres, scale: 2, .keepSiblings)
        $0.decimal(5, "meshMillimetres", \.meshMillimetres, scale: 1, .keepSiblings)
        $0.field(6, "isBanned", \.isBanned, .keepSiblings)
        $0.field(20, "listedBy", \.listedBy, .keepSiblings, query: .indexed)
        $0.scope(of: \.finding)
    }
}
