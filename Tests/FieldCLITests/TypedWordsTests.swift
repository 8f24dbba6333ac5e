import Foundation
import Interchange
import Testing

/// What people type is checked against what is known, with a way past the check for words.
@Suite struct TypedWordsTests {
    private static let wrong: [(arguments: [String], right: String)] = [
        (["find", "new", "--method", "电渔"], "电鱼"),
        (["find", "new", "--catch", "鲫鱼=5筐"], "kg"),
        (["find", "new", "--catch", "鲫鱼=5kg,state=怀卵"], "怀卵亲体"),
        (["find", "new", "--catch", "鲫鱼=5kg,colour=红"], "state"),
        (["find", "new", "--gear", "地笼=3,legal"], "banned"),
        (["find", "new", "--persons=-3"], "0"),
        (["find", "new", "--at", "120.1,30.7", "--accuracy=-5"], "0"),
        (["find", "new", "--at", "30.73,120.04"], "longitude,latitude"),
        (["find", "new", "--set", "patrol=pzzzzzzz"], "pzzzzzzz"),
        (["find", "new", "--town", "东林"], "330502105"),
        (["find", "list", "--town", "999"], "330502"),
        (["find", "list", "--water", "东苕"], "dong-tiaoxi"),
        (["find", "list", "--officer", "demo-zz"], "demo-"),
        (["patrol", "start", "--kind", "火星"], "水域"),
        (["find", "edit", "last", "patrol=pzzzzzzz"], "pzzzzzzz"),
        (["find", "edit", "last", "observedAt=1990-01-01"], "2013-12-28"),
        (["evidence", "add", "last", "x", "--kind", "照片"], "视听资料"),
        (["seize", "last", "--what", "网", "--unit", "袋"], "张"),
    ]

    @Test func `a wrong word, key or number is refused with what would be right`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write("x", to: "x")
        _ = try tool.makeFinding()
        let before = try tool.picture()
        for wrong in TypedWordsTests.wrong {
            let outcome = try tool.runList(wrong.arguments)
            #expect(outcome.status == 2, "\(wrong) \(outcome)")
            #expect(outcome.remarks.contains(wrong.right), "\(wrong) \(outcome.remarks)")
        }
        #expect(try tool.picture() == before)
    }

    @Test func `a field goes by its name or by its label`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding("--set", "标题=地笼", "--set", "精度=5")
        #expect(try tool.run("find", "edit", reference, "备注=你好", "标签+=夜间").status == 0)
        let fields = try tool.run("find", "show", reference, "--json").json()["fields"]
        #expect(fields?["title"]?.string == "地笼" && fields?["remark"]?.string == "你好")
        #expect(fields?["accuracy"]?.lexeme == "5" && fields?["tags"]?.array?.count == 1)
        let story = try tool.run("why", reference, "备注", "--json").json()
        #expect(story["field"]?.string == "remark")
        // What follows from a field follows from its label: another matter pins its version.
        let edited = try tool.run("find", "edit", reference, "事项=F02", "--json").json()
        #expect(edited["fields"]?.array?.first?.string == "matter")
        #expect(try tool.run("find", "edit", reference, "颜色=红").status == 2)
    }

    @Test func `what a list leaves out another command shows`() throws {
        let tool = try CommandLineTool()
        // Before there is a store: who makes one must find out what to name.
        let officers = try tool.run("catalogue", "officers", "--seeds", CommandLineTool.seeds)
        #expect(officers.status == 0 && officers.output.contains("demo-a1"), "\(officers.remarks)")
        try tool.makeStore()
        for (arguments, command) in [
            (["find", "new", "--method", "网"], "field words method"),
            (["find", "new", "--town", "999"], "field catalogue towns"),
            (["find", "new", "--water", "999"], "field catalogue waters"),
            (["find", "list", "--officer", "999"], "field catalogue officers"),
            (["find", "new", "--matter", "999"], "field matter search"),
        ] {
            let refused = try tool.runList(arguments)
            #expect(refused.status == 2 && refused.remarks.contains(command), "\(refused.remarks)")
        }
        let listed = try tool.run("words", "method")
        for word in ["电鱼", "毒鱼", "地笼", "娱乐性游钓"] { #expect(listed.output.contains(word)) }
        let units = try tool.run("words", "计量单位", "--json").json().array ?? []
        #expect(units.count > 1 && units.allSatisfy { $0["field"]?.string == "unit" }, "\(units)")
        #expect(try tool.run("words", "--json").json().array?.count ?? 0 > 10)
        let unknown = try tool.run("words", "colour")
        #expect(unknown.status == 2 && unknown.remarks.contains("method"), "\(unknown.remarks)")
    }

    @Test func `--any-word takes a word that is on no list`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding("--method", "鱼鹰", "--any-word")
        let shown = try tool.run("find", "show", reference, "--json").json()
        #expect(shown["fields"]?["method"]?.string == "鱼鹰")
    }

    @Test func `an act in the future and officers without certificates are warned of`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore("store", officer: "demo-b3")
        let new =
            try tool.run(
                "find",
                "new",
                "--json",
                "--matter",
                "F01",
                "--time",
                "2099-01-01"
            )
            .json()
        #expect(new["screen"]?["actInFuture"]?.boolean == true)
        let warnings = new["warnings"]?.array?.compactMap(\.string) ?? []
        #expect(warnings.contains { $0.contains("demo-b3") && $0.contains("2026-06-30") })
        #expect(warnings.contains { $0.contains("第四十二条") })
    }

    @Test func `a water that nobody knows of is not called open`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let new =
            try tool.run(
                "find",
                "new",
                "--json",
                "--water",
                "di-tang",
                "--method",
                "丝网",
                "--time",
                "2026-08-03"
            )
            .json()
        #expect(new["screen"]?["closureUnknown"]?.boolean == true)
        let shown = try tool.run("find", "show", "last")
        #expect(shown.output.contains("whether this water is closed is not known"))
    }

    @Test func `a basis of a closure is of the day of the act`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        for (day, law) in [("2026-04-30", "2013修正"), ("2026-05-01", "2025修订")] {
            let new =
                try tool.run(
                    "find",
                    "new",
                    "--json",
                    "--water",
                    "dong-tiaoxi",
                    "--method",
                    "丝网",
                    "--time",
                    day
                )
                .json()
            let closures = new["screen"]?["closures"]?.array ?? []
            #expect(closures.count == 1)
            #expect(closures.first?["basis"]?.string?.contains(law) == true, "\(day)")
        }
    }

    @Test func `an edited time pins the law of the new day`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding()
        let edited = try tool.run("find", "edit", reference, "observedAt=2026-04-30")
        #expect(edited.output.contains("was not in force on 2026-04-30"), "\(edited.output)")
        let shown = try tool.run("find", "show", reference, "--json").json()
        #expect(shown["fields"]?["matterVersion"]?.string == "2013-12-28")
    }

    @Test func `a set is made, cleared, added to and taken from`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding("--tag", "夜间", "--tag", "重点")
        func tags() throws -> [String] {
            let shown = try tool.run("find", "show", reference, "--json").json()
            return (shown["fields"]?["tags"]?.array ?? []).compactMap(\.string).sorted()
        }
        #expect(try tags() == ["夜间", "重点"].sorted())
        for (text, expected) in [
            ("tags+=雾", ["夜间", "重点", "雾"]), ("tags-=夜间", ["重点", "雾"]),
            ("tags=晴", ["晴"]), ("tags=", []),
        ] {
            #expect(try tool.run("find", "edit", reference, text).status == 0)
            #expect(try tags() == expected.sorted(), "\(text)")
        }
    }
}
