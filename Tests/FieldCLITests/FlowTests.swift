import Foundation
import Interchange
import Testing

/// The main ways through the tool, as a user goes them.
@Suite struct FlowTests {
    @Test(arguments: ["en", "zh"])
    func `an officer records, looks up and sees what waits`(language: String) throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let new = try tool.run(
            "find",
            "new",
            "--title",
            "东苕溪电鱼船",
            "--matter",
            "F01",
            "--at",
            "120.0452,30.7318",
            "--water",
            "dong-tiaoxi",
            "--time",
            "2026-08-03T18:51:20+08:00",
            "--method",
            "电鱼",
            "--vessel-name",
            "no",
            "--vessel-port",
            "no",
            "--vessel-certificate",
            "no",
            "--catch",
            "鲫鱼=8.0kg",
            "--language",
            language
        )
        #expect(new.status == 0, "\(new.remarks)")
        #expect(new.output.contains("渔业法(2025修订)第七十七条第一款"))
        #expect(new.output.contains("法释〔2022〕12号"))
        #expect(new.output.contains("三无"))
        #expect(new.output.contains(language == "zh" ? "1 项变更待发送" : "1 change waits"))
        let list = try tool.run("find", "list", "--language", language)
        #expect(list.output.contains(language == "zh" ? "涉嫌犯罪" : "crime?"))
        #expect(list.output.contains("东苕溪电鱼船"))
        let found = try tool.run("find", "search", "苕溪", "--json").json()
        #expect(found.array?.count == 1)
        let near = try tool.run("find", "near", "120.0453,30.7318", "--metres", "50", "--json")
            .json()
        #expect(near.array?.count == 1)
        #expect(
            try tool.run("find", "near", "120.1,30.7318", "--json").json().array?.isEmpty == true
        )
        #expect(try tool.run("outbox", "--json").json().array?.count == 2)
    }

    @Test func `the law of the day of the act decides`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        for (day, version) in [("2026-04-30", "2013-12-28"), ("2026-05-01", "2026-05-01")] {
            let finding =
                try tool.run(
                    "find",
                    "new",
                    "--json",
                    "--matter",
                    "F01",
                    "--time",
                    day + "T12:00:00+08:00"
                )
                .json()
            let reference = finding["reference"]?.string ?? ""
            let shown = try tool.run("find", "show", reference, "--json").json()
            #expect(shown["fields"]?["matterVersion"]?.string == version)
            let matter = try tool.run("matter", "show", "F01", "--on", day, "--json").json()
            #expect(matter["matter"]?["effectiveFrom"]?.string == version)
        }
    }

    @Test func `the crime flag stays when the method is changed`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding("--water", "dong-tiaoxi", "--method", "电鱼")
        let edited = try tool.run("find", "edit", reference, "method=地笼")
        #expect(edited.output.contains("suspected"))
        let shown = try tool.run("find", "show", reference, "--json").json()
        #expect(shown["fields"]?["suspectedCrime"]?.boolean == true)
        #expect(shown["fields"]?["method"]?.string == "地笼")
    }

    @Test func `last is the newest finding of this device, not a colleague's`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("bank", officer: "demo-b1")
        func receive() throws {
            let relay = try tool.runShell(
                "\"$FIELD\" status --json > status.json && rm -f d.delta && \"$FIELD\" sync "
                    + "--store bank --to-file d.delta --peer status.json && "
                    + "\"$FIELD\" sync --from-file d.delta"
            )
            #expect(relay.status == 0, "\(relay.remarks)")
        }
        let other = ["find", "new", "--store", tool.path("bank"), "--matter", "F01", "--title"]
        #expect(try tool.runList(other + ["地笼"]).status == 0)
        try receive()
        #expect(try tool.run("find", "list").output.contains("地笼"))
        let none = try tool.run("note", "last", "x")
        #expect(none.status == 2 && none.remarks.contains("this device"), "\(none.remarks)")
        let own = try tool.makeFinding("--title", "丝网")
        #expect(try tool.runList(other + ["电鱼"]).status == 0)
        try receive()
        for command in [
            ["note", "last", "x"], ["tag", "last", "夜间"], ["measure", "last", "--kg", "1"],
            ["seize", "last", "--what", "网"], ["party", "add", "last", "--name", "测试甲"],
        ] {
            let outcome = try tool.runList(command)
            #expect(outcome.status == 0, "\(command): \(outcome.remarks)")
            #expect(outcome.output.contains(own) && outcome.output.contains("丝网"))
        }
    }

    @Test func `what belongs to a finding is recorded with it`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let start = ["patrol", "start", "--objective", "禁渔巡查", "--time", "2026-08-03T18:20:00"]
        #expect(try tool.runList(start).status == 0)
        #expect(try tool.run("patrol", "start").status == 2)
        let reference = try tool.makeFinding()
        #expect(try tool.run("measure", reference, "--kg", "12.5", "--method", "台秤").status == 0)
        #expect(try tool.run("note", "last", "船上两人").status == 0)
        #expect(try tool.run("tag", reference, "夜间", "重点").status == 0)
        #expect(try tool.run("tag", reference, "--remove", "重点").status == 0)
        let seized = try tool.run(
            "seize",
            reference,
            "--what",
            "升压器",
            "--unit",
            "台",
            "--serial",
            "X-1"
        )
        #expect(seized.status == 0, "\(seized.remarks)")
        try tool.write("photo", to: "photo.jpg")
        let evidence = try tool.run("evidence", "add", reference, "photo.jpg", "--json").json()
        #expect(evidence["evidence"]?.array?.first?["bytes"]?.integer == 5)
        #expect(evidence["evidence"]?.array?.first?["mediaType"]?.string == "image/jpeg")
        #expect(try tool.run("patrol", "leg", "--transport", "步行").status == 0)
        #expect(try tool.run("patrol", "track", "120.1,30.7@2026-08-03T19:00:00Z").status == 0)
        #expect(try tool.run("patrol", "end", "--ashore", "2026-08-03T19:40:00+08:00").status == 0)
        let shown = try tool.run("find", "show", reference, "--json").json()
        let types = shown["records"]?.array?.compactMap { $0["type"]?.string } ?? []
        #expect(Set(types) == ["measurement", "note", "seizedItem", "evidence"])
        #expect(shown["fields"]?["tags"] == ["夜间"])
        #expect(shown["fields"]?["patrol"]?.string?.hasPrefix("patrol/") == true)
        #expect(try tool.run("find", "void", reference, "--reason", "重复").status == 0)
        let list = try tool.run("find", "list", "--json").json()
        #expect(list.array?.first?["lifecycle"]?.string == "voided")
    }

    @Test func `two devices disagree, sync, decide and end equal`() async throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("bank", officer: "demo-b1")
        let hub = try await Hub.start(tool)
        defer { hub.stop() }
        let reference = try tool.makeFinding("--title", "电鱼船", "--at", "120.0452,30.7318")
        func sync(_ store: String) throws {
            let synced = try tool.run("sync", "--store", tool.path(store), "--hub", hub.url)
            #expect(synced.status == 0, "\(synced.remarks)")
        }
        try sync("store")
        try sync("bank")
        let bank = tool.path("bank")
        #expect(try tool.run("find", "edit", reference, "method=地笼", "--store", bank).status == 0)
        #expect(try tool.run("find", "edit", reference, "method=电鱼").status == 0)
        for store in ["store", "bank", "store"] { try sync(store) }
        let conflicts = try tool.run("conflicts", "list", "--json").json()
        #expect(conflicts.array?.count == 1)
        #expect(conflicts.array?.first?["siblings"]?.array?.count == 2)
        let shown = try tool.run("conflicts", "show", reference, "--language", "zh")
        #expect(shown.output.contains("捕捞方法") && shown.output.contains("乙守岸"))
        let resolved = try tool.run(
            "conflicts",
            "resolve",
            reference,
            "method",
            "--value",
            "电鱼",
            "--reason",
            "现场复核"
        )
        #expect(resolved.status == 0, "\(resolved.remarks)")
        for store in ["store", "bank"] { try sync(store) }
        #expect(try tool.run("conflicts", "--store", bank, "--json").json().array?.isEmpty == true)
        let why = try tool.run("why", reference, "method", "--store", bank, "--json").json()
        #expect(why["writes"]?.array?.last?["reason"]?.string == "现场复核")
        let left = try tool.run("export", "-", "--format", "jsonl", "--type", "all").output
        let right =
            try tool.run(
                "export",
                "-",
                "--format",
                "jsonl",
                "--type",
                "all",
                "--store",
                bank
            )
            .output
        #expect(left == right && !left.isEmpty)
    }

    @Test func `a delta file carries changes without a network`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("bank", officer: "demo-b1")
        let reference = try tool.makeFinding("--title", "电鱼船")
        let bank = tool.path("bank")
        try tool.write(try tool.run("status", "--json", "--store", bank).output, to: "bank.json")
        #expect(try tool.run("sync", "--to-file", "x.delta", "--peer", "bank.json").status == 0)
        let inspected = try tool.run("inspect", "x.delta").json()
        #expect(inspected["kind"]?.string == "delta")
        #expect(inspected["entries"]?.array?.count == 1)
        #expect(try tool.run("sync", "--from-file", "x.delta", "--store", bank).status == 0)
        #expect(try tool.run("find", "show", reference, "--store", bank).status == 0)
    }

    @Test func `checks find a sound store sound`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding()
        let before = try tool.picture()
        #expect(try tool.run("doctor", "--json").json()["fine"]?.boolean == true)
        #expect(try tool.run("rebuild").status == 0)
        #expect(try tool.run("doctor").status == 0)
        #expect(try tool.picture() == before)
        let inspected = try tool.run("inspect", "store").json()
        #expect(inspected["isStore"]?.boolean == true)
        #expect(inspected["problems"]?.array?.isEmpty == true)
    }
}
