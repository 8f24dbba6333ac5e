import Foundation
import Interchange
import Testing

/// A damaged store on an officer's device.
@Suite struct SalvageCommandTests {
    @Test func `a damaged store is salvaged into a new one that goes on`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let finding = try tool.makeFinding("--title", "电鱼船")
        let before = try tool.picture()
        // The last page holds nothing that is not worked out of other pages, or what is said.
        let file = tool.path("store/store.sqlite")
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        let sound = try tool.run("salvage", tool.path("store"), "--store", tool.path("sound"))
        #expect(sound.status == 0, "\(sound.output)\(sound.remarks)")
        #expect(try tool.run("find", "show", finding, "--store", tool.path("sound")).status == 0)
        #expect(try tool.run("doctor", "--store", tool.path("sound")).status == 0)

        var damaged = whole
        let log = whole.count / 4_096 / 2
        damaged.replaceSubrange(log * 4_096..<(log + 1) * 4_096, with: Data(count: 4_096))
        try damaged.write(to: URL(fileURLWithPath: file))
        let salvaged = try tool.run(
            "salvage",
            tool.path("store"),
            "--store",
            tool.path("new"),
            "--seeds",
            CommandLineTool.seeds,
            "--json"
        )
        let result = try salvaged.json()
        let isWhole = result["whole"]?.boolean ?? false
        #expect(salvaged.status == (isWhole ? 0 : 1), "\(salvaged.remarks)")
        #expect(isWhole || result["losses"]?.array?.isEmpty == false)
        #expect(result["waiting"]?.integer == 1)
        let found = try tool.run("find", "list", "--json", "--store", tool.path("new")).json()
        #expect(found.array?.first?["fields"]?["title"]?.string == "电鱼船", "\(found)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == damaged)
        let again = try tool.run("salvage", tool.path("store"), "--store", tool.path("new"))
        #expect(again.status == 3, "\(again.remarks)")
        try whole.write(to: URL(fileURLWithPath: file))
        #expect(try tool.picture() == before)
    }
}
