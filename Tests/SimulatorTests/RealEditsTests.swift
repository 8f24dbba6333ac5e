import Interchange
import Replication
import Simulator
import SyncCore
import Testing

/// Concurrent edits that people really made, on two devices and a hub.
@Suite(
    .enabled(
        if: !RealEdits.files.isEmpty,
        "the shared data does not stand beside the repository"
    )
)
struct RealEditsTests {
    private static let schema = """
        {"types": [{"name": "finding", "fields": [],
          "default": {"kind": "json", "merge": "keepSiblings"}}]}
        """

    @Test(arguments: RealEdits.files, [true, false])
    func `real concurrent edits merge as their operations say`(
        file: String,
        oursFirst: Bool
    ) throws {
        let cases = try RealEdits.cases(file)
        let story = tell(cases, oursFirst: oursFirst)
        let schema = try ReplaySchema(json: try JSONParser().parse(RealEditsTests.schema))
        let outcome = try story.run(schema: schema)
        #expect(outcome.report.converged)
        #expect(outcome.report.lost == 0)
        #expect(outcome.report.missing.isEmpty)
        #expect(outcome.agreeing == ["ours", "theirs"])
        var tally: [String: Tally] = [:]
        for item in cases {
            let problems = check(item, outcome.line(item.name))
            #expect(problems.isEmpty, "\(file), \(item.name) (\(item.label)): \(problems)")
            tally[item.label, default: Tally()].add(item, problems)
        }
        #expect(tally.values.reduce(0) { $0 + $1.conflicts } == outcome.report.hub.conflictsOpen)
        guard oursFirst else { return }
        for (label, tally) in tally.sorted(by: { $0.key < $1.key }) {
            print("\(file) \(label): \(tally)")
        }
    }

    /// The base on both devices, then both sides' edits offline, then syncs until all have all.
    private func tell(_ cases: [RealEdits.Case], oursFirst: Bool) -> Story {
        var story = Story()
        for item in cases {
            guard let base = item.base else { continue }
            story.edit("ours", "create", item.name, ["fields": object(base)])
        }
        story.sync("ours", "theirs")
        let sides = [("ours", \RealEdits.Case.ours), ("theirs", \RealEdits.Case.theirs)]
        for (device, edits) in oursFirst ? sides : sides.reversed() {
            for item in cases { act(item, item[keyPath: edits], device, &story) }
        }
        if oursFirst {
            story.sync("ours", "theirs", "ours")
        } else {
            story.sync("theirs", "ours", "theirs")
        }
        return story
    }

    private func act(
        _ item: RealEdits.Case,
        _ edits: RealEdits.Edits,
        _ device: String,
        _ story: inout Story
    ) {
        if item.isDeletion(edits) {
            story.edit(device, "delete", item.name)
        } else {
            let verb = item.base == nil ? "create" : "set"
            story.edit(device, verb, item.name, ["fields": object(edits)])
        }
    }

    private func object(_ values: [String: JSONValue]) -> JSONValue {
        .object(
            JSONObject(
                values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { .init($0.key, $0.value) }
            ) ?? JSONObject()
        )
    }

    // MARK: Checks

    private func check(_ item: RealEdits.Case, _ line: JSONValue) -> [String] {
        let expected = item.expectation
        var problems: [String] = []
        guard let fields = line["fields"]?.object, let conflicts = line["conflicts"]?.object else {
            return ["the record is not there"]
        }
        if line["deleted"]?.boolean != expected.isDeleted { problems.append("deleted or not") }
        guard !expected.isDeleted else { return problems }
        var shown: [String: JSONValue] = [:]
        for member in fields.members { shown[member.key] = member.value }
        for (path, value) in expected.fields where shown[path] != value {
            problems.append("\(path) is \(shown[path]?.description ?? "absent"), not \(value)")
        }
        for path in shown.keys where expected.fields[path] == nil && expected.disputed[path] == nil
        {
            problems.append("\(path) is there")
        }
        var names = Set(expected.disputed.keys)
        if expected.isDeletionDisputed { names.insert("$deleted") }
        if Set(conflicts.keys) != names { problems.append("conflicts on \(conflicts.keys)") }
        for (path, values) in expected.disputed {
            let kept = (conflicts[path]?.array ?? [])
                .map { "\($0["device"] ?? .null) \($0["value"] ?? .null)" }.sorted()
            let wanted = [
                "\"ours\" \(values.ours)", "\"theirs\" \(values.theirs)",
            ]
            if kept != wanted { problems.append("\(path) keeps \(kept), not \(wanted)") }
            let provisional = shown[path] ?? .null
            if provisional != values.ours, provisional != values.theirs {
                problems.append("\(path) shows \(provisional)")
            }
        }
        return problems
    }
}

/// What came of the cases of one class.
private struct Tally: CustomStringConvertible {
    var cases = 0
    var asExpected = 0
    var withBothSides = 0
    var disputedFields = 0
    var disputedDeletions = 0
    var agreements = 0

    var conflicts: Int { disputedFields + disputedDeletions }

    mutating func add(_ item: RealEdits.Case, _ problems: [String]) {
        let expected = item.expectation
        cases += 1
        if problems.isEmpty { asExpected += 1 }
        if expected.disputed.isEmpty, !expected.isDeletionDisputed, problems.isEmpty {
            withBothSides += 1
        }
        disputedFields += expected.disputed.count
        if expected.isDeletionDisputed { disputedDeletions += 1 }
        if expected.agreesSomewhere { agreements += 1 }
    }

    var description: String {
        "\(cases) cases, \(asExpected) as expected; \(withBothSides) hold both sides' changes "
            + "without a conflict, \(agreements) where both did the same somewhere; "
            + "\(disputedFields) fields in dispute, \(disputedDeletions) deletions in dispute"
    }
}
