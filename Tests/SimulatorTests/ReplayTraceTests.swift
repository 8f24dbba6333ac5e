import Foundation
import Interchange
import Replication
import Simulator
import SyncCore
import Testing

/// A trace is checked whole before anything runs, and its faults are named.
@Suite struct ReplayTraceTests {
    private func error(_ text: String) throws -> ReplayError? {
        let folder = Folder()
        let path = folder.path + "/trace.jsonl"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var options = Replay.Options()
        options.stores = folder.path + "/stores"
        defer {
            // Nothing was half-run.
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/stores"))
        }
        do {
            _ = try Replay(schema: try Story.schema(), options: options)
                .run(ReplayTrace(path: path))
            Issue.record("the trace was run")
            return nil
        } catch let error as ReplayError {
            return error
        }
    }

    private static let good = #"{"at":1,"device":"a","do":"create","type":"finding","record":"r"}"#

    private static let faults: [(line: String, key: String?, words: String)] = [
        ("{", nil, "expected"),
        ("[1]", nil, "an event is an object"),
        (#"{"device":"a","do":"sync"}"#, "at", "is missing"),
        (#"{"at":1.5,"device":"a","do":"sync"}"#, "at", "no whole number"),
        (#"{"at":9223372036854775807,"device":"a","do":"sync"}"#, "at", "no time"),
        (#"{"at":1,"do":"sync"}"#, "device", "is missing"),
        (#"{"at":1,"device":"","do":"sync"}"#, "device", "1 to 1024 bytes"),
        (#"{"at":1,"device":"a"}"#, "do", "is missing"),
        (#"{"at":1,"device":"a","do":"fly"}"#, "do", "no operation"),
        (#"{"at":1,"device":"a","do":"sync","fault":"rain"}"#, "fault", "loseRequest"),
        (#"{"at":1,"device":"a","do":"sync","budget":0}"#, "budget", "1 or more"),
        (#"{"at":1,"device":"a","do":"clock"}"#, "offset", "is missing"),
        (#"{"at":1,"device":"a","do":"restore","name":"x"}"#, "name", "no snapshot"),
        (#"{"at":1,"device":"a","do":"create","type":"t","record":"r"}"#, "type", "finding"),
        (#"{"at":1,"device":"a","do":"create","type":"finding"}"#, "record", "is missing"),
        (
            #"{"at":1,"device":"a","do":"set","type":"finding","record":"r"}"#, "fields",
            "is missing"
        ),
        (
            #"{"at":1,"device":"a","do":"set","type":"finding","record":"r","fields":{"lat":1.1234567}}"#,
            "fields.lat", "at most 6 digits"
        ),
        (
            #"{"at":1,"device":"a","do":"set","type":"finding","record":"r","fields":{"severity":"x"}}"#,
            "fields.severity", "a whole number"
        ),
        (
            #"{"at":1,"device":"a","do":"set","type":"finding","record":"r","fields":{"visits":1}}"#,
            "fields.visits", "increment it"
        ),
        (
            #"{"at":1,"device":"a","do":"set","type":"finding","record":"r","fields":{"notes":["x"]}}"#,
            "fields.notes", "append"
        ),
        (
            #"{"at":1,"device":"a","do":"add","type":"finding","record":"r","field":"status","value":"x"}"#,
            "field", "addWinsSet"
        ),
        (
            #"{"at":1,"device":"a","do":"add","type":"finding","record":"r","field":"tags","value":null}"#,
            "value", "null"
        ),
        (
            #"{"at":1,"device":"a","do":"append","type":"finding","record":"r","field":"notes","value":1}"#,
            "id", "is missing"
        ),
        (
            #"{"at":1,"device":"a","do":"increment","type":"finding","record":"r","field":"visits"}"#,
            "by", "is missing"
        ),
        (#"{"at":1,"device":"a","do":"transaction"}"#, "ops", "a list"),
        (
            #"{"at":1,"device":"a","do":"transaction","ops":[{"do":"create","type":"finding"}]}"#,
            "ops[0].record", "is missing"
        ),
    ]

    @Test(arguments: 0..<faults.count)
    func `a fault is named by line, key and reason, and nothing runs`(index: Int) throws {
        let fault = ReplayTraceTests.faults[index]
        let lines = [ReplayTraceTests.good, ReplayTraceTests.good, fault.line]
        let found = try #require(try error(lines.joined(separator: "\n")))
        #expect(found.line == 3)
        #expect(found.key == fault.key)
        #expect(found.description.contains(fault.words), "\(found)")
    }

    @Test func `an empty trace and a missing file are no traces`() throws {
        #expect(try error("\n")?.reason == "the trace has no event")
        #expect(throws: ReplayError.self) {
            try Replay(schema: try Story.schema()).run(ReplayTrace(path: "/nowhere/trace.jsonl"))
        }
    }

    @Test func `increments that cannot be summed are refused before they are`() throws {
        let line = { (by: String) in
            #"{"at":1,"device":"a","do":"increment","type":"finding","record":"r","field":"visits","#
                + #""by":\#(by)}"#
        }
        let huge = line("9223372036854775807")
        #expect(try error([ReplayTraceTests.good, huge, huge].joined(separator: "\n"))?.line == 3)
    }

    @Test func `an unlisted field needs a default`() throws {
        let schema = try ReplaySchema(
            json: try JSONParser()
                .parse(#"{"types":[{"name":"finding","fields":[]}]}"#)
        )
        var story = Story()
        story.edit("alice", "create", "f", ["fields": ["free": 1]])
        let error = #expect(throws: ReplayError.self) { try story.run(schema: schema) }
        #expect(error?.key == "fields.free")
    }

    @Test func `a packed trace runs like a plain one`() throws {
        // The halves of the line through `gzip -9n`, one behind the other: two members.
        let folder = Folder()
        let plain = folder.path + "/plain.jsonl"
        try Data((ReplayTraceTests.good + "\n").utf8).write(to: URL(fileURLWithPath: plain))
        let packed = folder.path + "/packed.jsonl.gz"
        let member = try #require(
            Data(
                base64Encoded:
                    "H4sIAAAAAAACA6tWSixRsjLUUUpJLctMTlWyUkpUAnLygYzkotTEklQlHQDi2M5mIwAA"
                    + "AB+LCAAAAAAAAgNTKqksSFWyUkrLzEvJzEtX0lEqSk3OL0oBChUp1XIBAPt15SkfAAAA"
            )
        )
        try member.write(to: URL(fileURLWithPath: packed))
        let replay = Replay(schema: try Story.schema())
        let first = try replay.run(ReplayTrace(path: plain))
        let second = try replay.run(ReplayTrace(path: packed))
        #expect(first.devices == second.devices)
        #expect(first.devices.first?.records == 1)
    }

    @Test func `packed data that breaks off or is damaged is named`() throws {
        let folder = Folder()
        let bytes: [[UInt8]] = [
            [0x1F, 0x8B, 8, 0], [0x1F, 0x8B] + [UInt8](repeating: 7, count: 40),
        ]
        for (index, content) in bytes.enumerated() {
            let path = folder.path + "/\(index).gz"
            try Data(content).write(to: URL(fileURLWithPath: path))
            #expect(throws: ReplayError.self) {
                try Replay(schema: try Story.schema()).run(ReplayTrace(path: path))
            }
        }
    }

    @Test func `a packed trace that grows a thousandfold is given up before it is unpacked`() throws
    {
        let lines = [UInt8](repeating: 0x0A, count: 32 << 20)
        let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        let bytes = head + (try #require(Deflate.compress(lines)))
        let folder = Folder()
        let path = folder.path + "/blank.gz"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ReplayError.self) {
            try Replay(schema: try Story.schema()).run(ReplayTrace(path: path))
        }
        #expect(error?.reason.contains("more than 256 times its size") == true)
    }

    @Test func `names of devices cannot leave their folder`() throws {
        var story = Story()
        story.edit("../north 北/x", "create", "f")
        story.sync("../north 北/x")
        let folder = Folder()
        var options = Replay.Options()
        options.dump = folder.path + "/dump"
        options.stores = folder.path + "/stores"
        let report = try Replay(schema: try Story.schema(), options: options)
            .run(ReplayTrace(events: story.events))
        #expect(report.converged)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/dump")
        #expect(files.sorted() == ["%2E.%2Fnorth 北%2Fx.jsonl", "hub.jsonl"])
        // The stores stay, and are not overwritten by another run.
        #expect(throws: ReplayOutputError.self) {
            try Replay(schema: try Story.schema(), options: options)
                .run(ReplayTrace(events: story.events))
        }
    }

    @Test func `a trace from a pipe runs like one from a file`() throws {
        let folder = Folder()
        let path = folder.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Thread {
            let output = FileHandle(forWritingAtPath: path)
            try? output?.write(contentsOf: Data((ReplayTraceTests.good + "\n").utf8))
            try? output?.close()
        }
        writer.start()
        let report = try Replay(schema: try Story.schema()).run(ReplayTrace(path: path))
        #expect(report.totals.edits == 1)
        #expect(report.devices.first?.records == 1)
    }

    @Test func `a change over four mebibytes is refused before anything runs`() throws {
        let value = String(repeating: "x", count: 1 << 20)
        let operations = (0..<5)
            .map { index in
                #"{"do":"create","type":"finding","record":"r\#(index)","#
                    + #""fields":{"status":"\#(value)"}}"#
            }
        let line =
            #"{"at":1,"device":"a","do":"transaction","ops":["#
            + operations.joined(separator: ",") + "]}"
        let found = try #require(try error(ReplayTraceTests.good + "\n" + line))
        #expect(found.line == 2)
        #expect(found.key == "ops")
        let members = (0..<5).map { "\"\($0)\(value.dropFirst())\"" }.joined(separator: ",")
        let set =
            #"{"at":1,"device":"a","do":"set","type":"finding","record":"r","#
            + #""fields":{"tags":[\#(members)]}}"#
        #expect(try error(ReplayTraceTests.good + "\n" + set)?.line == 2)
    }

    @Test func `devices are named as their owners like`() throws {
        var story = Story()
        let long = String(repeating: "长", count: 300)
        for name in ["A", "a", "hub", long, long + "2"] {
            story.edit(name, "create", "of " + name)
            story.sync(name)
        }
        let folder = Folder()
        var options = Replay.Options()
        options.dump = folder.path
        let report = try Replay(schema: try Story.schema(), options: options)
            .run(ReplayTrace(events: story.events))
        #expect(report.converged)
        #expect(report.hub.records == 5)
        #expect(report.devices.map(\.records) == [1, 2, 3, 4, 5])
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.count == 6)
        #expect(Set(["A.jsonl", "a.jsonl", "hub.jsonl", "%68ub.jsonl"]).isSubset(of: files))
    }

    @Test func `a folder that cannot be written is found before the run`() throws {
        let folder = Folder()
        let file = folder.path + "/file"
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        var story = Story()
        story.edit("alice", "create", "f")
        for path in [\Replay.Options.dump, \.stores] {
            var options = Replay.Options()
            options[keyPath: path] = file + "/inside"
            var phases: [Replay.Progress.Phase] = []
            #expect(throws: ReplayOutputError.self) {
                try Replay(schema: try Story.schema(), options: options)
                    .run(ReplayTrace(events: story.events)) { phases.append($0.phase) }
            }
            #expect(!phases.contains(.running))
        }
    }
}
