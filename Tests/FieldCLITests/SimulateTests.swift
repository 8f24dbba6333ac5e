import Foundation
import Interchange
import Testing

/// `field simulate` as a process.
@Suite struct SimulateTests {
    @Test func `a second process with hashes of its own comes to the same digest`() throws {
        let field = try FieldProgram()
        defer { field.remove() }
        let page = field.folder + "/report.html"
        let result = try field.run([
            "simulate", "quiet-week", "--seeds", "3..5", "--devices", "4", "--days", "2",
            "--twice", "--report", page, "--plans", field.folder, "--json",
        ])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let reports = try JSONParser().parse(result.output).array ?? []
        #expect(reports.count == 3)
        #expect(Set(reports.compactMap { $0["digest"]?.string }).count == 3)
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("seed 5"))
    }

    @Test(arguments: [
        "quiet-week", "water-patrol", "joint-inspection", "400-days-away", "storm", "small",
        "swarm", "district",
    ])
    func `every scenario can be read and run`(scenario: String) throws {
        let field = try FieldProgram()
        defer { field.remove() }
        let result = try field.run([
            "simulate", scenario, "--devices", "3", "--days", "1", "--plans", field.folder,
        ])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test func `a broken promise is told with its plan which can be run again`() throws {
        let field = try FieldProgram()
        defer { field.remove() }
        // A canary: machines that stop forget what was not written back.
        let result = try field.run([
            "simulate", "quiet-week", "--seeds", "1..8", "--devices", "3", "--days", "2",
            "--faults", "process", "--canary", "--plans", field.folder,
        ])
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.output.contains("BROKEN"))
        #expect(result.output.contains("shrunk to"))
        let files = try FileManager.default.contentsOfDirectory(atPath: field.folder)
        let small = try #require(files.first { $0.hasSuffix(".min.jsonl") })
        let again = try field.run([
            "simulate", "--replay", field.folder + "/" + small, "--canary",
        ])
        #expect(again.status == 1)
        let sound = try field.run(["simulate", "--replay", field.folder + "/" + small])
        #expect(sound.status == 0, "\(sound.output)")
    }

    @Test(arguments: [
        ["simulate", "no-such-scenario"], ["simulate", "quiet-week", "--faults", "all"],
        ["simulate", "quiet-week", "--seeds", "9..1"], ["simulate", "quiet-week", "--days", "0"],
        ["simulate", "--replay", "README.md"],
    ])
    func `what is wrong is said and what would be right`(arguments: [String]) throws {
        let field = try FieldProgram()
        defer { field.remove() }
        let result = try field.run(arguments)
        #expect(result.status == 2, "\(result.status) \(result.errors)")
        #expect(!result.errors.isEmpty)
    }
}
