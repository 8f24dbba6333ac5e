import Foundation
import Interchange
import Replication
import Simulator
import SyncCore

/// A trace in the making: people's events, a second apart.
struct Story {
    static let start: Int64 = 1_785_744_000_000
    private(set) var events: [JSONValue] = []
    private(set) var now = Story.start

    /// Lets time pass.
    mutating func wait(_ milliseconds: Int64) { now += milliseconds }

    /// Adds an event; returns when it happens.
    @discardableResult
    mutating func add(_ device: String, _ verb: String, _ members: JSONObject = [:]) -> Int64 {
        now += 1_000
        var event = members
        event["at"] = .integer(now)
        event["device"] = .string(device)
        event["do"] = .string(verb)
        events.append(.object(event))
        return now
    }

    /// Adds an event on a record of the one type that most stories have.
    @discardableResult
    mutating func edit(
        _ device: String,
        _ verb: String,
        _ record: String,
        _ members: JSONObject = [:]
    ) -> Int64 {
        var members = members
        members["record"] = .string(record)
        members["type"] = members["type"] ?? "finding"
        return add(device, verb, members)
    }

    /// Syncs devices one after the other.
    mutating func sync(_ devices: String...) { for device in devices { add(device, "sync") } }

    /// Runs the story.
    func run(seed: UInt64 = 1, schema: ReplaySchema? = nil) throws -> Outcome {
        let folder = Folder()
        var options = Replay.Options()
        options.seed = seed
        options.dump = folder.path
        let report = try Replay(schema: schema ?? Story.schema(), options: options)
            .run(ReplayTrace(events: events))
        return try Outcome(report: report, folder: folder.path)
    }

    /// What came of a story.
    struct Outcome {
        let report: ReplayReport
        /// Per store, its dump's lines by `type/record`.
        private(set) var stores: [String: [String: JSONValue]] = [:]
        /// Per store, the dump as it was written.
        private(set) var texts: [String: [UInt8]] = [:]

        init(report: ReplayReport, folder: String) throws {
            self.report = report
            for store in [report.hub] + report.devices {
                let path =
                    folder + "/" + (store.name == "hub" && !texts.isEmpty ? "%68ub" : store.name)
                    + ".jsonl"
                let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
                let name = texts["hub"] != nil && store.name == "hub" ? "device hub" : store.name
                texts[name] = bytes
                var reader = JSONLinesReader()
                reader.append(bytes)
                reader.finish()
                var lines: [String: JSONValue] = [:]
                while let (_, line) = try reader.next() {
                    lines["\(line["type"]?.string ?? "")/\(line["record"]?.string ?? "")"] = line
                }
                stores[name] = lines
            }
        }

        /// A record as a store shows it.
        func line(_ record: String, in store: String = "hub") -> JSONValue {
            stores[store]?["finding/" + record] ?? .null
        }

        /// The fields of a record as a store shows it.
        func fields(_ record: String, in store: String = "hub") -> JSONValue {
            line(record, in: store)["fields"] ?? .null
        }

        /// The names of what is in dispute.
        func conflicts(_ record: String, in store: String = "hub") -> [String] {
            line(record, in: store)["conflicts"]?.object?.keys.sorted() ?? []
        }

        /// The stores whose dumps are the hub's.
        var agreeing: [String] {
            report.devices.filter { $0.stateHash == report.hub.stateHash }.map(\.name)
        }
    }

    /// A type with a field of every kind and policy.
    static func schema() throws -> ReplaySchema {
        try ReplaySchema(json: try JSONParser().parse(schemaText))
    }

    static let schemaText = """
        {"types": [{"name": "finding", "groups": [["lat", "lon"]],
          "default": {"kind": "json", "merge": "keepSiblings"},
          "fields": [
            {"id": 1, "name": "status", "kind": "text", "merge": "lastWriter"},
            {"id": 2, "name": "severity", "kind": "integer", "merge": "keepSiblings"},
            {"id": 3, "name": "tags", "kind": "text", "merge": "addWinsSet"},
            {"id": 4, "name": "notes", "kind": "json", "merge": "growOnly"},
            {"id": 5, "name": "lat", "kind": "scaled", "scale": 6, "merge": "keepSiblings"},
            {"id": 6, "name": "lon", "kind": "scaled", "scale": 6, "merge": "keepSiblings"},
            {"id": 7, "name": "visits", "kind": "integer", "merge": "counter"},
            {"id": 8, "name": "hazard", "kind": "integer", "merge": "maximum"},
            {"id": 9, "name": "due", "kind": "timestamp", "merge": "minimum"},
            {"id": 10, "name": "crime", "kind": "boolean", "merge": "sticky"},
            {"id": 11, "name": "lead", "kind": "text", "merge": "claim"},
            {"id": 12, "name": "story", "kind": "text", "merge": "text"},
            {"id": 13, "name": "mark", "kind": "bytes", "merge": "keepSiblings"},
            {"id": 14, "name": "ratio", "kind": "real", "merge": "lastWriter"}]}]}
        """
}

/// A temporary folder that goes with its owner.
final class Folder {
    let path = NSTemporaryDirectory() + "replay-tests-" + UUID().uuidString

    init() {
        try? FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
