/// Reads tracks and waypoints from GPX 1.1, and from 1.0, which differs only in what is not kept.
///
/// Elements in other namespaces, routes and extensions are passed over and counted. A point without
/// a coordinate, a coordinate outside the earth, or an unreadable time is an error that names the
/// line. A longitude of 180° is read as -180°, its only spelling in GPX 1.1.
public struct GPXReader: Sendable {
    /// How large a file may be.
    public let limits: GPXLimits

    /// Makes a reader.
    public init(limits: GPXLimits = GPXLimits()) {
        self.limits = limits
    }

    /// Reads a file.
    public func read(_ bytes: [UInt8]) throws(InterchangeError) -> GPXReading {
        var scanner = try GPXScanner(bytes, limits: limits)
        return try scanner.document()
    }
}
