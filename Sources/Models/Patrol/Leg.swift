public import Replication

/// A part of a patrol with one means of transport and one leader.
///
/// A new leg begins when a boat's crew goes on foot or the crew changes.
public struct Leg: Record, Hashable {
    /// The patrol.
    public var patrol: Reference<Patrol>?
    /// How it moves.
    public var transport = Transport.boat
    /// The number of the officer in charge.
    public var leader = ""
    /// When it began.
    public var startedAt: WallTime?
    /// When it ended.
    public var endedAt: WallTime?
    /// When the boat reached the shore: fines collected on the water are handed in within two
    /// working days from then (行政处罚法 article 71).
    public var ashoreAt: WallTime?
    /// The satellite time of reaching the shore, where there was one.
    ///
    /// It merges with `ashoreAt`.
    public var ashoreGnssTime: WallTime?

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Leg>("leg", number: 11, isLegalFact: true) {
        $0.field(1, "patrol", \.patrol, .keepSiblings, query: .indexed)
        $0.field(2, "transport", \.transport, .lastWriter, query: .column)
        $0.field(3, "leader", \.leader, .lastWriter, query: .column)
        $0.field(10, "startedAt", \.startedAt, .keepSiblings, query: .indexed)
        $0.field(11, "endedAt", \.endedAt, .keepSiblings, query: .column)
        $0.field(12, "ashoreAt", \.ashoreAt, .keepSiblings, query: .column)
        $0.field(13, "ashoreGnssTime", \.ashoreGnssTime, .keepSiblings)
        $0.group(\.ashoreAt, \.ashoreGnssTime)
        $0.scope(of: \.patrol)
    }
}
