import Foundation
import Interchange
import Testing

/// The product against data that nobody here wrote.
@Suite(.serialized, .enabled(if: FieldProgram.hasData, "the shared data is not here"))
struct RealDataTests {
    @Test func `25,000 reports import, sync to a second device and export with nothing changed`()
        throws
    {
        let program = try FieldProgram()
        defer { program.remove() }
        let file = try program.unpack(
            "findings/chicago_sanitation_code_violations_2000_2015.csv.gz",
            as: "reports.csv"
        )
        let mapping = "Tests/FieldCLITests/Fixtures/chicago.yaml"
        try program.makeDevice("a", officer: "demo-a1")
        try program.on("a", ["import", file, "--mapping", mapping])
        let before = try program.json("a", ["status"])
        try program.on("a", ["import", file, "--mapping", mapping])
        #expect(try program.json("a", ["status"]) == before, "a second import changes nothing")

        let hub = try program.startHub()
        defer { hub.process.terminate() }
        try program.on("a", ["sync", "--hub", hub.url])
        try program.makeDevice("b", officer: "demo-b1")
        try program.on("b", ["sync", "--hub", hub.url])

        var exports: [[UInt8]] = []
        for device in ["a", "b"] {
            let path = program.folder + "/\(device).jsonl"
            try program.on(device, ["export", path, "--type", "finding"])
            exports.append([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        }
        #expect(exports[0] == exports[1])
        try compare(file, with: exports[1])
        let found = try program.json("b", ["find", "search", "WOOD", "--limit", "5"])
        #expect(found.array?.isEmpty == false, "the second device's index finds them")
    }

    /// Every row of the source stands in the export, as it was.
    private func compare(_ file: String, with export: [UInt8]) throws {
        var records: [String: JSONValue] = [:]
        var lines = JSONLinesReader(limits: JSONLimits())
        lines.append(export)
        lines.finish()
        while let (_, value) = try lines.next() {
            guard let id = value["id"]?.string else { continue }
            records[id] = value
        }
        var reader = CSVReader(dialect: .plain, hasHeader: true)
        reader.append([UInt8](try Data(contentsOf: URL(fileURLWithPath: file))))
        reader.finish()
        var rows = 0
        while let row = try reader.next() {
            rows += 1
            let key = row["row_in_source"] ?? ""
            let record = try #require(records["finding/=chicago/\(key)"], "row \(key) is missing")
            #expect(record["fields"]?["title"]?.string == row["Service_Request_Number"])
            let status = row["Status"] ?? ""
            #expect((record["fields"]?["status"]?.string ?? "") == status)
        }
        #expect(rows == 25_000)
        #expect(records.count == 25_000)
    }

    @Test func `ranger tracks import, and importing them again changes nothing`() throws {
        let program = try FieldProgram()
        defer { program.remove() }
        let file = try program.unpack(
            "tracks/smart_ranger_patrols_mara_2024.csv.gz",
            as: "mara.csv"
        )
        try program.makeDevice("a", officer: "demo-a1")
        let mapping = "Tests/FieldCLITests/Fixtures/ranger-tracks.yaml"
        try program.on("a", ["import", file, "--mapping", mapping])
        let before = try program.json("a", ["status"])
        try program.on("a", ["import", file, "--mapping", mapping])
        #expect(try program.json("a", ["status"]) == before)
        let gpx = program.folder + "/mara.gpx"
        try program.on("a", ["export", gpx])
        let document = try GPXReader()
            .read([UInt8](try Data(contentsOf: URL(fileURLWithPath: gpx)))).document
        let points = document.tracks.flatMap(\.segments).flatMap(\.points)
        #expect(points.count == 32_145)
    }
}
