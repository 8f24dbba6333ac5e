import Foundation
import Interchange
import Simulator
import SyncCore

/// A decoder of texts or files, and how its errors are read.
struct Decoder: Sendable {
    let name: String
    let read: @Sendable ([UInt8]) throws -> Void

    static let all: [Decoder] = [
        Decoder(name: "json") { _ = try JSONParser().parse($0) },
        Decoder(name: "jsonl") { bytes in
            var lines = JSONLinesReader()
            lines.append(bytes)
            lines.finish()
            while try lines.next() != nil {}
        },
        Decoder(name: "csv") { _ = try CSVReader.rows(of: $0) },
        Decoder(name: "gpx") { _ = try GPXReader().read($0) },
        Decoder(name: "nmea") { bytes in
            let (fixes, summary) = try NMEAReader.read(bytes)
            // A log with faults is read all the same; none of these inputs holds a position.
            if let problem = summary.problems.first, fixes.isEmpty { throw problem }
        },
        Decoder(name: "geojson") { _ = try GeoJSONReader().read($0) },
        Decoder(name: "schema") { _ = try ReplaySchema(json: try JSONParser().parse($0)) },
        Decoder(name: "trace") { bytes in
            let path = NSTemporaryDirectory() + "trace-" + UUID().uuidString
            try Data(bytes).write(to: URL(filePath: path))
            defer { try? FileManager.default.removeItem(atPath: path) }
            try Replay(schema: try traceSchema()).check(ReplayTrace(path: path))
        },
        Decoder(name: "gzip") { bytes in
            let reader = try GzipReader(bytesMax: 1 << 20)
            try reader.unpack(bytes) { _ in }
            try reader.finish()
        },
    ]

    static func named(_ name: String) -> Decoder? { all.first { $0.name == name } }

    /// The error of bytes that are refused, in the terms of the lists; nil for bytes that are taken
    /// and for an error that callers cannot tell from others.
    func refusal(_ bytes: [UInt8]) -> (refusal: Refusal, message: String)? {
        do {
            try read(bytes)
            return nil
        } catch let error as InterchangeError {
            let refusal = Refusal(
                code: error.code.description,
                line: error.line,
                field: error.field
            )
            return (refusal, error.description)
        } catch let error as ReplayError {
            return (Refusal(code: "-", line: error.line, field: error.key), error.description)
        } catch let error as SchemaDocumentError {
            let refusal = Refusal(code: error.type ?? "-", line: nil, field: error.field)
            return (refusal, error.description)
        } catch let error as GzipReader.Failure {
            return (Refusal(code: "-", line: nil, field: nil), error.description)
        } catch {
            return nil
        }
    }

    private static func traceSchema() throws -> ReplaySchema {
        let text = """
            {"types": [{"name": "finding", "fields": [
              {"id": 1, "name": "title", "kind": "text", "merge": "lastWriter"},
              {"id": 2, "name": "severity", "kind": "integer", "merge": "maximum"},
              {"id": 3, "name": "lat", "kind": "scaled", "scale": 6, "merge": "keepSiblings"},
              {"id": 4, "name": "tags", "kind": "text", "merge": "addWinsSet"},
              {"id": 5, "name": "notes", "kind": "json", "merge": "growOnly"},
              {"id": 6, "name": "visits", "kind": "integer", "merge": "counter"},
              {"id": 7, "name": "photo", "kind": "bytes", "merge": "lastWriter"}],
              "default": {"kind": "json", "merge": "keepSiblings"}}]}
            """
        return try ReplaySchema(json: try JSONParser().parse(text))
    }
}
