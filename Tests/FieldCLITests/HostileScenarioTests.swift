import Foundation
import Testing

/// A scenario that cannot be played is refused with the file and what would be right.
@Suite struct HostileScenarioTests {
    /// So many lists nested in each other by their names, ten to one.
    private static let multiplying: String =
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + (1..<12)
        .map { level in
            let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            return "a\(level): &a\(level) [\(list)]\n"
        }
        .joined()

    static let scenarios: [(name: String, text: [UInt8])] = [
        ("nothing", []), ("a text", Array("swarm\n".utf8)), ("a list", Array("- days\n".utf8)),
        ("not UTF-8", Array("title: ".utf8) + [0xFF, 0x0A]),
        ("names that multiply", Array(multiplying.utf8)),
        ("a name inside itself", Array("links: &a [*a]\n".utf8)),
        ("brackets 100000 deep", Array(String(repeating: "[", count: 100_000).utf8)),
        ("a brace that stays open", Array("links: {name: [2G\n".utf8)),
        ("an unknown key", Array("colour: red\n".utf8)),
        ("a key twice", Array("days: 1\ndays: 2\n".utf8)),
        ("a list as a key", Array("? [a, b]\n: x\n".utf8)),
        ("days that never end", Array("days: 99999999999999999999\n".utf8)),
        ("days in words", Array("days: many\n".utf8)),
        ("nobody", Array("devices: [0, 0]\n".utf8)),
        ("more at least than at most", Array("devices: [9, 2]\n".utf8)),
        ("a link without a rate", Array("links:\n  - {name: a, rate: 0}\n".utf8)),
        ("a town that is not there", Array("agencies:\n  - {name: a, towns: [40]}\n".utf8)),
        ("a storm after the end", Array("days: 3\nstormDay: 4\n".utf8)),
        ("an unknown fault", Array("always: [flood]\n".utf8)),
        (
            "a fleet over every measure",
            Array("days: 1000\ndevices: [2000, 2000]\nwrites: 500\nsyncs: 500\n".utf8)
        ),
    ]

    @Test func `a scenario of a fleet that cannot be played is named so`() throws {
        let tool = try CommandLineTool()
        for scenario in HostileScenarioTests.scenarios {
            try tool.write(scenario.text, to: "bad.yaml")
            let outcome = try tool.runShell(
                "ulimit -v 4000000; ulimit -t 20; exec \"$FIELD\" simulate bad.yaml --seed 1"
            )
            #expect(outcome.status == 2, "\(scenario.name): \(outcome.status) \(outcome.remarks)")
            #expect(outcome.remarks.contains("bad"), "\(scenario.name): \(outcome.remarks)")
            #expect(outcome.remarks.utf8.count < 4_000, "\(scenario.name)")
        }
    }

    @Test func `a story of the demo that cannot be played is named so`() throws {
        let tool = try CommandLineTool()
        try FileManager.default.copyItem(atPath: CommandLineTool.seeds, toPath: tool.path("seeds"))
        for text in [HostileScenarioTests.multiplying, "title: &a [*a]\n", "- a\n", "title: x\n"] {
            try tool.write(text, to: "seeds/demo/bad.yaml")
            let outcome = try tool.runShell(
                "ulimit -v 4000000; ulimit -t 20; exec \"$FIELD\" demo bad --seeds seeds"
            )
            #expect(outcome.status == 2, "\(outcome.status) \(outcome.remarks)")
            #expect(outcome.remarks.contains("bad.yaml"), "\(outcome.remarks)")
        }
    }
}
