import Foundation
import GRDB
import Interchange
import Testing

/// `field verify` as a user runs it.
@Suite struct VerifyTests {
    @Test func `a hub and a device that have synced are verified together, and by file`()
        async throws
    {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--method", "电鱼")
        let hub = try await Hub.start(tool)
        #expect(try tool.run("sync", "--hub", hub.url).status == 0)
        // While the hub runs, and when it has ended.
        let living = try tool.run("verify", "store", "hub")
        #expect(living.status == 0, "\(living.output)\(living.remarks)")
        hub.stop()
        let ended = try tool.run("verify", "hub/store.sqlite", "store", "--json")
        #expect(ended.status == 0, "\(ended.output)\(ended.remarks)")
        let report = try ended.json()
        #expect(report["fine"]?.boolean == true)
        let stores = report["stores"]?.array ?? []
        #expect(stores.map { $0["kind"]?.string } == ["hub", "device"])
        #expect(stores.first?["cursor"]?.integer ?? 0 > 0)
    }

    @Test func `what is found is said in both languages, and the status says it too`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "无名船")
        let queue = try DatabaseQueue(path: tool.path("store/store.sqlite"))
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "UPDATE q_finding SET status = '别的'")
        }
        try queue.close()
        let english = try tool.run("verify", "store", "--language", "en")
        #expect(english.status == 1)
        #expect(english.output.contains("what the log adds up to"), "\(english.output)")
        let chinese = try tool.run("verify", "store", "--language", "zh")
        #expect(chinese.status == 1)
        #expect(chinese.output.contains("记录与查询表和日志一致"), "\(chinese.output)")
        let findings = try tool.run("verify", "store", "--json").json()["findings"]?.array ?? []
        #expect(findings.first?["invariant"]?.string == "projection")
    }

    @Test func `a store that is not there, or is no store, cannot be verified`() throws {
        let tool = try CommandLineTool()
        #expect(try tool.run("verify", "nowhere").status == 3)
        try tool.write("not a store", to: "text.sqlite")
        #expect(try tool.run("verify", "text.sqlite").status == 3)
        #expect(try tool.run("verify").status == 64)
    }
}
