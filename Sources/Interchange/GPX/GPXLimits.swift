/// How large a GPX file may be.
public struct GPXLimits: Hashable, Sendable {
    /// The limits of the XML.
    public var xml: XMLLimits
    /// The most points of a file, waypoints and track points together.
    public var pointsMax: Int
    /// The most tracks and segments of a file.
    public var segmentsMax: Int

    /// Makes limits.
    public init(
        xml: XMLLimits = XMLLimits(),
        pointsMax: Int = 2_000_000,
        segmentsMax: Int = 100_000
    ) {
        self.xml = xml
        self.pointsMax = pointsMax
        self.segmentsMax = segmentsMax
    }
}
