public import Replication

/// A place on the earth, in ten-millionths of a degree, WGS-84 unless `datum` says otherwise.
///
/// GCJ-02 is shifted by 50 to 500 m, which puts a boat on the wrong side of a boundary. So rules
/// take a position as it is stored and conversion is left to display and export.
public struct Position: Hashable, Sendable {
    /// Digits after the point of a latitude or longitude.
    public static let degreeScale = 7
    /// Digits after the point of an accuracy in metres.
    public static let accuracyScale = 2

    /// Degrees north.
    public var latitude: ScaledDecimal
    /// Degrees east.
    public var longitude: ScaledDecimal
    /// The radius of uncertainty in metres, where it is known.
    public var accuracy: ScaledDecimal?
    /// The datum.
    public var datum: GeodeticDatum

    /// Makes a position; nil when it is not on the earth.
    public init?(
        latitude: ScaledDecimal,
        longitude: ScaledDecimal,
        accuracy: ScaledDecimal? = nil,
        datum: GeodeticDatum = .wgs84
    ) {
        guard Position.isOnEarth(latitude: latitude.units, longitude: longitude.units) else {
            return nil
        }
        self.latitude = latitude
        self.longitude = longitude
        self.accuracy = accuracy
        self.datum = datum
    }

    /// Whether degrees, in ten-millionths, are within ±90 and ±180.
    static func isOnEarth(latitude: Int64, longitude: Int64) -> Bool {
        (-900_000_000...900_000_000).contains(latitude)
            && (-1_800_000_000...1_800_000_000).contains(longitude)
    }

    /// The distance to another position in metres, on a plane: right to 1 ‰ within a district.
    public func metres(to other: Position) -> Double {
        let metresPerUnit = 0.011132
        let middle = Double(latitude.units + other.latitude.units) / 2 * 1e-7 * .pi / 180
        let north = Double(latitude.units - other.latitude.units) * metresPerUnit
        let east =
            Double(longitude.units - other.longitude.units) * metresPerUnit
            * Position.cosine(middle)
        return (north * north + east * east).squareRoot()
    }

    /// The cosine of an angle up to a right one, by its series: right to 10⁻⁶.
    private static func cosine(_ angle: Double) -> Double {
        let square = angle * angle
        return 1 - square / 2
            * (1 - square / 12 * (1 - square / 30 * (1 - square / 56 * (1 - square / 90))))
    }
}
