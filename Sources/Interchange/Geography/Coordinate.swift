/// A place on the earth in WGS-84, in whole units of 10⁻⁷ degrees (about 1 cm).
///
/// It is never a binary fraction, so it reads, writes and compares exactly.
public struct Coordinate: Hashable, Sendable {
    /// The latitude in 10⁻⁷ degrees, north positive, -90° to 90°.
    public let latitude: Int64
    /// The longitude in 10⁻⁷ degrees, east positive, -180° to 180°.
    public let longitude: Int64

    /// How many decimal digits a unit stands for.
    public static let scale = 7
    /// 90° in units.
    public static let latitudeMax: Int64 = 900_000_000
    /// 180° in units.
    public static let longitudeMax: Int64 = 1_800_000_000

    /// Makes a coordinate from units.
    public init(latitude: Int64, longitude: Int64) throws(InterchangeError) {
        guard (-Coordinate.latitudeMax...Coordinate.latitudeMax).contains(latitude) else {
            throw Coordinate.outOfRange(Axis.latitude)
        }
        guard (-Coordinate.longitudeMax...Coordinate.longitudeMax).contains(longitude) else {
            throw Coordinate.outOfRange(Axis.longitude)
        }
        self.latitude = latitude
        self.longitude = longitude
    }

    /// The latitude as decimal degrees.
    public var latitudeText: String {
        ScaledDecimal(units: latitude, scale: Coordinate.scale).text
    }

    /// The longitude as decimal degrees.
    public var longitudeText: String {
        ScaledDecimal(units: longitude, scale: Coordinate.scale).text
    }
}

extension Coordinate {
    /// A coordinate that was read, and whether its text had more digits than are kept.
    public struct Reading: Hashable, Sendable {
        /// The coordinate, rounded half to even.
        public let coordinate: Coordinate
        /// Whether nothing was lost by rounding.
        public let isExact: Bool
    }

    /// Reads two texts of decimal degrees.
    ///
    /// The range is checked on the text, not on the rounded value: 90.00000001 is refused.
    public static func parse(
        latitude: String,
        longitude: String
    ) throws(InterchangeError) -> Reading {
        let north = try parse(latitude, Axis.latitude)
        let east = try parse(longitude, Axis.longitude)
        let coordinate = try Coordinate(latitude: north.units, longitude: east.units)
        return Reading(coordinate: coordinate, isExact: north.isExact && east.isExact)
    }

    private static func parse(
        _ text: String,
        _ axis: Axis
    ) throws(InterchangeError) -> ScaledDecimal {
        let value: ScaledDecimal
        do {
            value = try ScaledDecimal.parse(text, scale: scale)
        } catch {
            if error.code == .outOfRange { throw outOfRange(axis) }
            throw error.at(field: axis.name)
        }
        // Compared by magnitude of the units: `units` may be Int64.min, whose negation is not.
        let isAtEdge = value.units.magnitude == axis.max.magnitude
        if value.units.magnitude > axis.max.magnitude || isAtEdge && value.isRoundedTowardsZero {
            throw outOfRange(axis)
        }
        return value
    }

    private struct Axis {
        let name: String
        let title: String
        let max: Int64

        static let latitude = Axis(name: "lat", title: "latitude", max: latitudeMax)
        static let longitude = Axis(name: "lon", title: "longitude", max: longitudeMax)
    }

    private static func outOfRange(_ axis: Axis) -> InterchangeError {
        let degrees = axis.max / 10_000_000
        return InterchangeError(
            .outOfRange,
            "the \(axis.title) is not on the earth",
            expected: "-\(degrees) to \(degrees) decimal degrees",
            field: axis.name
        )
    }
}
