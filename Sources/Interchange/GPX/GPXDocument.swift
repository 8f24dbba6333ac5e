/// What is taken from and written to a GPX 1.1 file.
public struct GPXDocument: Hashable, Sendable {
    /// The program that made the file.
    public var creator: String
    /// The name of the file, from its metadata.
    public var name: String?
    /// When the file was made, in milliseconds since 1970.
    public var time: Int64?
    /// Single places.
    public var waypoints: [GPXPoint]
    /// Ways that were gone.
    public var tracks: [GPXTrack]

    /// Makes a document.
    public init(
        creator: String,
        name: String? = nil,
        time: Int64? = nil,
        waypoints: [GPXPoint] = [],
        tracks: [GPXTrack] = []
    ) {
        self.creator = creator
        self.name = name
        self.time = time
        self.waypoints = waypoints
        self.tracks = tracks
    }
}

/// A way that was gone.
public struct GPXTrack: Hashable, Sendable {
    /// Its name.
    public var name: String?
    /// The stretches without a gap; a new one starts where points are missing.
    public var segments: [GPXSegment]

    /// Makes a track.
    public init(name: String? = nil, segments: [GPXSegment] = []) {
        self.name = name
        self.segments = segments
    }
}

/// A stretch of a track without a gap.
public struct GPXSegment: Hashable, Sendable {
    /// The points in the order in which they were reached.
    public var points: [GPXPoint]

    /// Makes a segment.
    public init(points: [GPXPoint] = []) {
        self.points = points
    }
}

/// A place, with what was measured there.
public struct GPXPoint: Hashable, Sendable {
    /// Where it is.
    public var coordinate: Coordinate
    /// The height above mean sea level in millimetres.
    public var elevation: Int64?
    /// When it was reached, in milliseconds since 1970.
    public var time: Int64?
    /// Its name.
    public var name: String?

    /// The decimal digits of an elevation in metres.
    public static let elevationScale = 3

    /// Makes a point.
    public init(
        coordinate: Coordinate,
        elevation: Int64? = nil,
        time: Int64? = nil,
        name: String? = nil
    ) {
        self.coordinate = coordinate
        self.elevation = elevation
        self.time = time
        self.name = name
    }
}
