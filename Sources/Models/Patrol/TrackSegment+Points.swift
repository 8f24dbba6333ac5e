public import Replication

/// The compact form of a track's points.
///
/// ```
/// version    1 byte     1
/// count      varint     0 … 65,536
/// times      count × zig-zag varint
/// latitudes  count × zig-zag varint
/// longitudes count × zig-zag varint
/// ```
///
/// A patrol moves and samples evenly, so each column is coded by what a straight line through the
/// two points before does not foretell: the first number, the first difference, then second
/// differences. A steady boat costs about three bytes a point. Columns stand apart because deflate
/// finds more in them than in interleaved points. Varints have seven bits a byte, lowest first, in
/// their shortest form, so a track has one encoding.
public enum TrackPoints {
    /// The most points of one segment; a longer track goes on in the next segment.
    public static let countMax = 65_536
    /// The version of the layout.
    public static let version: UInt8 = 1

    /// Encodes points.
    ///
    /// - Throws: `TrackPointsError.tooMany` or `.invalidPoint`.
    public static func encode(_ points: [TrackPoint]) throws(TrackPointsError) -> [UInt8] {
        if points.count > countMax { throw .tooMany(UInt64(points.count)) }
        if let index = points.firstIndex(where: { !$0.isValid }) { throw .invalidPoint(index) }
        var bytes: [UInt8] = [version]
        bytes.reserveCapacity(6 + points.count * 4)
        append(UInt64(points.count), to: &bytes)
        append(points.map(\.time.milliseconds), to: &bytes)
        append(points.map(\.latitude.units), to: &bytes)
        append(points.map(\.longitude.units), to: &bytes)
        return bytes
    }

    /// Decodes points; never traps, whatever the bytes.
    ///
    /// - Throws: `TrackPointsError` for anything but the one encoding of valid points.
    public static func decode(_ bytes: [UInt8]) throws(TrackPointsError) -> [TrackPoint] {
        guard let version = bytes.first else { throw .truncated }
        guard version == TrackPoints.version else { throw .version(version) }
        var offset = 1
        let count = try number(in: bytes, at: &offset)
        guard count <= UInt64(countMax) else { throw .tooMany(count) }
        // Before memory is taken: three numbers a point, a byte each at least.
        guard count * 3 <= UInt64(bytes.count - offset) else { throw .truncated }
        let times = try column(Int(count), in: bytes, at: &offset)
        let latitudes = try column(Int(count), in: bytes, at: &offset)
        let longitudes = try column(Int(count), in: bytes, at: &offset)
        guard offset == bytes.count else { throw .trailing(bytes.count - offset) }
        var points: [TrackPoint] = []
        points.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            let point = TrackPoint(
                time: WallTime(milliseconds: times[index]),
                latitude: ScaledDecimal(units: latitudes[index]),
                longitude: ScaledDecimal(units: longitudes[index])
            )
            guard point.isValid else { throw .invalidPoint(index) }
            points.append(point)
        }
        return points
    }

    /// What a straight line through the two values before foretells.
    ///
    /// Wrapping is right on both sides: for valid points nothing wraps, and for hostile bytes
    /// validity is checked afterwards.
    private static func forecast(_ last: Int64, _ beforeLast: Int64, at index: Int) -> Int64 {
        index == 0 ? 0 : index == 1 ? last : last &* 2 &- beforeLast
    }

    private static func append(_ column: [Int64], to bytes: inout [UInt8]) {
        var last: Int64 = 0
        var beforeLast: Int64 = 0
        for (index, value) in column.enumerated() {
            let surprise = value &- forecast(last, beforeLast, at: index)
            append(UInt64(bitPattern: (surprise << 1) ^ (surprise >> 63)), to: &bytes)
            beforeLast = last
            last = value
        }
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func column(
        _ count: Int,
        in bytes: [UInt8],
        at offset: inout Int
    ) throws(TrackPointsError) -> [Int64] {
        var column: [Int64] = []
        column.reserveCapacity(count)
        var last: Int64 = 0
        var beforeLast: Int64 = 0
        for index in 0..<count {
            let code = try number(in: bytes, at: &offset)
            let surprise = Int64(bitPattern: code >> 1) ^ -Int64(bitPattern: code & 1)
            let value = forecast(last, beforeLast, at: index) &+ surprise
            column.append(value)
            beforeLast = last
            last = value
        }
        return column
    }

    private static func number(
        in bytes: [UInt8],
        at offset: inout Int
    ) throws(TrackPointsError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < bytes.count else { throw .truncated }
            let byte = bytes[offset]
            offset += 1
            // The tenth byte holds the last bit; a last byte of zero was not needed.
            if shift == 63, byte > 1 { throw .malformedNumber(at: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                if byte == 0, shift > 0 { throw .malformedNumber(at: start) }
                return value
            }
            shift += 7
        }
    }
}

extension TrackSegment {
    /// Makes a segment of points.
    ///
    /// - Throws: `TrackPointsError` when there are too many or one is invalid.
    public init(
        leg: Reference<Leg>,
        device: String,
        points: [TrackPoint]
    ) throws(TrackPointsError) {
        self.init()
        self.leg = leg
        self.device = device
        self.points = try TrackPoints.encode(points)
        pointCount = Int64(points.count)
        startedAt = points.first?.time
    }

    /// The points, decoded.
    ///
    /// - Throws: `TrackPointsError` when the bytes are no track.
    public func decodedPoints() throws(TrackPointsError) -> [TrackPoint] {
        try TrackPoints.decode(points)
    }
}
