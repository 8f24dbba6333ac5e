import Foundation
import Interchange
import Testing

/// What is recorded half is refused or remarked upon where it is recorded, not found out later.
@Suite struct RemarkTests {
    @Test func `half a place is refused, and an edit that would leave half of one`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let half = try tool.run("find", "new", "--title", "地笼", "--set", "latitude=30.7")
        #expect(half.status == 2 && half.remarks.contains("longitude"), "\(half)")
        let reference = try tool.makeFinding("--at", "120.04,30.73")
        let before = try tool.picture()
        #expect(try tool.run("find", "edit", reference, "longitude=").status == 2)
        #expect(try tool.picture() == before)
        #expect(try tool.run("find", "edit", reference, "latitude=", "longitude=").status == 0)
    }

    @Test func `a finding that says nothing is recorded with a remark`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        func warnings(_ arguments: String...) throws -> String {
            let outcome = try tool.runList(["find", "new"] + arguments + ["--json"])
            #expect(outcome.status == 0, "\(outcome)")
            let lines = try outcome.json()["warnings"]?.array?.compactMap(\.string) ?? []
            return lines.joined(separator: "\n")
        }
        #expect(try warnings().contains("title="))
        #expect(try !warnings("--title", "地笼").contains("title="))
        #expect(try !warnings("--catch", "鲫鱼=5kg").contains("title="))
    }

    @Test func `the same file is evidence of a finding once`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding()
        let photo = try tool.write("photo", to: "a.jpg")
        let copy = try tool.write("photo", to: "b.jpg")
        let other = try tool.write("another", to: "c.jpg")
        func added(_ files: String...) throws -> Int? {
            let outcome = try tool.runList(
                ["evidence", "add", reference] + files + ["--json"]
            )
            #expect(outcome.status == 0, "\(outcome)")
            return try outcome.json()["evidence"]?.array?.count
        }
        #expect(try added(photo, copy) == 1)
        #expect(try added(photo) == 0)
        #expect(try added(copy, other) == 1)
        #expect(try tool.run("evidence", "add", reference, photo).remarks.contains("a.jpg"))
        let second = try tool.makeFinding()
        #expect(try tool.run("evidence", "add", second, photo, "--json").status == 0)
    }
}
