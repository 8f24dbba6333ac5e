import Foundation
import Interchange
import Testing

/// Conflicts are shown and decided by words that officers use.
@Suite struct ConflictDeskTests {
    /// Two stores that have the same finding.
    private func twoStores() throws -> (tool: CommandLineTool, bank: String, finding: String) {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.makeStore("bank", officer: "demo-b1")
        let finding = try tool.makeFinding("--title", "船")
        #expect(try tool.run("sync", "--to-file", "a.delta").status == 0)
        let bank = tool.path("bank")
        #expect(try tool.run("sync", "--from-file", "a.delta", "--store", bank).status == 0)
        return (tool, bank, finding)
    }

    private func merge(_ tool: CommandLineTool, from store: String) throws {
        #expect(try tool.run("sync", "--to-file", "b.delta", "--store", store).status == 0)
        let merged = try tool.run("sync", "--from-file", "b.delta")
        #expect(merged.status == 0, "\(merged.remarks)")
    }

    @Test(arguments: [
        ("作废", "voided"), ("删除", "voided"), ("void", "voided"), ("delete", "voided"),
        ("保留", "live"), ("keep", "live"),
    ])
    func `a void that met an edit is decided by a word`(word: String, lifecycle: String) throws {
        let (tool, bank, finding) = try twoStores()
        #expect(try tool.run("find", "void", finding, "--reason", "重复").status == 0)
        #expect(try tool.run("find", "edit", finding, "title=艇", "--store", bank).status == 0)
        try merge(tool, from: bank)
        let why = try tool.run("why", finding, "$deleted", "--json").json()
        #expect(why["conflict"]?.boolean == true)
        #expect(
            why["writes"]?.array?.compactMap { $0["action"]?.string } == ["create", "void", "edit"]
        )
        #expect(why["writes"]?.array?[1]["saw"]?.array?.count == 1)
        #expect(try tool.run("why", finding, "作废", "--language", "zh").output.contains("重复"))
        func resolve(_ text: String) throws -> CommandLineTool.Outcome {
            try tool.run("conflicts", "resolve", finding, "--value", text, "--reason", "核实")
        }
        let unknown = try resolve("也许")
        #expect(unknown.status == 2 && unknown.remarks.contains("作废"), "\(unknown)")
        #expect(try resolve(word).status == 0)
        let shown = try tool.run("find", "show", finding, "--json").json()
        #expect(shown["lifecycle"]?.string == lifecycle)
    }

    @Test func `a matter is decided by its key, a place by longitude,latitude`() throws {
        let (tool, bank, finding) = try twoStores()
        let sides = [("store", "F14", "120.04,30.73"), ("bank", "F15", "120.05,30.74")]
        for (store, matter, place) in sides {
            let degrees = place.split(separator: ",")
            let edited = try tool.run(
                "find",
                "edit",
                finding,
                "matter=\(matter)",
                "longitude=\(degrees[0])",
                "latitude=\(degrees[1])",
                "--store",
                tool.path(store)
            )
            #expect(edited.status == 0, "\(edited.remarks)")
        }
        try merge(tool, from: bank)
        let list = try tool.run("conflicts", "list")
        #expect(list.output.contains("甲行舟") && list.output.contains("乙守岸"))
        #expect(list.output.split(separator: "\n").count == 6, "\(list.output)")
        #expect(!list.output.split(separator: "\n").contains { $0.count > 140 }, "\(list.output)")
        let matter = try tool.run(
            "conflicts",
            "resolve",
            finding,
            "matter",
            "--value",
            "F01",
            "--reason",
            "核实"
        )
        #expect(matter.status == 0, "\(matter.remarks)")
        let place = try tool.run(
            "conflicts",
            "resolve",
            finding,
            "经度",
            "--value",
            "120.045,30.735",
            "--reason",
            "卫星定位"
        )
        #expect(place.status == 0, "\(place.remarks)")
        let shown = try tool.run("find", "show", finding, "--json").json()
        let fields = shown["fields"]
        #expect(fields?["matter"]?.string == "F01")
        #expect(fields?["matterVersion"]?.string == "2026-05-01")
        #expect(fields?["catalogueVersion"]?.string?.count == 64)
        #expect(fields?["latitude"]?.description == "30.735")
        #expect(shown["conflicts"]?.array?.isEmpty == true)
    }

    @Test func `a day that was decided brings its own law`() throws {
        let (tool, bank, finding) = try twoStores()
        let sides = [("store", "2026-07-01"), ("bank", "2026-04-29")]
        for (store, day) in sides {
            let path = tool.path(store)
            let edited = try tool.run("find", "edit", finding, "observedAt=\(day)", "--store", path)
            #expect(edited.status == 0, "\(edited.remarks)")
        }
        try merge(tool, from: bank)
        let decided = try tool.run(
            "conflicts",
            "resolve",
            finding,
            "observedAt",
            "--value",
            "2026-07-02",
            "--reason",
            "核实"
        )
        #expect(decided.status == 0, "\(decided.remarks)")
        let shown = try tool.run("find", "show", finding, "--json").json()
        #expect(shown["fields"]?["matterVersion"]?.string == "2026-05-01")
        #expect(shown["fields"]?["observedAt"]?.string?.hasPrefix("2026-07-02") == true)
    }

    @Test func `evidence is voided by nobody on a device`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let finding = try tool.makeFinding()
        try tool.write("photo", to: "photo.jpg")
        let added = try tool.run("evidence", "add", finding, "photo.jpg", "--json").json()
        let evidence = added["evidence"]?.array?.first?["reference"]?.string ?? ""
        for language in ["en", "zh"] {
            let voided = try tool.run(
                "find",
                "void",
                evidence,
                "--reason",
                "误",
                "--language",
                language
            )
            #expect(voided.status == 5 && voided.remarks.contains("field note"), "\(voided)")
        }
    }

    @Test func `two findings are one event on every device, whoever links them`() throws {
        let (tool, bank, first) = try twoStores()
        let second = try tool.makeFinding("--title", "艇")
        #expect(try tool.run("sync", "--to-file", "c.delta").status == 0)
        #expect(try tool.run("sync", "--from-file", "c.delta", "--store", bank).status == 0)
        #expect(try tool.run("find", "same", first, second).status == 0)
        #expect(try tool.run("find", "same", second, first, "--store", bank).status == 0)
        #expect(try tool.run("find", "same", first, first).status == 2)
        try merge(tool, from: bank)
        #expect(try tool.run("conflicts", "list", "--json").json().array?.isEmpty == true)
        let list = try tool.run("find", "list", "--json").json().array ?? []
        #expect(list.count == 2)
        #expect(Set(list.compactMap { $0["canonical"]?.string }).count == 1)
        let shown = try tool.run("find", "show", second)
        #expect(shown.output.contains("one event with \(first)"), "\(shown.output)")
        #expect(try tool.run("find", "same", first, second, "--not").status == 0)
        let parted = try tool.run("find", "show", first, "--json").json()
        #expect(parted["sameAs"]?.array?.isEmpty == true)
    }

    @Test(arguments: [
        ("towns", "东林镇"), ("waters", "dong-tiaoxi"), ("organs", "gongan"),
        ("officers", "demo-b3"), ("species", "鳗鲡"), ("checklist", "gas"),
    ])
    func `the catalogue lists keys and names`(table: String, expected: String) throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        #expect(try tool.run("catalogue", table).output.contains(expected))
        let rows = try tool.run("catalogue", table, "--json").json().array ?? []
        #expect(!rows.isEmpty)
    }
}
