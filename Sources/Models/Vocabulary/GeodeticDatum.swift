/// The datum of a position.
///
/// WGS-84 is stored; others only as received.
public struct GeodeticDatum: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// What satellite receivers give.
    public static let wgs84 = GeodeticDatum(rawValue: "WGS-84")
    /// The national frame, equal to WGS-84 at the accuracy of a phone.
    public static let cgcs2000 = GeodeticDatum(rawValue: "CGCS2000")
    /// Domestic web maps, 50 to 500 m off; never compared with a boundary.
    public static let gcj02 = GeodeticDatum(rawValue: "GCJ-02")
}
