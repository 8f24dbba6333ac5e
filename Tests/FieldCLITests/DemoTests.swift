import Foundation
import Interchange
import Testing

/// The demo's scenarios are played as their files have them, and only a demo's folder is emptied.
@Suite(.serialized) struct DemoTests {
    @Test(arguments: ["water-patrol", "gas-inspection"])
    func `a scenario comes out as its file expects`(name: String) throws {
        let tool = try CommandLineTool()
        for _ in 0..<2 {
            let outcome = try tool.run(
                "demo",
                name,
                "--folder",
                tool.path("demo"),
                "--seeds",
                CommandLineTool.seeds
            )
            #expect(outcome.status == 0, "\(outcome.remarks)")
            #expect(outcome.output.contains("✔"))
        }
        let log = try tool.run("log", "--store", tool.path("demo/hub"))
        #expect(log.status == 3)
    }

    @Test func `a demo for programs prints JSON only`() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run(
            "demo",
            "gas-inspection",
            "--json",
            "--folder",
            tool.path("demo"),
            "--seeds",
            CommandLineTool.seeds
        )
        #expect(outcome.status == 0, "\(outcome.remarks)")
        let result = try outcome.json()
        #expect(result["scenario"]?.string == "gas-inspection")
        #expect(result["checks"]?.array?.isEmpty == false)
        #expect(result["exchanges"]?.array?.first?["requestBytes"]?.integer ?? 0 > 0)
    }

    @Test func `what a scenario expects is checked`() throws {
        let tool = try CommandLineTool()
        let seeds = tool.path("seeds")
        try FileManager.default.copyItem(atPath: CommandLineTool.seeds, toPath: seeds)
        let file = seeds + "/demo/gas-inspection.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let lines = text.replacingOccurrences(
            of: "{type: seizedItem, count: 1}",
            with: "{type: seizedItem, count: 2}"
        )
        try Data(lines.utf8).write(to: URL(fileURLWithPath: file))
        let outcome = try tool.run(
            "demo",
            "gas-inspection",
            "--folder",
            tool.path("demo"),
            "--seeds",
            seeds
        )
        #expect(outcome.status == 1 && outcome.remarks.contains("line"), "\(outcome.remarks)")
        try Data("steps: [{on: ship, run: [status]}]\n".utf8).write(to: URL(fileURLWithPath: file))
        let broken = try tool.run("demo", "gas-inspection", "--seeds", seeds)
        #expect(broken.status == 2 && broken.remarks.contains("gas-inspection.yaml"))
        #expect(try tool.run("demo", "none", "--seeds", seeds).remarks.contains("water-patrol"))
    }

    @Test func `a folder that no demo made is left alone`() throws {
        let tool = try CommandLineTool()
        try FileManager.default.createDirectory(
            atPath: tool.path("mine"),
            withIntermediateDirectories: true
        )
        try tool.write("important", to: "mine/hub.log")
        let outcome = try tool.run(
            "demo",
            "--folder",
            tool.path("mine"),
            "--seeds",
            CommandLineTool.seeds
        )
        #expect(outcome.status == 2)
        #expect(FileManager.default.fileExists(atPath: tool.path("mine/hub.log")))
    }
}
