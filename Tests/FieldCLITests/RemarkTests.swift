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

    @Test func `a table with half a place is refused by its line`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write("n,lat,lon\n1,30.7,120.1\n2,30.7,\n", to: "half.csv")
        let mapping = """
            type: finding
            key: "x/{n}"
            fields:
              title: {template: "t{n}"}
              latitude: {column: lat}
              longitude: {column: lon}

            """
        try tool.write(mapping, to: "half.yaml")
        let before = try tool.picture()
        let half = try tool.run(
            "import",
            tool.path("half.csv"),
            "--mapping",
            tool.path("half.yaml")
        )
        #expect(half.status == 2 && half.remarks.contains("line 3"), "\(half.remarks)")
        #expect(half.remarks.contains("longitude"), "\(half.remarks)")
        #expect(try tool.picture() == before)
    }

    @Test func `what has a serial number already is changed with a remark`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let reference = try tool.makeFinding()
        let item = ["seize", reference, "--what", "网", "--serial", "Z9", "--count"]
        let first = try tool.runList(item + ["2"])
        #expect(first.status == 0 && !first.remarks.contains("Z9"), "\(first.remarks)")
        let second = try tool.runList(item + ["3"])
        #expect(second.status == 0 && second.remarks.contains("网 2"), "\(second.remarks)")
        let other = try tool.run("seize", reference, "--what", "电瓶", "--serial", "Z8")
        #expect(other.status == 0 && !other.remarks.contains("Z9"), "\(other.remarks)")
    }
}
