/// A GeoJSON file that was read, and what of it is not held.
public struct GeoJSONReading: Hashable, Sendable {
    /// The features in their order.
    public var features: [GeoJSONFeature] = []
    /// Features whose shape is of a kind that is not read, such as a polygon: number, from 0, and
    /// kind.
    ///
    /// They are not among `features`.
    public var skipped: [Skipped] = []
    /// How many positions had more digits than are kept.
    public var roundedPositions = 0

    /// A feature that was passed over.
    public struct Skipped: Hashable, Sendable {
        /// Its number in the file, from 0.
        public let index: Int
        /// The kind of its shape.
        public let type: String
    }
}

/// Reads points and lines with their properties from GeoJSON (RFC 7946).
///
/// The root may be a collection, one feature or one bare shape. Errors name the path. A `crs`
/// member other than WGS-84, as files before RFC 7946 have, is refused: reading such coordinates
/// would put places hundreds of metres off.
public struct GeoJSONReader: Sendable {
    /// How large the text may be.
    public let limits: JSONLimits

    /// Makes a reader.
    public init(limits: JSONLimits = JSONLimits()) {
        self.limits = limits
    }

    /// Reads a file.
    public func read(_ bytes: [UInt8]) throws(InterchangeError) -> GeoJSONReading {
        try read(JSONParser(limits: limits).parse(bytes))
    }

    /// Reads a value that has been parsed.
    public func read(_ value: JSONValue) throws(InterchangeError) -> GeoJSONReading {
        var scanner = GeoJSONScanner()
        try scanner.read(value)
        return scanner.reading
    }
}
