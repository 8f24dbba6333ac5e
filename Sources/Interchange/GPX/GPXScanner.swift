/// The state of reading one GPX file.
struct GPXScanner {
    private var parser: XMLPullParser
    private let limits: GPXLimits
    private var reading = GPXReading(document: GPXDocument(creator: ""))
    /// The prefix of the GPX namespace with its colon, as the root element has it.
    private var prefix = ""
    private var pointCount = 0
    private var segmentCount = 0

    init(_ bytes: [UInt8], limits: GPXLimits) throws(InterchangeError) {
        self.limits = limits
        parser = try XMLPullParser(bytes, limits: limits.xml)
    }

    mutating func document() throws(InterchangeError) -> GPXReading {
        guard case .start(let root) = try parser.next() else { return reading }
        try readRoot(root)
        while let element = try nextChild() {
            switch localName(element) {
            case "metadata": try readMetadata()
            case "wpt": reading.document.waypoints.append(try readPoint(element))
            case "trk": reading.document.tracks.append(try readTrack())
            // GPX 1.0 has no metadata element.
            case "name" where reading.document.name == nil:
                reading.document.name = try readText(element)
            case "time" where reading.document.time == nil:
                reading.document.time = try readTime(element)
            default: try skip()
            }
        }
        while try parser.next() != .endOfDocument {}
        return reading
    }

    private mutating func readRoot(_ root: XMLElement) throws(InterchangeError) {
        if let colon = root.name.utf8.lastIndex(of: Byte.colon) {
            prefix = String(root.name[...colon])
        }
        guard localName(root) == "gpx" else {
            throw InterchangeError(
                .unsupported,
                "the root element is <\(root.name.excerpt)>",
                expected: "<gpx>",
                line: root.line
            )
        }
        let version = root["version"] ?? ""
        guard version == "1.1" || version == "1.0" else {
            throw InterchangeError(
                .unsupported,
                "the file is GPX version \"\(version.excerpt)\"",
                expected: "version 1.1 or 1.0",
                line: root.line,
                field: "version"
            )
        }
        reading.document.creator = root["creator"] ?? ""
    }

    private mutating func readMetadata() throws(InterchangeError) {
        while let element = try nextChild() {
            switch localName(element) {
            case "name" where reading.document.name == nil:
                reading.document.name = try readText(element)
            case "time" where reading.document.time == nil:
                reading.document.time = try readTime(element)
            default: try skip()
            }
        }
    }

    private mutating func readTrack() throws(InterchangeError) -> GPXTrack {
        try countSegment()
        var track = GPXTrack()
        while let element = try nextChild() {
            switch localName(element) {
            case "name":
                try once(track.name == nil, element)
                track.name = try readText(element)
            case "trkseg": track.segments.append(try readSegment())
            default: try skip()
            }
        }
        return track
    }

    private mutating func readSegment() throws(InterchangeError) -> GPXSegment {
        try countSegment()
        var segment = GPXSegment()
        while let element = try nextChild() {
            if localName(element) == "trkpt" {
                segment.points.append(try readPoint(element))
            } else {
                try skip()
            }
        }
        return segment
    }

    private mutating func readPoint(_ element: XMLElement) throws(InterchangeError) -> GPXPoint {
        pointCount += 1
        guard pointCount <= limits.pointsMax else {
            throw InterchangeError(
                .limitExceeded,
                "the file has too many points",
                expected: "at most \(limits.pointsMax) points",
                line: element.line
            )
        }
        let place = try readCoordinate(element)
        var point = GPXPoint(coordinate: place.coordinate)
        var isExact = place.isExact
        while let child = try nextChild() {
            switch localName(child) {
            case "ele":
                try once(point.elevation == nil, child)
                let value = try readElevation(child)
                point.elevation = value.units
                isExact = isExact && value.isExact
            case "time":
                try once(point.time == nil, child)
                point.time = try readTime(child)
            case "name":
                try once(point.name == nil, child)
                point.name = try readText(child)
            default: try skip()
            }
        }
        if !isExact {
            reading.roundedPoints += 1
            reading.firstRoundedLine = reading.firstRoundedLine ?? element.line
        }
        return point
    }

    private func readCoordinate(
        _ element: XMLElement
    ) throws(InterchangeError) -> Coordinate.Reading {
        guard let latitude = element["lat"], let longitude = element["lon"] else {
            throw InterchangeError(
                .missing,
                "<\(element.name.excerpt)> has no lat or no lon",
                expected: "both, in decimal degrees",
                line: element.line,
                field: element["lat"] == nil ? "lat" : "lon"
            )
        }
        do {
            let reading = try Coordinate.parse(
                latitude: GPXScanner.trimmed(latitude),
                longitude: GPXScanner.trimmed(longitude)
            )
            guard reading.coordinate.longitude == Coordinate.longitudeMax else { return reading }
            let coordinate = try Coordinate(
                latitude: reading.coordinate.latitude,
                longitude: -Coordinate.longitudeMax
            )
            return Coordinate.Reading(coordinate: coordinate, isExact: reading.isExact)
        } catch {
            throw error.at(line: element.line)
        }
    }

    private mutating func readElevation(
        _ element: XMLElement
    ) throws(InterchangeError) -> ScaledDecimal {
        let text = GPXScanner.trimmed(try readText(element))
        do {
            return try ScaledDecimal.parse(text, scale: GPXPoint.elevationScale)
        } catch {
            throw error.at(line: element.line, field: "ele")
        }
    }

    private mutating func readTime(_ element: XMLElement) throws(InterchangeError) -> Int64 {
        let text = GPXScanner.trimmed(try readText(element))
        do {
            let time = try TimeText.parse(text)
            if time.offsetMinutes == nil { reading.timesWithoutZone += 1 }
            if !time.isExact { reading.cutTimes += 1 }
            return try time.milliseconds()
        } catch {
            throw error.at(line: element.line, field: "time")
        }
    }
}

extension GPXScanner {
    /// The next element inside the one that was last started, nil at its end; text is passed over.
    private mutating func nextChild() throws(InterchangeError) -> XMLElement? {
        while true {
            switch try parser.next() {
            case .start(let element): return element
            case .end, .endOfDocument: return nil
            case .text: continue
            }
        }
    }

    /// The text of an element that was just started, to its end.
    private mutating func readText(_ element: XMLElement) throws(InterchangeError) -> String {
        var result = ""
        while true {
            switch try parser.next() {
            case .text(let text): result += text
            case .end, .endOfDocument: return result
            case .start(let child):
                throw InterchangeError(
                    .malformed,
                    "<\(child.name.excerpt)> stands inside <\(element.name.excerpt)>",
                    expected: "text only",
                    line: child.line,
                    field: element.name.excerpt
                )
            }
        }
    }

    private mutating func skip() throws(InterchangeError) {
        reading.skippedElements += 1
        try parser.skipElement()
    }

    private mutating func countSegment() throws(InterchangeError) {
        segmentCount += 1
        guard segmentCount <= limits.segmentsMax else {
            throw InterchangeError(
                .limitExceeded,
                "the file has too many tracks and segments",
                expected: "at most \(limits.segmentsMax)",
                line: parser.line
            )
        }
    }

    private func once(_ isFirst: Bool, _ element: XMLElement) throws(InterchangeError) {
        guard isFirst else {
            throw InterchangeError(
                .duplicate,
                "<\(element.name.excerpt)> stands twice",
                expected: "it once",
                line: element.line,
                field: element.name.excerpt
            )
        }
    }

    /// The name without the prefix of GPX, or "" for an element of another namespace.
    private func localName(_ element: XMLElement) -> String {
        guard element.name.utf8.starts(with: prefix.utf8) else { return "" }
        return String(element.name.unicodeScalars.dropFirst(prefix.unicodeScalars.count))
    }

    private static func trimmed(_ text: String) -> String {
        let bytes = text.utf8.drop(while: XMLCharacters.isSpace)
        let count = bytes.reversed().prefix(while: XMLCharacters.isSpace).count
        return String(decoding: bytes.dropLast(count), as: UTF8.self)
    }
}
