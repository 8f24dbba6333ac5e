import Foundation
import Interchange
import Replication
import Simulator
import SyncCore

extension FuzzTarget {
    private static let corpus = "Tests/MalformedTests/Corpus/"

    /// A text format; its errors say what is wrong, where and what would be right.
    private static func text(
        _ name: String,
        _ subject: String,
        seeds: [String] = [],
        read: @Sendable @escaping ([UInt8]) throws -> Void
    ) -> FuzzTarget {
        FuzzTarget(
            name: name,
            subject: subject,
            seeds: [corpus + name, "Fuzz/Seeds/" + name] + seeds,
            names: {
                $0 is InterchangeError || $0 is ReplayError || $0 is SchemaDocumentError
            },
            read: read
        )
    }

    /// Files that somebody else wrote.
    static let texts: [FuzzTarget] = [
        text("gpx", "tracks in GPX") { bytes in
            let reading = try GPXReader().read(bytes)
            let again = try GPXReader().read(try GPXWriter().bytes(of: reading.document))
            try hold(again.document == reading.document, "GPX is written and read the same")
        },
        text("nmea", "logs of NMEA 0183, in chunks of any size") { bytes in
            let whole = try NMEAReader.read(bytes)
            var reader = NMEAReader()
            var fixes: [NMEAFix] = []
            for start in stride(from: 0, to: bytes.count, by: 7) {
                fixes += try reader.append(bytes[start..<min(start + 7, bytes.count)])
            }
            fixes += try reader.finish()
            try hold(fixes == whole.fixes, "a log does not depend on its chunks")
            try hold(reader.summary == whole.summary, "nor does what is said of it")
        },
        text("csv", "CSV, in chunks of any size") { bytes in
            let rows = try CSVReader.rows(of: bytes, hasHeader: false)
            let fields = rows.map(\.fields)
            guard !fields.isEmpty else { return }
            let written = try CSVWriter.bytes(of: fields, dialect: .plain)
            let again = try CSVReader.rows(of: written, hasHeader: false)
            try hold(
                again.map { $0.fields.map { Array($0.utf8) } }
                    == fields.map { $0.map { Array($0.utf8) } },
                "CSV is written and read the same"
            )
            try FuzzTarget.chunks(of: bytes, rows: fields)
        },
        text("json", "JSON texts") { bytes in
            let value = try JSONParser().parse(bytes)
            for style in [JSONWriter.Style.compact, .pretty] {
                let again = try JSONParser().parse(JSONWriter(style: style).bytes(of: value))
                try hold(again == value, "JSON is written and read the same")
            }
            let canonical = JSONWriter(style: .canonical).bytes(of: value)
            let second = JSONWriter(style: .canonical).bytes(of: try JSONParser().parse(canonical))
            try hold(second == canonical, "canonical JSON is its own canonical form")
        },
        text("jsonl", "JSON Lines, in chunks of any size") { bytes in
            var lines = JSONLinesReader()
            for start in stride(from: 0, to: bytes.count, by: 5) {
                lines.append(bytes[start..<min(start + 5, bytes.count)])
                while try lines.next() != nil {}
            }
            lines.finish()
            while try lines.next() != nil {}
        },
        text("geojson", "points and lines in GeoJSON") { bytes in
            let reading = try GeoJSONReader().read(bytes)
            let written = try GeoJSONWriter().bytes(of: reading.features)
            let again = try GeoJSONReader().read(written)
            try hold(again.features == reading.features, "GeoJSON is written and read the same")
        },
        text("schema", "schema documents") { bytes in
            _ = try ReplaySchema(json: try JSONParser().parse(bytes))
        },
        text("trace", "traces of replays") { bytes in
            let path = scratch + "/trace.jsonl"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            guard let schema else { throw Broken("the fuzzer's own schema is read") }
            try Replay(schema: schema).check(ReplayTrace(path: path))
        },
    ]

    /// A folder of this process.
    static let scratch: String = {
        let path = NSTemporaryDirectory() + "fuzz-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        return path
    }()

    private static let schema: ReplaySchema? = {
        let text = """
            {"types": [{"name": "finding", "fields": [
              {"id": 1, "name": "title", "kind": "text", "merge": "lastWriter"},
              {"id": 2, "name": "severity", "kind": "integer", "merge": "maximum"},
              {"id": 3, "name": "lat", "kind": "scaled", "scale": 6, "merge": "keepSiblings"},
              {"id": 4, "name": "tags", "kind": "text", "merge": "addWinsSet"},
              {"id": 5, "name": "notes", "kind": "json", "merge": "growOnly"},
              {"id": 6, "name": "visits", "kind": "integer", "merge": "counter"},
              {"id": 7, "name": "photo", "kind": "bytes", "merge": "lastWriter"},
              {"id": 8, "name": "story", "kind": "text", "merge": "text"}],
              "default": {"kind": "json", "merge": "keepSiblings"}}]}
            """
        return (try? JSONParser().parse(text)).flatMap { try? ReplaySchema(json: $0) }
    }()

    private static func chunks(of bytes: [UInt8], rows: [[String]]) throws {
        var reader = CSVReader(hasHeader: false)
        var fields: [[String]] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            reader.append(bytes[start..<min(start + 3, bytes.count)])
            while let row = try reader.next() { fields.append(row.fields) }
        }
        reader.finish()
        while let row = try reader.next() { fields.append(row.fields) }
        try hold(fields == rows, "CSV does not depend on its chunks")
    }
}
