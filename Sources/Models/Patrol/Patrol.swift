public import Replication

/// An outing of a team: the root of legs, tracks and findings.
///
/// It is part of the record of the whole process (行政处罚法 article 47), so it is voided and never
/// deleted.
public struct Patrol: Record, Hashable {
    /// What it watches over.
    public var kind = PatrolKind.water
    /// How it set out; each leg has its own.
    public var transport = Transport.boat
    /// What it is for.
    public var objective = ""
    /// The name of the patrol boat.
    public var vessel = ""
    /// Where it set out from.
    public var station = ""
    /// The numbers of the officers on it (M8).
    public var team: Set<String> = []
    /// The number of the officer in charge.
    public var leader = ""
    /// The code of the town that it patrols.
    public var town = ""
    /// The key of the organ that sent it.
    public var organ = ""
    /// When it set out.
    public var startedAt: WallTime?
    /// When it ended.
    public var endedAt: WallTime?
    /// Free remarks; concurrent ones stand one after the other.
    public var remark = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Patrol>("patrol", number: 10, isLegalFact: true) {
        $0.field(1, "kind", \.kind, .lastWriter, query: .indexed)
        $0.field(2, "transport", \.transport, .lastWriter, query: .column)
        $0.field(3, "objective", \.objective, .lastWriter, query: .searchable)
        $0.field(4, "vessel", \.vessel, .lastWriter, query: .column)
        $0.field(5, "station", \.station, .lastWriter, query: .column)
        $0.set(6, "team", \.team)
        $0.field(7, "leader", \.leader, .lastWriter, query: .indexed)
        $0.field(10, "town", \.town, .lastWriter, query: .indexed)
        $0.field(11, "organ", \.organ, .lastWriter, query: .indexed)
        $0.field(20, "startedAt", \.startedAt, .keepSiblings, query: .indexed)
        $0.field(21, "endedAt", \.endedAt, .keepSiblings, query: .column)
        $0.field(30, "remark", \.remark, .text(.concatenate), query: .searchable)
        $0.scope(\.town, \.organ)
    }
}
