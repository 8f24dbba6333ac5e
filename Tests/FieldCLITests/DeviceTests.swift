import Foundation
import Interchange
import Testing

/// Who works with a device and what it receives can change; a list that is cut says so; tables come
/// in the encodings that people have.
@Suite struct DeviceTests {
    @Test func `a new town takes the subscription along, a chosen one stays`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let chosen = try tool.run(
            "device",
            "set",
            "--scope",
            "town=八里店镇",
            "--partner",
            "demo-a2",
            "--json"
        )
        #expect(chosen.status == 0, "\(chosen.remarks)")
        #expect(try chosen.json()["scopes"]?.array?.compactMap(\.string) == ["town=330502101"])
        let moved = try tool.run("device", "set", "--town", "织里镇", "--json").json()
        #expect(moved["town"]?.string == "330502100")
        #expect(moved["scopes"]?.array?.compactMap(\.string) == ["town=330502101"])
        #expect(try tool.run("device", "--json").json()["partner"]?.string == "demo-a2")
    }

    @Test func `the usual subscription follows the town and the organ`() throws {
        let program = try FieldProgram()
        defer { program.remove() }
        try program.on("boat", ["init", "--officer", "demo-a1", "--seeds", "seeds"])
        let set = try program.json("boat", ["device", "set", "--town", "织里镇"])
        let scopes = set["scopes"]?.array?.compactMap(\.string) ?? []
        #expect(scopes.contains("town=330502100") && !scopes.contains("town=330502105"))
        #expect(scopes.contains("organ=zonghe-zhifa"))
    }

    @Test(arguments: [
        (["device", "set", "--scope", "foo=bar"], "town="),
        (["device", "set", "--scope", "town=999"], "330502"),
        (["device", "set", "--partner", "nobody"], "demo-a1"),
        (["device", "set", "--town", "东林"], "330502105"),
        (["device", "set", "--hub", "ftp://x"], "http"),
    ])
    func `what cannot be is refused and changes nothing`(
        arguments: [String],
        right: String
    ) throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let before = try tool.run("device", "--json").output
        let outcome = try tool.runList(arguments)
        #expect(outcome.status != 0, "\(outcome)")
        #expect(outcome.remarks.contains(right), "\(outcome.remarks)")
        #expect(try tool.run("device", "--json").output == before)
    }

    @Test func `a listing that was cut says so, beside its rows`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        for _ in 1...3 { _ = try tool.makeFinding() }
        let cut = try tool.run("find", "list", "--limit", "2", "--json")
        #expect(try JSONParser().parse(cut.output).array?.count == 2)
        #expect(cut.remarks.contains("--limit"), "\(cut.remarks)")
        let whole = try tool.run("find", "list", "--limit", "3", "--json")
        #expect(try JSONParser().parse(whole.output).array?.count == 3)
        #expect(!whole.remarks.contains("--limit"), "\(whole.remarks)")
        #expect(try tool.run("log", "--limit", "1").remarks.contains("--limit"))
        #expect(try tool.run("outbox", "--limit", "1").remarks.contains("--limit"))
    }

    @Test func `a table in GBK is read as its mapping says, whatever bytes a piece ends between`()
        throws
    {
        let program = try FieldProgram()
        defer { program.remove() }
        try program.makeDevice("boat", officer: "demo-a1")
        // 编号,名称 and rows of 电鱼船 in GBK; one odd byte first, so that a piece ends inside a
        // character.
        let header: [UInt8] = [0xB1, 0xE0, 0xBA, 0xC5, 0x2C, 0xC3, 0xFB, 0xB3, 0xC6, 0x0A]
        let boat: [UInt8] = [0xB5, 0xE7, 0xD3, 0xE3, 0xB4, 0xAC]
        var table = header
        for row in 1...9_000 { table += Array("\(row),".utf8) + boat + [0x0A] }
        let path = program.folder + "/old.csv"
        try Data(table).write(to: URL(fileURLWithPath: path))
        let mapping = """
            type: finding
            key: "gbk/{编号}"
            fields:
              title: {column: 名称}
            """
        let map = program.folder + "/map.yaml"
        try mapping.write(toFile: map, atomically: true, encoding: .utf8)
        let refused = try program.run([
            "import", path, "--mapping", map, "--store", program.folder + "/boat",
        ])
        #expect(refused.status == 2 && refused.errors.contains("encoding: gbk"))
        try (mapping + "\nencoding: gbk\n").write(toFile: map, atomically: true, encoding: .utf8)
        let outcome = try program.json("boat", ["import", path, "--mapping", map])
        #expect(outcome["new"]?.integer == 9_000)
        let found = try program.json("boat", ["find", "search", "电鱼船", "--limit", "9001"])
        #expect(found.array?.count == 9_000)

        try Data(table + [0xB5]).write(to: URL(fileURLWithPath: path))
        let torn = try program.run([
            "import", path, "--mapping", map, "--store", program.folder + "/boat",
        ])
        #expect(
            torn.status == 2 && torn.errors.contains("byte \(table.count + 1)"),
            "\(torn.errors)"
        )
    }
}
