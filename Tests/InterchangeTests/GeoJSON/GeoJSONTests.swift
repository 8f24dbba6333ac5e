import Testing

@testable import Interchange

struct GeoJSONTests {
    private static func features() throws -> [GeoJSONFeature] {
        let shore = GeoJSONPosition(
            coordinate: try Coordinate(latitude: 308_765_432, longitude: 1_201_134_567),
            elevation: -1500
        )
        let island = GeoJSONPosition(
            coordinate: try Coordinate(latitude: 0, longitude: -1_800_000_000)
        )
        return [
            GeoJSONFeature(
                identifier: "f-1",
                geometry: .point(shore),
                properties: ["name": "太湖", "conflict": ["alice", "bob"], "kg": .number("12.50")]
            ),
            GeoJSONFeature(identifier: 2, geometry: .line([shore, island])),
            GeoJSONFeature(geometry: .multiLine([[shore, island], [island, shore]])),
            GeoJSONFeature(geometry: .multiPoint([island])),
            GeoJSONFeature(geometry: nil, properties: ["why": "no place known"]),
        ]
    }

    private func read(_ text: String) throws(InterchangeError) -> GeoJSONReading {
        try GeoJSONReader().read(text.bytes)
    }

    private func collection(_ geometry: String) -> String {
        """
        {"type":"FeatureCollection","features":[{"type":"Feature","properties":null,
        "geometry":\(geometry)}]}
        """
    }

    @Test(arguments: [JSONWriter.Style.compact, .pretty, .canonical])
    func `features read back exactly`(style: JSONWriter.Style) throws {
        let features = try Self.features()
        let bytes = try GeoJSONWriter(style: style).bytes(of: features)
        #expect(try GeoJSONReader().read(bytes) == GeoJSONReading(features: features))
    }

    @Test func `longitude comes before latitude`() throws {
        let features = Array(try Self.features().prefix(1))
        let text = String(decoding: try GeoJSONWriter().bytes(of: features), as: UTF8.self)
        #expect(
            text == """
                {"type":"FeatureCollection","features":[{"type":"Feature","id":"f-1","geometry":\
                {"type":"Point","coordinates":[120.1134567,30.8765432,-1.5]},"properties":\
                {"name":"太湖","conflict":["alice","bob"],"kg":12.50}}]}
                """
        )
    }

    @Test func `shapes that are not read are noted, rounding is counted`() throws {
        let reading = try read(
            """
            {"type":"FeatureCollection","features":[
            {"type":"Feature","geometry":{"type":"Polygon","coordinates":[]},"properties":{}},
            {"type":"Feature","geometry":{"type":"Point","coordinates":[1.00000001,2e-1]}}]}
            """
        )
        #expect(reading.skipped == [GeoJSONReading.Skipped(index: 0, type: "Polygon")])
        #expect(reading.features.count == 1)
        #expect(reading.roundedPositions == 1)
    }

    @Test func `a bare feature and a bare shape are read`() throws {
        #expect(try read("{\"type\":\"Point\",\"coordinates\":[1,2]}").features.count == 1)
        #expect(try read("{\"type\":\"Feature\",\"geometry\":null}").features.count == 1)
    }

    @Test func `errors name the path`() {
        let cases: [(String, InterchangeError.Code, String)] = [
            (
                collection("{\"type\":\"LineString\",\"coordinates\":[[1,2],[1,91]]}"), .outOfRange,
                "features[0].geometry.coordinates[1]"
            ),
            (
                collection("{\"type\":\"LineString\",\"coordinates\":[[1,2]]}"), .malformed,
                "features[0].geometry.coordinates"
            ),
            (
                collection("{\"type\":\"Point\",\"coordinates\":[\"1\",2]}"), .malformed,
                "features[0].geometry.coordinates"
            ),
            (collection("{\"type\":\"Point\"}"), .malformed, "features[0].geometry.coordinates"),
            (collection("{}"), .missing, "features[0].geometry.type"),
            (collection("{\"type\":\"Blob\"}"), .unsupported, "features[0].geometry.coordinates"),
            ("{\"type\":\"FeatureCollection\"}", .missing, "features"),
            ("{\"type\":\"FeatureCollection\",\"features\":[1]}", .malformed, "features[0].type"),
            ("[]", .malformed, "$"),
            (
                "{\"crs\":{\"properties\":{\"name\":\"EPSG:4490\"}},\"type\":\"Point\"}",
                .unsupported,
                "crs"
            ),
        ]
        for (text, code, path) in cases {
            let error = fault { () throws(InterchangeError) in _ = try read(text) }
            #expect(error?.code == code, "\(text)")
            #expect(error?.field == path, "\(text)")
        }
    }

    @Test func `what RFC 7946 does not allow is not written`() throws {
        let place = GeoJSONPosition(coordinate: try Coordinate(latitude: 0, longitude: 0))
        for feature in [
            GeoJSONFeature(geometry: .line([place])), GeoJSONFeature(geometry: .multiLine([[]])),
            GeoJSONFeature(identifier: true, geometry: nil),
        ] {
            let error = fault { () throws(InterchangeError) in
                _ = try GeoJSONWriter().bytes(of: [feature])
            }
            #expect(error?.code == .unrepresentable)
            #expect(error?.field == "features[0]")
        }
    }

    @Test func `no beginning of a file and no mutation of it traps`() throws {
        let bytes = try GeoJSONWriter().bytes(of: try Self.features())
        for text in Hostile.truncations(of: bytes) {
            #expect(
                fault { () throws(InterchangeError) in _ = try GeoJSONReader().read(text) } != nil
            )
        }
        for text in Hostile.mutations(of: bytes, count: 1000, seed: 8) {
            guard let reading = try? GeoJSONReader().read(text) else { continue }
            let again = try GeoJSONReader().read(try GeoJSONWriter().bytes(of: reading.features))
            #expect(again.features == reading.features)
        }
    }
}
