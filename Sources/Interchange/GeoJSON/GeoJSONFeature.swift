/// One feature of a GeoJSON collection: a shape and what is known of it.
public struct GeoJSONFeature: Hashable, Sendable {
    /// A string or number that names the feature, nil when it has none.
    public var identifier: JSONValue?
    /// The shape, nil for a feature without a place.
    public var geometry: GeoJSONGeometry?
    /// What is known of it.
    public var properties: JSONObject

    /// Makes a feature.
    public init(
        identifier: JSONValue? = nil,
        geometry: GeoJSONGeometry?,
        properties: JSONObject = [:]
    ) {
        self.identifier = identifier
        self.geometry = geometry
        self.properties = properties
    }
}

/// The shapes that are read and written: points and lines.
public enum GeoJSONGeometry: Hashable, Sendable {
    /// A place.
    case point(GeoJSONPosition)
    /// Several places.
    case multiPoint([GeoJSONPosition])
    /// A way of two or more places.
    case line([GeoJSONPosition])
    /// A way with gaps: several lines.
    case multiLine([[GeoJSONPosition]])
}

/// A place with an optional height.
public struct GeoJSONPosition: Hashable, Sendable {
    /// Where it is, in WGS-84.
    public var coordinate: Coordinate
    /// The height in millimetres.
    public var elevation: Int64?

    /// Makes a position.
    public init(coordinate: Coordinate, elevation: Int64? = nil) {
        self.coordinate = coordinate
        self.elevation = elevation
    }
}
