import Testing

@testable import Interchange

struct GPXTests {
    private static func document() throws -> GPXDocument {
        let shore = try Coordinate(latitude: 308_765_432, longitude: 1_201_134_567)
        let pole = try Coordinate(latitude: -900_000_000, longitude: -1_800_000_000)
        return GPXDocument(
            creator: "alice & \"bob\"\n<1>",
            name: "巡查 <1> ]]> & \t\r\n",
            time: 1_704_088_221_571,
            waypoints: [GPXPoint(coordinate: shore, elevation: -1500, time: -1, name: "")],
            tracks: [
                GPXTrack(
                    name: "太湖",
                    segments: [
                        GPXSegment(points: [
                            GPXPoint(coordinate: shore, elevation: 3, time: 0),
                            GPXPoint(coordinate: pole, name: "ends here"),
                        ]),
                        GPXSegment(),
                    ]
                ), GPXTrack(),
            ]
        )
    }

    private func read(_ text: String) throws(InterchangeError) -> GPXReading {
        try GPXReader().read(text.bytes)
    }

    private func gpx(_ inner: String) -> String {
        "<gpx version=\"1.1\" creator=\"carol\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n\(inner)</gpx>"
    }

    @Test func `a document reads back exactly`() throws {
        let document = try Self.document()
        let reading = try GPXReader().read(try GPXWriter().bytes(of: document))
        #expect(reading == GPXReading(document: document))
    }

    @Test func `the text is what the schema wants`() throws {
        let place = try Coordinate(latitude: 308_000_000, longitude: 1_800_000_000)
        let point = GPXPoint(coordinate: place, elevation: 1250, time: 1000, name: "a<b")
        let text = String(
            decoding: try GPXWriter().bytes(of: GPXDocument(creator: "x", waypoints: [point])),
            as: UTF8.self
        )
        #expect(
            text.contains(
                "<wpt lat=\"30.8\" lon=\"-180\"><ele>1.25</ele><time>1970-01-01T00:00:01Z</time>"
                    + "<name>a&lt;b</name></wpt>"
            )
        )
        #expect(text.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\""))
    }

    @Test func `what is not kept is counted`() throws {
        let reading = try read(
            gpx(
                """
                <metadata><author><name>dave</name></author></metadata>
                <wpt lat="30.88" lon="120.1"><ele>1</ele><sym>Flag</sym></wpt>
                <rte><rtept lat="999" lon="0"/></rte>
                <trk><trkseg><trkpt lat=" 30.123456789 " lon="120">
                <time> 2024-01-01T05:50:21.5719 </time><extensions><x:hr>1</x:hr></extensions>
                </trkpt></trkseg></trk>
                """
            )
        )
        #expect(reading.skippedElements == 4)
        #expect(reading.roundedPoints == 1)
        #expect(reading.firstRoundedLine == 5)
        #expect(reading.cutTimes == 1)
        #expect(reading.timesWithoutZone == 1)
        let point = reading.document.tracks[0].segments[0].points[0]
        #expect(point.coordinate.latitude == 301_234_568)
        #expect(point.time == 1_704_088_221_571)
        #expect(reading.document.waypoints.count == 1)
        #expect(reading.document.name == nil)
    }

    @Test func `a prefixed document is read, and names of other namespaces are not its own`() throws
    {
        let reading = try read(
            """
            <g:gpx version="1.0" xmlns:g="http://www.topografix.com/GPX/1/0">
            <g:name>old</g:name><wpt lat="1" lon="1"/><g:wpt lat="2" lon="2"/></g:gpx>
            """
        )
        #expect(reading.document.waypoints.map(\.coordinate.latitude) == [20_000_000])
        #expect(reading.document.name == "old")
    }

    @Test func `180 degrees east is read as west`() throws {
        let reading = try read(gpx("<wpt lat=\"0\" lon=\"179.99999999\"/>"))
        #expect(reading.document.waypoints[0].coordinate.longitude == -1_800_000_000)
        #expect(reading.roundedPoints == 1)
    }

    @Test func `errors name line and field`() {
        let point = "<wpt lat=\"1\" lon=\"1\">"
        let cases: [(String, InterchangeError.Code, Int, String?)] = [
            (gpx("<wpt lat=\"90.0001\" lon=\"0\"/>"), .outOfRange, 2, "lat"),
            (gpx("\n<wpt lat=\"0\" lon=\"-180.00000001\"/>"), .outOfRange, 3, "lon"),
            (gpx("<wpt lat=\"0\"/>"), .missing, 2, "lon"),
            (gpx("<wpt lat=\"30,5\" lon=\"0\"/>"), .malformed, 2, "lat"),
            (gpx("<wpt lat=\"\" lon=\"0\"/>"), .malformed, 2, "lat"),
            (gpx(point + "\n<ele>x</ele></wpt>"), .malformed, 3, "ele"),
            (gpx(point + "<ele>1e300</ele></wpt>"), .outOfRange, 2, "ele"),
            (gpx(point + "\n\n<time>today</time></wpt>"), .malformed, 4, "time"),
            (gpx(point + "<ele>1</ele><ele>2</ele></wpt>"), .duplicate, 2, "ele"),
            (gpx(point + "<name>a<b/></name></wpt>"), .malformed, 2, "name"),
            ("<gpx version=\"2.0\"/>", .unsupported, 1, "version"),
            ("<kml/>", .unsupported, 1, nil),
        ]
        for (text, code, line, field) in cases {
            let error = fault { () throws(InterchangeError) in _ = try read(text) }
            #expect(error?.code == code, "\(text)")
            #expect(error?.line == line, "\(text)")
            #expect(error?.field == field, "\(text)")
        }
    }

    @Test func `a name that XML cannot hold is refused, with its place`() throws {
        var document = try Self.document()
        document.waypoints[0].name = "bell \u{7}"
        let error = fault { () throws(InterchangeError) in
            _ = try GPXWriter().bytes(of: document)
        }
        #expect(error?.code == .unrepresentable)
        #expect(error?.field == "wpt[0]")
    }

    @Test func `the number of points and segments is limited`() {
        let point = "<wpt lat=\"1\" lon=\"1\"/>"
        let reader = GPXReader(limits: GPXLimits(pointsMax: 2, segmentsMax: 2))
        for inner in [point + point + point, "<trk/><trk/><trk/>", "<trk><trkseg/><trkseg/></trk>"]
        {
            let error = fault { () throws(InterchangeError) in
                _ = try reader.read(gpx(inner).bytes)
            }
            #expect(error?.code == .limitExceeded)
        }
    }

    @Test func `no beginning of a file and no mutation of it traps`() throws {
        let bytes = try GPXWriter().bytes(of: try Self.document())
        // The end of line behind the root is not missed.
        for text in Hostile.truncations(of: bytes).dropLast() {
            let error = fault { () throws(InterchangeError) in _ = try GPXReader().read(text) }
            #expect(error != nil)
        }
        for text in Hostile.mutations(of: bytes, count: 1000, seed: 6) {
            guard let reading = try? GPXReader().read(text) else { continue }
            let written = try GPXWriter().bytes(of: reading.document)
            #expect(try GPXReader().read(written).document == reading.document)
        }
    }
}
