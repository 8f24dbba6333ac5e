import Foundation
import Interchange
import Testing

/// What an import refuses it refuses before it writes; what it writes reaches other devices.
@Suite struct ImportTests {
    private func mapping(_ tool: CommandLineTool, _ more: String = "") throws {
        try tool.write(
            """
            type: finding
            key: "k/{id}"
            fields:
              title: {column: name}
            \(more)
            """,
            to: "map.yaml"
        )
    }

    @Test func `what a commit would refuse, the check refuses with line and field`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try mapping(tool)
        let before = try tool.picture()
        let long = String(repeating: "长", count: 400_000)
        let good = "{\"id\":\"a\",\"name\":\"x\"}\n"
        let faults: [(line: String, words: [String])] = [
            ("{\"id\":\"b\\u0000c\",\"name\":\"x\"}\n", ["line 2", "id", "U+0000"]),
            ("{\"id\":\"\(long.prefix(500))\",\"name\":\"x\"}\n", ["line 2", "id", "1024"]),
            ("{\"id\":\"b\",\"name\":\"\(long)\"}\n", ["line 2", "name (title)", "1048576"]),
        ]
        for fault in faults {
            try tool.write(good + fault.line, to: "data.jsonl")
            for extra in [["--dry-run"], []] {
                let outcome = try tool.runList(
                    ["import", "data.jsonl", "--mapping", "map.yaml"] + extra
                )
                #expect(outcome.status == 2, "\(outcome.output)")
                for word in fault.words {
                    #expect(outcome.remarks.contains(word), "\(outcome.remarks.prefix(300))")
                }
            }
        }
        #expect(try tool.picture() == before)
    }

    @Test func `a disk that fills up says how far the import came, and a repeat ends it`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try mapping(tool)
        let text = String(repeating: "水", count: 1_500)
        let rows = (0..<600).map { "{\"id\":\"\($0)\",\"name\":\"\(text)\"}\n" }
        try tool.write(rows.joined(), to: "data.jsonl")
        let command = "import data.jsonl --mapping map.yaml"
        let full = try tool.runShell("trap '' XFSZ; ulimit -f 6000; exec \"$FIELD\" \(command)")
        #expect(full.status == 74, "\(full.status): \(full.remarks)")
        #expect(full.remarks.contains("of 600 rows are in"), "\(full.remarks)")
        #expect(!full.remarks.contains(" 0 of 600"), "\(full.remarks)")
        let again = try tool.runShell("exec \"$FIELD\" \(command) --json").json()
        let present = again["present"]?.integer ?? 0
        #expect(present > 0 && present + (again["new"]?.integer ?? 0) == 600)
        #expect(full.remarks.contains("\(present) of 600"), "\(full.remarks)")
    }

    @Test func `a finding is listed by the status that is shown of it`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try mapping(tool)
        try tool.write("{\"id\":\"a\",\"name\":\"x\"}\n", to: "data.jsonl")
        #expect(try tool.run("import", "data.jsonl", "--mapping", "map.yaml").status == 0)
        let made = try tool.makeFinding("--title", "网")
        let done = try tool.makeFinding("--title", "船", "--set", "status=已办结")
        let shown = try tool.run("find", "show", made, "--json").json()
        #expect(shown["fields"]?["status"]?.string == "已记录")
        func listed(_ status: String) throws -> [String] {
            try tool.run("find", "list", "--status", status, "--json").json().array?
                .compactMap { $0["fields"]?["title"]?.string }.sorted() ?? []
        }
        #expect(try listed("已记录") == ["x", "网"])
        #expect(try listed("已办结") == ["船"] && !done.isEmpty)
    }

    @Test func `rows that are large together are written in several changes`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try mapping(tool)
        let text = String(repeating: "x", count: 400_000)
        let rows = (0..<20).map { "{\"id\":\($0),\"name\":\"\($0) \(text)\"}\n" }.joined()
        try tool.write(rows, to: "data.jsonl")
        let outcome = try tool.run("import", "data.jsonl", "--mapping", "map.yaml", "--json")
        #expect(try outcome.json()["new"]?.integer == 20, "\(outcome.remarks)")
    }

    @Test func `a path that stands in no line is named`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try mapping(tool, "  remark: {column: nmae}")
        try tool.write("{\"id\":1,\"name\":\"x\"}\n{\"id\":2}\n", to: "data.jsonl")
        let outcome = try tool.run("import", "data.jsonl", "--mapping", "map.yaml")
        #expect(outcome.status == 2 && outcome.remarks.contains("nmae"))
        #expect(outcome.remarks.contains("id, name"), "\(outcome.remarks)")
        try mapping(tool)
        #expect(try tool.run("import", "data.jsonl", "--mapping", "map.yaml").status == 0)
    }

    @Test func `rows without town and organ get this device's and reach another one`() async throws
    {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("other")
        try mapping(tool)
        try tool.write("{\"id\":1,\"name\":\"旧案\"}\n", to: "data.jsonl")
        #expect(try tool.run("import", "data.jsonl", "--mapping", "map.yaml").status == 0)
        let shown = try tool.run("find", "show", "k/1", "--json").json()
        #expect(shown["fields"]?["town"]?.string == "330502105")
        #expect(shown["fields"]?["organ"]?.string == "zonghe-zhifa")
        let hub = try await Hub.start(tool)
        defer { hub.stop() }
        for store in ["store", "other"] {
            let sync = try tool.run("sync", "--hub", hub.url, "--store", tool.path(store))
            #expect(sync.status == 0, "\(sync.remarks)")
        }
        let there = try tool.run("find", "list", "--json", "--store", tool.path("other")).json()
        #expect(there.array?.first?["fields"]?["title"]?.string == "旧案")
    }

    @Test func `a packed file is read as the file in it`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try mapping(tool)
        try tool.write("id,name\n1,网\n2,船\n", to: "data.csv")
        #expect(try tool.runShell("gzip -k data.csv").status == 0)
        let outcome = try tool.run("import", "data.csv.gz", "--mapping", "map.yaml", "--json")
        #expect(try outcome.json()["new"]?.integer == 2, "\(outcome.remarks)")
        let packed = try Data(contentsOf: URL(fileURLWithPath: tool.path("data.csv.gz")))
        try tool.write(Array(packed.dropLast(9)), to: "cut.csv.gz")
        let cut = try tool.run("import", "cut.csv.gz", "--mapping", "map.yaml")
        #expect(cut.status == 2 && cut.remarks.contains("cut.csv.gz"), "\(cut.remarks)")
    }

    // MARK: Tracks

    private func gpx(_ seconds: Range<Int>, waypoint: String = "", tracks: String = "") -> String {
        let points =
            seconds.map { second in
                let time = String(format: "2026-08-03T10:%02d:%02dZ", second / 60, second % 60)
                return
                    "<trkpt lat=\"30.\(10_000 + second)\" lon=\"120.1\"><time>\(time)</time></trkpt>"
            }
            .joined(separator: "\n")
        return """
            <?xml version="1.0"?>
            <gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">\(waypoint)
            <trk><name>夜查</name><trkseg>\(points)</trkseg></trk>\(tracks)</gpx>
            """
    }

    @Test func `a track that grew adds what is new`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write(gpx(0..<30), to: "ride.gpx")
        #expect(try tool.run("import", "ride.gpx", "--json").json()["newPoints"]?.integer == 30)
        try tool.write(
            gpx(0..<50, waypoint: "<wpt lat=\"30\" lon=\"120\"></wpt>"),
            to: "ride.gpx"
        )
        let longer = try tool.run("import", "ride.gpx", "--json").json()
        #expect(longer["new"]?.integer == 0)
        #expect(longer["newPoints"]?.integer == 20)
        #expect(longer["presentPoints"]?.integer == 30)
        #expect(longer["waypoints"]?.integer == 1)
        let patrol = try tool.run("patrol", "list", "--json").json().array?.first?["fields"]
        #expect(patrol?["endedAt"]?.string == "2026-08-03T18:00:49+08:00")
        // Nobody said what the patrol watched over, nor how it moved.
        #expect(patrol?["kind"]?.string ?? "" == "")
        #expect(patrol?["transport"]?.string ?? "" == "")
        let before = try tool.picture()
        #expect(try tool.run("import", "ride.gpx").status == 0)
        #expect(try tool.picture() == before)
        #expect(try tool.run("export", "out.gpx").status == 0)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: tool.path("out.gpx"))))
        let tracks = try GPXReader().read(bytes).document.tracks
        #expect(tracks.count == 1)
        #expect(tracks.flatMap(\.segments).flatMap(\.points).count == 50)
    }

    @Test func `what a mapping or an option says of the patrols is recorded`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write(
            """
            type: track
            kind: 街面
            key: "walk/{p}"
            fields:
              time: {column: t}
              latitude: {column: lat}
              longitude: {column: lon}
            """,
            to: "map.yaml"
        )
        try tool.write("p,t,lat,lon\n7,2026-08-03T10:00:00,30.1,120.1\n", to: "walk.csv")
        let outcome = try tool.run(
            "import",
            "walk.csv",
            "--mapping",
            "map.yaml",
            "--transport",
            "步行"
        )
        #expect(outcome.status == 0, "\(outcome.remarks)")
        let patrol = try tool.run("patrol", "list", "--json").json().array?.first?["fields"]
        #expect(patrol?["kind"]?.string == "街面")
        #expect(patrol?["transport"]?.string == "步行")
        try tool.write("p,t,lat,lon\n,2026-08-03T10:00:00,30.1,120.1\n", to: "walk.csv")
        let empty = try tool.run("import", "walk.csv", "--mapping", "map.yaml")
        #expect(empty.status == 2 && empty.remarks.contains("line 2"), "\(empty.remarks)")
    }

    @Test func `a track with a point of another age is refused whole, by its file`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let before = try tool.picture()
        let old =
            "<trk><trkseg><trkpt lat=\"30\" lon=\"120\"><time>1904-01-01T00:00:00Z</time></trkpt>"
            + "</trkseg></trk>"
        try tool.write(gpx(10..<20, tracks: old), to: "two.gpx")
        let outcome = try tool.run("import", "two.gpx")
        #expect(outcome.status == 2 && outcome.remarks.contains("two.gpx"), "\(outcome.remarks)")
        #expect(try tool.picture() == before)
    }

    @Test func `a long log becomes the track of a patrol`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        #expect(try tool.run("patrol", "start", "--time", "2026-08-03T10:00:00").status == 0)
        let points =
            (0..<70_000)
            .map { second in
                let time = String(
                    format: "2026-08-%02dT%02d:%02d:%02dZ",
                    4 + second / 86_400,
                    second / 3600 % 24,
                    second / 60 % 60,
                    second % 60
                )
                return
                    "<trkpt lat=\"30.1\" lon=\"120.\(100_000 + second)\"><time>\(time)</time></trkpt>"
            }
            .joined(separator: "\n")
        try tool.write(
            "<gpx version=\"1.1\" creator=\"x\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>"
                + points + "</trkseg></trk></gpx>",
            to: "long.gpx"
        )
        let outcome = try tool.run("patrol", "track", "--file", "long.gpx", "--json")
        #expect(outcome.status == 0, "\(outcome.remarks)")
        #expect(try outcome.json()["newPoints"]?.integer == 70_000)
        let again = try tool.run("patrol", "track", "--file", "long.gpx", "--json").json()
        #expect(again["newPoints"]?.integer == 0 && again["points"]?.integer == 70_000)
    }
}
