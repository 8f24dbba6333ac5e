import Foundation
import Interchange
import Testing

/// Bad input gets a message that says where and what would be right, and leaves the store as it was.
@Suite struct BadInputTests {
    static let wrongValues: [(arguments: [String], named: String, right: String)] = [
        (["--matter", "F99"], "matter", "F01"),
        (["--town", "330502999"], "town", "330502001"),
        (["--town", "330503104"], "南浔区", "330502001"),
        (["--at", "120.1,91"], "latitude", "90"),
        (["--at", "180.1,30"], "longitude", "180"),
        (["--at", "30.1"], "30.1", "120"),
        (["--persons", "two"], "personsCount", "3"),
        (["--vessel-name", "perhaps"], "vesselHasName", "yes"),
        (["--time", "2026-13-01"], "observedAt", "01 to 12"),
        (["--set", "colour=red"], "colour", "title"),
        (["--set", "method"], "method", "="),
        (["--catch", "鲫鱼"], "鲫鱼", "kg"),
        (["--set", "hazardLevel=9"], "hazardLevel", "4"),
        (["--water", "changjiang"], "water", "dong-tiaoxi"),
        (["--matter", "F01", "--time", "1990-01-01"], "F01", "2013-12-28"),
    ]

    @Test func `a wrong value is named with what would be right`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let before = try tool.picture()
        for (index, wrong) in BadInputTests.wrongValues.enumerated() {
            let outcome = try tool.runList(["find", "new", "--title", "x"] + wrong.arguments)
            #expect(outcome.status == 2, "\(outcome.output)\(outcome.remarks)")
            #expect(outcome.remarks.contains(wrong.named), "\(outcome.remarks)")
            #expect(outcome.remarks.contains(wrong.right), "\(outcome.remarks)")
            guard index % 5 == 0 else { continue }
            let chinese = try tool.runList(
                ["find", "new", "--title", "x", "--language", "zh"] + wrong.arguments
            )
            #expect(chinese.status == 2 && chinese.remarks.contains("错误"))
        }
        #expect(try tool.picture() == before)
    }

    @Test func `a reference that names nothing is refused`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        for command in [
            ["find", "show", "f000"], ["note", "f000", "x"], ["why", "last", "method"],
        ] {
            let outcome = try tool.runList(command)
            #expect(outcome.status == 2, "\(outcome.remarks)")
        }
    }

    @Test func `a catalogue record cannot be edited on a device`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let outcome = try tool.run("find", "void", "matter/=F01@2026-05-01", "--reason", "x")
        #expect(outcome.status == 2 || outcome.status == 5, "\(outcome.remarks)")
    }

    @Test func `a store that is not there, foreign, cut or newer is named so`() throws {
        let tool = try CommandLineTool()
        #expect(try tool.run("find", "list").status == 3)
        try tool.makeStore()
        #expect(
            try tool.run("init", "--officer", "demo-a1", "--seeds", CommandLineTool.seeds).status
                == 3
        )
        let file = tool.path("store/store.sqlite")
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        try Data("this is no database, but a text of some length".utf8)
            .write(to: URL(fileURLWithPath: file))
        let foreign = try tool.run("status")
        #expect(foreign.status == 3 && foreign.remarks.contains("not a SQLite database"))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: file))
        let cut = try tool.run("doctor")
        #expect(cut.status == 1 || cut.status == 3, "\(cut.output)\(cut.remarks)")
        var newer = whole
        // The user version stands at byte 60, big-endian.
        newer.replaceSubrange(60..<64, with: [0, 0, 0, 99])
        try newer.write(to: URL(fileURLWithPath: file))
        let refused = try tool.run("status")
        #expect(refused.status == 3 && refused.remarks.contains("newer"), "\(refused.remarks)")
        let inspected = try tool.run("inspect", "store").json()
        #expect(inspected["format"]?.integer == 99)
    }

    @Test func `a second process on a store is kept out, and who only looks is not`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let finding = try tool.makeFinding("--title", "网")
        let before = try tool.picture()
        // This process holds the lock that a running command would hold.
        let descriptor = open(tool.path("store/store.lock"), O_RDWR)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        let refused = try tool.run("find", "new", "--title", "x", "--language", "zh")
        #expect(refused.status == 3 && refused.remarks.contains("另一进程"), "\(refused.remarks)")
        for command in ["find list", "status", "export", "outbox", "log", "find show \(finding)"] {
            let shown = try tool.runShell("exec \"$FIELD\" \(command)")
            #expect(shown.status == 0, "\(command): \(shown.status) \(shown.remarks)")
            #expect(shown.remarks.contains("up to now"), "\(command): \(shown.remarks)")
        }
        #expect(try tool.picture() == before)
        #expect(try tool.run("inspect", "store").status == 0)
        #expect(try tool.run("doctor").status == 1)
    }

    @Test func `a hub that is down, or no address, is named so and nothing is lost`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding()
        let down = try tool.run("sync", "--hub", "http://127.0.0.1:1", "--tries", "1")
        #expect(down.status == 4, "\(down.remarks)")
        #expect(down.remarks.contains("1 change"))
        let bad = try tool.run("sync", "--hub", "not a url")
        #expect(bad.status == 4, "\(bad.remarks)")
        #expect(try tool.run("outbox", "--json").json().array?.count == 1)
    }

    @Test func `a file with faults imports nothing and names each line`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write(
            """
            type: finding
            key: "old/{Number}"
            fields:
              title: {column: Name}
              town: {column: Town}
              observedAt: {column: Date, date: yyyy-MM-dd}
              latitude: {column: Lat}
              longitude: {column: Lon}
            """,
            to: "map.yaml"
        )
        let header = "Number,Name,Town,Date,Lat,Lon\n"
        let before = try tool.picture()
        let faults: [(String, [String])] = [
            (
                "1,a,330502105,2026-01-01,30.7,120.1\n2,b,330502105,2026-01-01,95,120.1\n",
                ["line 3", "Lat"]
            ),
            ("1,a,999999999,2026-01-01,30.7,120.1\n", ["line 2", "Town", "330502"]),
            ("1,a,330502105,01/02/2026,30.7,120.1\n", ["line 2", "Date"]),
            ("1,a,330502105,2026-01-01,30.12345678,120.1\n", ["line 2", "Lat", "7 digits"]),
            (
                "1,a,330502105,2026-01-01,30.7,120.1\n1,b,330502105,2026-01-01,30.7,120.1\n",
                ["line 3", "key"]
            ),
            ("1,a,330502105\n", ["line 2", "fields"]),
            ("1,\"a,330502105,2026-01-01,30.7,120.1\n", ["quot"]),
        ]
        for (rows, expected) in faults {
            try tool.write(header + rows, to: "data.csv")
            let outcome = try tool.run("import", "data.csv", "--mapping", "map.yaml")
            #expect(outcome.status == 2, "\(rows)\(outcome.output)")
            for word in expected { #expect(outcome.remarks.contains(word), "\(outcome.remarks)") }
        }
        for bytes: [UInt8] in [[0xFF, 0xFE], [0x00]] {
            try tool.write(
                Array((header + "1,").utf8) + bytes + Array(",330502105,2026-01-01,30,120\n".utf8),
                to: "data.csv"
            )
            let outcome = try tool.run("import", "data.csv", "--mapping", "map.yaml")
            #expect(outcome.status == 2 && outcome.remarks.contains("line 2"), "\(outcome.remarks)")
        }
        #expect(try tool.picture() == before)
    }

    @Test func `a read-only folder is named so`() throws {
        let tool = try CommandLineTool()
        // A root user may write everywhere but into the kernel's folders.
        let made = try tool.run(
            "init",
            "--store",
            "/proc/field-store",
            "--officer",
            "demo-a1",
            "--seeds",
            CommandLineTool.seeds
        )
        #expect(made.status == 3, "\(made.remarks)")
    }
}
