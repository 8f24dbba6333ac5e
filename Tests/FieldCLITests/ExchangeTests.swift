import Foundation
import Interchange
import Testing

/// Files of others come in once, and what comes out reads back.
@Suite struct ExchangeTests {
    @Test func `a CSV file is imported once`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write(
            """
            type: finding
            key: "old/{Number}"
            fields:
              title: {column: Name, required: true}
              town: {constant: "330502105"}
              status: {column: State, values: {done: 已办结}}
              observedAt: {column: Date, date: M/d/yyyy H:mm, zone: "-06:00"}
              latitude: {column: Lat, round: true}
              longitude: {column: Lon, round: true}
              tags: {column: Labels, split: ";"}
              remark: {template: "{Name} / {State}"}
            skip:
              - {column: State, is: cancelled}
              - {column: Lat, empty: true}
            """,
            to: "map.yaml"
        )
        try tool.write(
            """
            Number,Name,State,Date,Lat,Lon,Labels
            1,"网, 六张",done,8/3/2026 5:07,30.123456789,120.1,夜间;重点
            2,b,cancelled,1/1/2026 0:00,30,120,
            3,c,open,1/1/2026 0:00,,,
            """,
            to: "data.csv"
        )
        let first = try tool.run("import", "data.csv", "--mapping", "map.yaml", "--json").json()
        #expect(first["new"]?.integer == 1)
        #expect(first["skipped"]?.integer == 2)
        let before = try tool.picture()
        let second = try tool.run("import", "data.csv", "--mapping", "map.yaml", "--json").json()
        #expect(second["new"]?.integer == 0 && second["present"]?.integer == 1)
        #expect(try tool.picture() == before)
        let shown = try tool.run("find", "show", "old/1", "--json").json()
        #expect(shown["fields"]?["title"]?.string == "网, 六张")
        #expect(shown["fields"]?["status"]?.string == "已办结")
        #expect(shown["fields"]?["observedAt"]?.string == "2026-08-03T19:07:00+08:00")
        #expect(shown["fields"]?["latitude"]?.lexeme == "30.1234568")
        #expect(shown["fields"]?["tags"]?.array?.count == 2)
        #expect(shown["fields"]?["remark"]?.string == "网, 六张 / done")
    }

    @Test func `JSON Lines are imported by paths`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write(
            """
            type: finding
            format: jsonl
            key: "j/{id}"
            fields:
              title: {column: what.name}
              personsCount: {column: people}
            """,
            to: "map.yaml"
        )
        try tool.write(
            "{\"id\": 7, \"what\": {\"name\": \"地笼\"}, \"people\": 2}\n",
            to: "data.jsonl"
        )
        #expect(try tool.run("import", "data.jsonl", "--mapping", "map.yaml").status == 0)
        let shown = try tool.run("find", "show", "j/7", "--json").json()
        #expect(shown["fields"]?["personsCount"]?.integer == 2)
        #expect(shown["fields"]?["title"]?.string == "地笼")
    }

    @Test func `a track goes through GPX unchanged and is imported once`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write(
            """
            <?xml version="1.0"?>
            <gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>夜查</name>
            <trkseg><trkpt lat="30.1" lon="120.1"><time>2026-08-03T10:00:00Z</time></trkpt>
            <trkpt lat="30.1000001" lon="120.2"><time>2026-08-03T10:00:05Z</time></trkpt></trkseg>
            </trk></gpx>
            """,
            to: "ride.gpx"
        )
        let first = try tool.run("import", "ride.gpx", "--json").json()
        #expect(first["new"]?.integer == 1 && first["points"]?.integer == 2)
        let before = try tool.picture()
        #expect(try tool.run("import", "ride.gpx", "--json").json()["new"]?.integer == 0)
        #expect(try tool.picture() == before)
        #expect(try tool.run("export", "out.gpx").status == 0)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: tool.path("out.gpx"))))
        let document = try GPXReader().read(bytes).document
        #expect(document.tracks.first?.segments.first?.points.count == 2)
        #expect(document.tracks.first?.name == "夜查")
        #expect(document.tracks.first?.segments[0].points[1].coordinate.latitude == 301_000_001)
    }

    @Test func `an NMEA log is imported once, and a broken file is refused`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let log =
            "$GPRMC,085411.000,A,5222.3215,N,00454.5778,E,0.58,251.34,030414,,,A*63\r\n"
            + "$GPGGA,085411.000,5222.3215,N,00454.5778,E,1,4,2.95,16.0,M,47.0,M,,*61\r\n"
        try tool.write(log, to: "gps.log")
        #expect(try tool.run("import", "gps.log", "--json").json()["points"]?.integer == 1)
        #expect(try tool.run("import", "gps.log", "--json").json()["new"]?.integer == 0)
        try tool.write("<gpx><trk>", to: "bad.gpx")
        let bad = try tool.run("import", "bad.gpx")
        #expect(bad.status == 2 && bad.remarks.contains("bad.gpx"))
        #expect(try tool.run("import", "none.gpx").status == 2)
    }

    @Test func `exports read back`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "=1+1", "--at", "120.0452,30.7318", "--tag", "夜间")
        #expect(try tool.run("export", "out.csv").status == 0)
        let csv = Array(try Data(contentsOf: URL(fileURLWithPath: tool.path("out.csv"))))
        #expect(csv.starts(with: [0xEF, 0xBB, 0xBF]))
        let rows = try CSVReader.rows(of: csv, dialect: .spreadsheet)
        #expect(rows.count == 1 && rows[0]["title"] == "=1+1" && rows[0]["latitude"] == "30.7318")
        #expect(rows[0]["town"] == "330502105")
        let features = try tool.run("export", "-", "--format", "geojson").json()["features"]?.array
        #expect(features?.count == 1)
        #expect(features?.first?["geometry"]?["coordinates"]?.array?.first?.lexeme == "120.0452")
        #expect(features?.first?["properties"]?["conflict"]?.boolean == false)
        let bare = try tool.run("export").json()["features"]?.array
        #expect(bare?.count == 1)
        let refused = try tool.run("export", "/proc/none/out.csv")
        #expect(refused.status == 73, "\(refused.remarks)")
        #expect(try tool.run("export", "out.xyz").status == 2)
    }
}
