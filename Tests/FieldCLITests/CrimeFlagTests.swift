import Foundation
import Interchange
import Models
import SyncCore
import Testing

/// The crime flag is raised on every path by which the facts can come together, and on no guess.
@Suite struct CrimeFlagTests {
    private func flag(
        _ tool: CommandLineTool,
        _ reference: String,
        _ store: String = "store"
    ) throws
        -> (isFlagged: Bool, hasPolice: Bool)
    {
        let shown = try tool.run("find", "show", reference, "--store", tool.path(store), "--json")
            .json()
        let organs = shown["fields"]?["participantOrgans"]?.array?.compactMap(\.string) ?? []
        return (shown["fields"]?["suspectedCrime"]?.boolean == true, organs.contains("gongan"))
    }

    @Test func `an imported row raises it, and a second import changes nothing`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write(
            """
            type: finding
            key: "old/{Number}"
            fields:
              title: {column: Name}
              method: {column: Method}
              water: {column: Water}
              observedAt: {column: Date, date: yyyy-MM-dd}
            """,
            to: "map.yaml"
        )
        try tool.write(
            "Number,Name,Method,Water,Date\n1,甲,电鱼,dong-tiaoxi,2026-06-01\n"
                + "2,乙,地笼,dong-tiaoxi,2026-06-01\n",
            to: "data.csv"
        )
        let imported = try tool.run("import", "data.csv", "--mapping", "map.yaml")
        #expect(imported.status == 0, "\(imported.remarks)")
        let flagged = try tool.run("find", "list", "--crime", "--json").json().array ?? []
        #expect(flagged.compactMap { $0["fields"]?["title"]?.string } == ["甲"])
        #expect(flagged.first?["fields"]?["participantOrgans"] == ["gongan"])
        let before = try tool.picture()
        #expect(try tool.run("import", "data.csv", "--mapping", "map.yaml").status == 0)
        #expect(try tool.picture() == before)
    }

    @Test func `facts of two devices raise it after the merge, once`() async throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("bank", officer: "demo-b1")
        let hub = try await Hub.start(tool)
        defer { hub.stop() }
        func sync(_ store: String) throws {
            let synced = try tool.run("sync", "--store", tool.path(store), "--hub", hub.url)
            #expect(synced.status == 0, "\(synced.remarks)")
        }
        let reference = try tool.makeFinding()
        for store in ["store", "bank"] { try sync(store) }
        #expect(try tool.run("find", "edit", reference, "water=dong-tiaoxi").status == 0)
        let bank = tool.path("bank")
        #expect(try tool.run("find", "edit", reference, "method=电鱼", "--store", bank).status == 0)
        #expect(try flag(tool, reference).isFlagged == false)
        for store in ["store", "bank", "store", "bank", "store"] { try sync(store) }
        for store in ["store", "bank"] {
            #expect(try flag(tool, reference, store) == (true, true), "\(store)")
            let status = try tool.run("status", "--store", tool.path(store), "--json").json()
            #expect(status["waiting"]?.integer == 0)
            #expect(status["conflicts"]?.integer == 0)
        }
        func screens() throws -> Int {
            let log = try tool.run("log", "--json", "--limit", "1000").json()
            return log.array?.filter { $0["reason"]?.string == "screen" }.count ?? 0
        }
        // Each device settled what it saw first, neither having seen the other do it.
        let count = try screens()
        #expect((1...2).contains(count))
        for store in ["bank", "store", "bank", "store"] { try sync(store) }
        #expect(try screens() == count)
    }

    @Test func `what a killed process had received is settled by the next exchange`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("bank", officer: "demo-b1")
        let bank = tool.path("bank")
        let reference = try tool.makeFinding()
        #expect(try tool.run("sync", "--to-file", "a.delta").status == 0)
        #expect(try tool.run("sync", "--from-file", "a.delta", "--store", bank).status == 0)
        #expect(try tool.run("find", "edit", reference, "water=dong-tiaoxi").status == 0)
        let edited = try tool.run("find", "edit", reference, "method=电鱼", "--store", bank)
        #expect(edited.status == 0)
        #expect(try tool.run("sync", "--to-file", "b.delta", "--store", bank).status == 0)
        let delta = try Data(contentsOf: URL(fileURLWithPath: tool.path("b.delta")))
        // A process that merges and comes no further.
        let text = try String(
            contentsOfFile: tool.path("store/dictionary-text.txt"),
            encoding: .utf8
        )
        do {
            let replica = try Replica.open(
                at: tool.path("store"),
                schema: District.schema,
                author: "demo-a1",
                opening: .existing,
                dictionary: CompressionDictionary(version: 1, text: text)
            )
            #expect(try replica.merge(delta: Array(delta)) > 0)
        }
        #expect(try flag(tool, reference) == (false, false))
        let shown = try tool.run("find", "show", reference)
        #expect(shown.output.contains("the flag is not set yet"))
        #expect(try tool.run("sync", "--from-file", "b.delta").status == 0)
        #expect(try flag(tool, reference) == (true, true))
    }

    @Test func `deciding a conflict raises it`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("bank", officer: "demo-b1")
        let bank = tool.path("bank")
        let reference = try tool.makeFinding("--water", "dong-tiaoxi", "--method", "地笼")
        #expect(try tool.run("sync", "--to-file", "a.delta").status == 0)
        #expect(try tool.run("sync", "--from-file", "a.delta", "--store", bank).status == 0)
        #expect(try tool.run("find", "edit", reference, "method=丝网").status == 0)
        #expect(try tool.run("find", "edit", reference, "method=撒网", "--store", bank).status == 0)
        #expect(try tool.run("sync", "--to-file", "b.delta", "--store", bank).status == 0)
        #expect(try tool.run("sync", "--from-file", "b.delta").status == 0)
        #expect(try flag(tool, reference) == (false, false))
        let resolved = try tool.run(
            "conflicts",
            "resolve",
            reference,
            "method",
            "--value",
            "电鱼",
            "--reason",
            "目击下电杆"
        )
        #expect(resolved.status == 0, "\(resolved.remarks)")
        #expect(try flag(tool, reference) == (true, true))
    }

    @Test func `a hand-drawn box raises nothing and says what would`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let new =
            try tool.run(
                "find",
                "new",
                "--json",
                "--matter",
                "F01",
                "--time",
                "2026-08-03T18:51:20+08:00",
                "--at",
                "120.0452,30.7318",
                "--method",
                "电鱼"
            )
            .json()
        #expect(new["screen"]?["flagged"]?.boolean == false)
        #expect(new["screen"]?["crimeReasons"]?.array?.isEmpty == true)
        #expect(new["screen"]?["crimeHints"] == ["destructive-closed-area"])
        let reference = new["reference"]?.string ?? ""
        #expect(try flag(tool, reference) == (false, false))
        let shown = try tool.run("find", "show", reference)
        #expect(shown.output.contains("confirm with water=dong-tiaoxi"))
        #expect(!shown.output.contains("the flag stays"))
        #expect(try tool.run("find", "edit", reference, "water=dong-tiaoxi").status == 0)
        #expect(try flag(tool, reference) == (true, true))
        #expect(try tool.run("find", "show", reference).output.contains("the flag stays"))
    }

    @Test func `nobody clears it on a device`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding("--water", "dong-tiaoxi", "--method", "电鱼")
        for text in ["suspectedCrime=no", "suspectedCrime="] {
            let cleared = try tool.run("find", "edit", reference, text)
            #expect(cleared.status == 5 && cleared.remarks.contains("第八十二条"), "\(cleared)")
        }
        #expect(try flag(tool, reference).isFlagged)
    }

    @Test func `weights in every spelling count, and roe fish and banned gear can be entered`()
        throws
    {
        let tool = try CommandLineTool()
        try tool.makeStore()
        for amount in ["600公斤", "600千克", "600KG", "1吨", "1200斤"] {
            let new =
                try tool.run(
                    "find",
                    "new",
                    "--json",
                    "--matter",
                    "F14",
                    "--water",
                    "dong-tiaoxi",
                    "--time",
                    "2026-08-03",
                    "--method",
                    "丝网",
                    "--catch",
                    "鲫鱼=\(amount)"
                )
                .json()
            #expect(new["screen"]?["crimeReasons"] == ["catch-weight"], "\(amount)")
        }
        let roe =
            try tool.run(
                "find",
                "new",
                "--json",
                "--matter",
                "F15",
                "--time",
                "2026-08-03",
                "--method",
                "地笼",
                "--gear",
                "地笼=3,banned,length=20",
                "--catch",
                "鲫鱼=8kg,state=怀卵亲体,value=1000"
            )
            .json()
        #expect(roe["screen"]?["crimeReasons"] == ["protected-value"])
        let reference = roe["reference"]?.string ?? ""
        let party =
            try tool.run(
                "party",
                "add",
                reference,
                "--name",
                "测试甲",
                "--number",
                "测试0001",
                "--prior-penalty",
                "2025-01-01",
                "--json"
            )
            .json()
        #expect(party["screen"]?["aggravated"]?.boolean == true)
        let parties = try tool.run("party", "list", reference, "--json").json()
        #expect(parties.array?.first?["fields"]?["identityKind"]?.string == "居民身份证")
    }
}
