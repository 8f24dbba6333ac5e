import Foundation
import Testing

/// A mapping that cannot be followed is refused with the place and what would be right.
@Suite struct HostileMappingTests {
    private static let head = "type: finding\nkey: \"k/{id}\"\n"
    private static let fields = "fields:\n  title: {column: name}\n"

    /// So many texts nested in each other by their names, ten to one.
    private static func aliases(_ levels: Int) -> String {
        let first = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        return first
            + (1..<levels)
            .map { level in
                let name = "*a\(level - 1)"
                let list = Array(repeating: name, count: 10).joined(separator: ", ")
                return "a\(level): &a\(level) [\(list)]\n"
            }
            .joined()
    }

    static let mappings: [(name: String, text: [UInt8], words: [String])] = [
        ("nothing", [], ["map.yaml"]),
        ("comments only", Array("# nothing\n".utf8), ["map.yaml"]),
        ("a list", Array("- a\n- b\n".utf8), ["map.yaml", "mapping"]),
        ("a text", Array("finding\n".utf8), ["map.yaml", "mapping"]),
        ("not UTF-8", Array("type: ".utf8) + [0xFF, 0x0A], ["map.yaml", "UTF-8"]),
        ("GBK", Array("type: ".utf8) + [0xB5, 0xD8, 0xC1, 0xFD, 0x0A], ["map.yaml", "UTF-8"]),
        ("UTF-16", [0xFF, 0xFE, 0x74, 0, 0x79, 0], ["map.yaml", "UTF-8"]),
        ("U+0000", Array("type: a\0b\n".utf8), ["map.yaml"]),
        ("a control character", Array("type: a\u{1}b\n".utf8), ["map.yaml"]),
        ("a tab as indentation", Array("fields:\n\ttitle: x\n".utf8), ["map.yaml"]),
        ("a quote that stays open", Array("type: \"finding\n".utf8), ["map.yaml"]),
        ("a brace that stays open", Array("fields: {title: {column: a}\n".utf8), ["map.yaml"]),
        ("brackets crossed", Array("fields: {title: [a}]\n".utf8), ["map.yaml"]),
        ("a name that was never given", Array("type: *nobody\n".utf8), ["line 1"]),
        ("a name inside itself", Array("type: &a [*a]\n".utf8), ["map.yaml"]),
        ("names that multiply", Array(aliases(12).utf8), ["map.yaml"]),
        ("names that multiply, as a key", Array((aliases(9) + "? *a8\n: x\n").utf8), ["map.yaml"]),
        ("a key twice", Array("type: finding\ntype: track\n".utf8), ["map.yaml"]),
        ("a list as a key", Array("? [a, b]\n: x\n".utf8), ["map.yaml"]),
        (
            "brackets 100000 deep",
            Array(String(repeating: "[", count: 100_000).utf8), ["map.yaml"]
        ),
        (
            "braces 100000 deep",
            Array(String(repeating: "{a: ", count: 100_000).utf8), ["map.yaml"]
        ),
        (
            "lists 20000 deep",
            Array(String(repeating: "- ", count: 20_000).utf8) + [0x78, 0x0A], ["map.yaml"]
        ),
        (
            "brackets 10000 deep and closed",
            Array(
                ("type: " + String(repeating: "[", count: 10_000)
                    + String(repeating: "]", count: 10_000) + "\n")
                    .utf8
            ), ["map.yaml"]
        ),
        (
            "brackets 20000 deep with a fault",
            Array(
                ("x: " + String(repeating: "[", count: 20_000)
                    + String(repeating: "]", count: 20_000) + "\n")
                    .utf8
            ), ["map.yaml"]
        ),
        ("an unknown entry", Array((head + fields + "colour: red\n").utf8), ["line 5", "colour"]),
        (
            "an unknown type", Array("type: boat\nkey: \"{a}\"\n".utf8),
            ["line 1", "boat", "finding"]
        ),
        ("a type of the hub", Array("type: matter\nkey: \"{a}\"\n".utf8), ["line 1", "matter"]),
        ("no type", Array("key: \"{a}\"\n".utf8), ["type"]),
        ("an empty type", Array("type:\nkey: \"{a}\"\n".utf8), ["type"]),
        ("a type that is a list", Array("type: [finding]\nkey: \"{a}\"\n".utf8), ["type"]),
        ("no key", Array(("type: finding\n" + fields).utf8), ["key"]),
        (
            "a key without a column", Array(("type: finding\nkey: x\n" + fields).utf8),
            ["line 2", "key"]
        ),
        ("no fields", Array(head.utf8), ["fields"]),
        ("fields that are a list", Array((head + "fields: [title]\n").utf8), ["fields"]),
        ("fields without any", Array((head + "fields: {}\n").utf8), ["fields"]),
        (
            "an unknown field", Array((head + "fields:\n  colour: name\n").utf8),
            ["line 4", "colour"]
        ),
        (
            "a field from two sources",
            Array((head + "fields:\n  title: {column: a, constant: b}\n").utf8),
            ["line 4", "title"]
        ),
        (
            "a field from nowhere", Array((head + "fields:\n  title: {}\n").utf8),
            ["line 4", "title"]
        ),
        (
            "a field that is a list", Array((head + "fields:\n  title: [a]\n").utf8),
            ["line 4", "title"]
        ),
        (
            "an unknown option",
            Array((head + "fields:\n  title: {column: a, colour: b}\n").utf8), ["line 4", "colour"]
        ),
        (
            "no pattern of a date",
            Array((head + "fields:\n  observedAt: {column: a, date: qq}\n").utf8), ["line 4", "qq"]
        ),
        (
            "no zone",
            Array((head + "fields:\n  observedAt: {column: a, zone: \"+25:99\"}\n").utf8),
            ["line 4", "+25:99"]
        ),
        (
            "rules that are no list", Array((head + fields + "skip: name\n").utf8),
            ["line 5", "skip"]
        ),
        (
            "a rule without a column", Array((head + fields + "skip:\n  - {empty: true}\n").utf8),
            ["skip"]
        ),
        (
            "a rule that asks nothing", Array((head + fields + "skip:\n  - {column: name}\n").utf8),
            ["skip"]
        ),
        (
            "two characters that part columns", Array((head + fields + "delimiter: ab\n").utf8),
            ["delimiter"]
        ),
        (
            "nothing that parts columns", Array((head + fields + "delimiter: \"\"\n").utf8),
            ["delimiter"]
        ),
        ("a comma of two bytes", Array((head + fields + "delimiter: \"，\"\n").utf8), ["delimiter"]),
        (
            "an unknown format", Array((head + fields + "format: xml\n").utf8),
            ["line 5", "xml", "csv"]
        ),
        (
            "unknown care for duplicates",
            Array((head + fields + "duplicates: maybe\n").utf8), ["line 5", "maybe"]
        ),
        ("two documents", Array((head + fields + "---\n" + head + fields).utf8), ["map.yaml"]),
    ]

    @Test func `a mapping that cannot be followed is named so and nothing is recorded`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try tool.write("id,name\n1,x\n", to: "data.csv")
        let before = try tool.picture()
        for mapping in HostileMappingTests.mappings {
            try tool.write(mapping.text, to: "map.yaml")
            let start = ContinuousClock.now
            // No mapping takes more memory, in KiB, or more time, in seconds.
            let outcome = try tool.runShell(
                "ulimit -v 4000000; ulimit -t 20; exec \"$FIELD\" import data.csv --mapping map.yaml"
            )
            let time = ContinuousClock.now - start
            #expect(outcome.status == 2, "\(mapping.name): \(outcome.status) \(outcome.remarks)")
            for word in mapping.words {
                #expect(outcome.remarks.contains(word), "\(mapping.name): \(outcome.remarks)")
            }
            #expect(outcome.remarks.utf8.count < 4_000, "\(mapping.name)")
            #expect(time < .seconds(20), "\(mapping.name) took \(time)")
        }
        #expect(try tool.picture() == before)
    }
}
