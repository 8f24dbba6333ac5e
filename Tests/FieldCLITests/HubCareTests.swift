import Foundation
import Interchange
import Testing

/// What an operator does with a hub that does not serve.
@Suite struct HubCareTests {
    @Test func `an operator sees who was here, compacts, and retires`() async throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.run("find", "new", "--title", "电鱼", "--town", "330502105")
        let hub = try await Hub.start(tool)
        let busy = try tool.run("hub", "replicas", "hub")
        #expect(busy.status == 3, "it serves: \(busy.remarks)")
        #expect(try tool.run("sync", "--hub", hub.url).status == 0)
        hub.stop()
        let listed = try tool.run("hub", "replicas", "hub", "--json").json()
        #expect(listed.array?.count == 1, "the catalogue is not waited for")
        let entry = listed.array?.first
        #expect(entry?["lastContact"]?.string != nil, "kept when the hub ended")
        let replica = try #require(entry?["replica"]?.string)
        let status = try tool.run("status", "--json").json()
        #expect(status["replica"]?.string == replica)
        let dry = try tool.run("hub", "compact", "hub", "--dry-run", "--json").json()
        #expect(dry["closed"]?.integer == 0 && dry["dryRun"]?.boolean == true)
        let done = try tool.run("hub", "compact", "hub", "--language", "zh")
        #expect(done.status == 0 && done.output.contains("已关闭 0 条"))
        let early = try tool.run("hub", "retire", "hub", replica, "--reason", "送修")
        #expect(early.status == 5 && early.remarks.contains("--silent-for"))
        let retired = try tool.run(
            "hub",
            "retire",
            "hub",
            replica,
            "--reason",
            "送修",
            "--silent-for",
            "0",
            "--json"
        )
        #expect(try retired.json()["retired"]?.string != nil)
        let table = try tool.run("hub", "replicas", "hub", "--language", "zh").output
        #expect(table.contains("停用"))
        // It comes back as if nothing were.
        try tool.run("find", "new", "--title", "又一起", "--town", "330502105")
        let again = try await Hub.start(tool)
        #expect(try tool.run("sync", "--hub", again.url).status == 0)
        again.stop()
        let back = try tool.run("hub", "replicas", "hub", "--json").json()
        #expect(back.array?.first?["retired"] == .null)
    }

    @Test func `a hub that is not there is not made, and a wrong name is told`() async throws {
        let tool = try CommandLineTool()
        let missing = try tool.run("hub", "compact", "nowhere")
        #expect(missing.status == 3 && missing.remarks.contains("nowhere"))
        #expect(!FileManager.default.fileExists(atPath: tool.path("nowhere")))
        let hub = try await Hub.start(tool)
        hub.stop()
        let odd = try tool.run("hub", "retire", "hub", "carol", "--reason", "x")
        #expect(odd.status == 2 && odd.remarks.contains("carol"))
        let unknown = try tool.run("hub", "retire", "hub", "00000000000000aa", "--reason", "x")
        #expect(unknown.status == 2)
        #expect(try tool.run("hub", "retire", "hub", "00000000000000aa").status == 64)
    }
}
