public import Replication

/// A stretch of a track without gaps, from one device, written once.
///
/// Two devices of one boat make two segments, and both stay (M1, case C38). The points and what is
/// needed to read them merge as one.
public struct TrackSegment: Record, Hashable {
    /// The leg.
    public var leg: Reference<Leg>?
    /// The device.
    public var device = ""
    /// The time of the first point.
    public var startedAt: WallTime?
    /// The points, as `TrackPoints` encodes them.
    public var points: [UInt8] = []
    /// How many points there are.
    public var pointCount: Int64 = 0
    /// The datum of the points.
    public var datum = GeodeticDatum.wgs84

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<TrackSegment>(
        "trackSegment",
        number: 12,
        isLegalFact: true
    ) {
        $0.field(1, "leg", \.leg, .keepSiblings, query: .indexed)
        $0.field(2, "device", \.device, .lastWriter, query: .column)
        $0.field(10, "startedAt", \.startedAt, .keepSiblings, query: .indexed)
        $0.field(11, "points", \.points, .keepSiblings)
        $0.field(12, "pointCount", \.pointCount, .keepSiblings, query: .column)
        $0.field(13, "datum", \.datum, .keepSiblings)
        $0.group(\.startedAt, \.points, \.pointCount, \.datum)
        $0.scope(of: \.leg)
    }
}
