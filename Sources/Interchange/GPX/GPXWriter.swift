/// Writes GPX 1.1 that is valid by its schema and reads back to the same document.
///
/// Times are written in UTC, milliseconds only where there are some; coordinates and elevations
/// without exponent and without trailing zeros. A longitude of 180° is written as -180°, because
/// the schema ends below 180. Names that XML cannot hold (control characters) are an error.
public struct GPXWriter: Sendable {
    /// Makes a writer.
    public init() {}

    /// The file, in UTF-8.
    public func bytes(of document: GPXDocument) throws(InterchangeError) -> [UInt8] {
        var bytes = try beginning(of: document)
        for (index, point) in document.waypoints.enumerated() {
            try located("wpt[\(index)]") { () throws(InterchangeError) in
                bytes += try waypoint(point)
            }
        }
        for (index, track) in document.tracks.enumerated() {
            try located("trk[\(index)]") { () throws(InterchangeError) in
                bytes += try self.track(track)
            }
        }
        return bytes + end
    }

    /// The beginning of a file that is written piece by piece: waypoints and then tracks follow.
    ///
    /// Of the document only the creator, name and time are taken.
    public func beginning(of document: GPXDocument) throws(InterchangeError) -> [UInt8] {
        var output = Output()
        output.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"")
        try output.attribute(document.creator)
        output.raw("\" xmlns=\"http://www.topografix.com/GPX/1/1\"")
        output.raw(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"")
        output.raw(" xsi:schemaLocation=\"http://www.topografix.com/GPX/1/1")
        output.raw(" http://www.topografix.com/GPX/1/1/gpx.xsd\">\n")
        if document.name != nil || document.time != nil {
            output.raw("<metadata>")
            try output.element("name", document.name)
            try output.time(document.time)
            output.raw("</metadata>\n")
        }
        return output.bytes
    }

    /// A waypoint of such a file.
    public func waypoint(_ point: GPXPoint) throws(InterchangeError) -> [UInt8] {
        var output = Output()
        try output.point(point, element: "wpt")
        return output.bytes
    }

    /// A track of such a file.
    public func track(_ track: GPXTrack) throws(InterchangeError) -> [UInt8] {
        var output = Output()
        try output.track(track)
        return output.bytes
    }

    /// The end of such a file.
    public var end: [UInt8] { Array("</gpx>\n".utf8) }

    private func located(
        _ field: String,
        _ body: () throws(InterchangeError) -> Void
    ) throws(InterchangeError) {
        do { try body() } catch { throw error.at(field: field) }
    }
}

extension GPXWriter {
    private struct Output {
        var bytes: [UInt8] = []

        mutating func raw(_ text: StaticString) {
            bytes.append(
                contentsOf: UnsafeBufferPointer(
                    start: text.utf8Start,
                    count: text.utf8CodeUnitCount
                )
            )
        }

        mutating func attribute(_ text: String) throws(InterchangeError) {
            try XMLCharacters.append(text, to: &bytes, isAttribute: true)
        }

        mutating func tag(_ name: String, isEnd: Bool = false) {
            bytes.append(contentsOf: (isEnd ? "</" : "<").utf8)
            bytes.append(contentsOf: name.utf8)
            bytes.append(Byte.greater)
        }

        mutating func element(_ name: String, _ text: String?) throws(InterchangeError) {
            guard let text else { return }
            tag(name)
            try XMLCharacters.append(text, to: &bytes)
            tag(name, isEnd: true)
        }

        mutating func time(_ milliseconds: Int64?) throws(InterchangeError) {
            guard let milliseconds else { return }
            try element("time", try CivilTime.rfc3339(milliseconds: milliseconds))
        }

        mutating func point(_ point: GPXPoint, element name: String) throws(InterchangeError) {
            let isAtEdge = point.coordinate.longitude == Coordinate.longitudeMax
            bytes.append(Byte.less)
            bytes.append(contentsOf: name.utf8)
            raw(" lat=\"")
            bytes.append(contentsOf: point.coordinate.latitudeText.utf8)
            raw("\" lon=\"")
            bytes.append(contentsOf: (isAtEdge ? "-180" : point.coordinate.longitudeText).utf8)
            raw("\">")
            // The schema fixes this order.
            let elevation = point.elevation.map {
                ScaledDecimal(units: $0, scale: GPXPoint.elevationScale).text
            }
            try element("ele", elevation)
            try time(point.time)
            try element("name", point.name)
            tag(name, isEnd: true)
            bytes.append(Byte.lineFeed)
        }

        mutating func track(_ track: GPXTrack) throws(InterchangeError) {
            raw("<trk>")
            try element("name", track.name)
            bytes.append(Byte.lineFeed)
            for segment in track.segments {
                raw("<trkseg>\n")
                for point in segment.points { try self.point(point, element: "trkpt") }
                raw("</trkseg>\n")
            }
            raw("</trk>\n")
        }
    }
}
