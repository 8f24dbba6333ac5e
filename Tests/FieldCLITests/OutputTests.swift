import Foundation
import Interchange
import Testing

/// Results arrive whole, where they should, and steer nobody's terminal.
@Suite struct OutputTests {
    @Test func `a result that cannot be written ends with 74`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "网")
        for command in ["export -", "status --json", "find list", "export --format csv /dev/full"] {
            let outcome = try tool.runShell("\"$FIELD\" \(command) > /dev/full")
            #expect(outcome.status == 74, "\(command): \(outcome.remarks)")
        }
        // A reader that has seen enough is no fault.
        let head = try tool.runShell("\"$FIELD\" find list | head -c 1; exit 0")
        #expect(head.remarks.isEmpty, "\(head.remarks)")
    }

    @Test func `a pipe or link that is written to stays what it is`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "网")
        let piped = try tool.runShell(
            "mkfifo p; cat p > copy & \"$FIELD\" export p --format csv; wait; test -p p && cat copy"
        )
        #expect(piped.status == 0 && piped.output.contains("网"), "\(piped.remarks)")
        let linked = try tool.runShell(
            "touch real.csv; ln -s real.csv link.csv; \"$FIELD\" export link.csv; "
                + "test -L link.csv && cat real.csv"
        )
        #expect(linked.status == 0 && linked.output.contains("网"), "\(linked.remarks)")
        #expect(try tool.runShell("ls | grep part").output.isEmpty)
    }

    @Test func `a title cannot steer the terminal`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let new = try tool.run("find", "new", "--title", "a\u{1B}[2Jb\u{202E}c", "--matter", "F01")
        let show = try tool.run("find", "show", "last")
        for output in [new.output, show.output, try tool.run("outbox").output] {
            #expect(!output.contains("\u{1B}") && !output.contains("\u{202E}"))
            #expect(output.contains("a␛[2J"))
        }
    }

    @Test func `a place in another datum is not written as WGS-84, and what is void says so`()
        throws
    {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let foreign = try tool.makeFinding(
            "--title",
            "图上点",
            "--at",
            "120.0452,30.7318",
            "--set",
            "datum=GCJ-02"
        )
        let void = try tool.makeFinding("--title", "误记", "--at", "120.0452,30.7318")
        #expect(try tool.run("find", "void", void, "--reason", "x").status == 0)
        let features = try tool.run("export").json()["features"]?.array ?? []
        let feature = features.first { $0["properties"]?["reference"]?.string == foreign }
        #expect(feature?["geometry"] == .null)
        #expect(feature?["properties"]?["datum"]?.string == "GCJ-02")
        #expect(feature?["properties"]?["placeLeftOut"]?.string == "datum")
        let outcome = try tool.run("export", "out.gpx")
        #expect(outcome.remarks.contains("datum") && outcome.remarks.contains("1"))
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: tool.path("out.gpx"))))
        let names = try GPXReader().read(bytes).document.waypoints.compactMap(\.name)
        #expect(names == ["[作废 void] 误记"])
    }

    @Test func `the outbox says how much waits and how long, and stops at its limit`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        for number in 0..<3 { _ = try tool.makeFinding("--title", "\(number)") }
        let all = try tool.run("outbox", "--json").json().array ?? []
        #expect(all.count == 3)
        #expect(all.allSatisfy { ($0["bytes"]?.integer ?? 0) > 20 })
        #expect(all.allSatisfy { ($0["ageMilliseconds"]?.integer ?? -1) >= 0 })
        #expect(try tool.run("outbox", "--limit", "2", "--json").json().array?.count == 2)
        #expect(try tool.run("outbox", "--limit", "2").remarks.contains("--limit"))
    }

    @Test func `the log of a record is the record's`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let first = try tool.makeFinding("--title", "a")
        _ = try tool.makeFinding("--title", "b")
        #expect(try tool.run("find", "edit", first, "title=c").status == 0)
        let log = try tool.run("log", first, "--json").json().array ?? []
        #expect(log.count == 2)
        #expect(log.allSatisfy { $0["reference"]?.string == first })
        #expect(log.first?["writtenAt"]?.string ?? "" >= log.last?["writtenAt"]?.string ?? "~")
    }
}
