import Foundation
import Interchange
import Testing

/// The edges of a patrol.
@Suite struct PatrolTests {
    @Test func `a void patrol is not under way`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let started = try tool.run("patrol", "start", "--json").json()
        let reference = started["reference"]?.string ?? ""
        #expect(try tool.run("patrol", "start").status == 2)
        #expect(try tool.run("find", "void", reference, "--reason", "误建").status == 0)
        let again = try tool.run("patrol", "start")
        #expect(again.status == 0, "\(again.remarks)")
    }

    @Test func `nothing ends before it began`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        #expect(try tool.run("patrol", "start", "--time", "2026-08-03T18:00:00").status == 0)
        for arguments in [
            ["leg", "--time", "2026-08-03T17:59:59"], ["end", "--time", "2026-08-03T17:59:59"],
            ["end", "--time", "2026-08-03T19:00:00", "--ashore", "2026-08-03T17:00:00"],
        ] {
            let outcome = try tool.runList(["patrol"] + arguments)
            #expect(outcome.status == 2 && outcome.remarks.contains("18:00:00"))
        }
        #expect(try tool.run("patrol", "leg", "--time", "2026-08-03T18:30:00").status == 0)
        #expect(try tool.run("patrol", "end", "--time", "2026-08-03T18:15:00").status == 2)
        #expect(try tool.run("patrol", "end", "--time", "2026-08-03T18:45:00").status == 0)
    }
}
