public import Replication

/// One fix of a track: when and where, in milliseconds and ten-millionths of a degree.
public struct TrackPoint: Hashable, Sendable {
    /// When.
    public var time: WallTime
    /// Degrees north.
    public var latitude: ScaledDecimal
    /// Degrees east.
    public var longitude: ScaledDecimal

    /// Makes a point; `TrackPoints.encode` checks it.
    public init(time: WallTime, latitude: ScaledDecimal, longitude: ScaledDecimal) {
        self.time = time
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Whether the time is in the years 1970 to 9999 and the place on the earth.
    var isValid: Bool {
        (0...253_402_300_799_999).contains(time.milliseconds)
            && Position.isOnEarth(latitude: latitude.units, longitude: longitude.units)
    }
}

/// Bytes that are no track, or points that cannot be one.
public enum TrackPointsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The layout's version is not one this program reads.
    case version(UInt8)
    /// There are more points than a segment may have.
    case tooMany(UInt64)
    /// The bytes end within the track, or the count promises more than they can hold.
    case truncated
    /// Bytes follow the track.
    case trailing(Int)
    /// A number is not written in its shortest form or exceeds 64 bits.
    case malformedNumber(at: Int)
    /// The point at this index is not on the earth or not in the years 1970 to 9999.
    case invalidPoint(Int)

    /// What is wrong.
    public var description: String {
        switch self {
        case .version(let version): "track layout \(version) is unknown; this program reads 1"
        case .tooMany(let count):
            "\(count) points are too many; a segment has at most \(TrackPoints.countMax)"
        case .truncated: "the track ends before its last point"
        case .trailing(let count): "\(count) bytes follow the track"
        case .malformedNumber(let offset): "the number at byte \(offset) is malformed"
        case .invalidPoint(let index):
            "point \(index) is not on the earth or not in the years 1970 to 9999"
        }
    }
}
