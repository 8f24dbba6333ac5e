import Interchange
import Simulator
import Testing

/// Random histories with every verb, every fault, restores and clones.
@Suite struct RandomStoryTests {
    /// Seeds that once found a fault are kept beside the first hundreds.
    private static let seeds =
        Array(1...200 as ClosedRange<UInt64>)
        + [2074, 2083, 2130, 2194, 2215, 2230, 2316]

    @Test(arguments: seeds)
    func `everybody agrees in the end and nothing is lost`(seed: UInt64) throws {
        var dice = StoryDice(seed: seed)
        let story = RandomStory.make(&dice)
        let outcome = try story.run(seed: seed)
        #expect(outcome.report.converged, "seed \(seed): \(outcome.report.disagreeing)")
        #expect(outcome.report.lost == 0, "seed \(seed)")
        #expect(outcome.report.syncs.suffix(6).compactMap(\.failure) == [], "seed \(seed)")
        #expect(outcome.agreeing.count == outcome.report.devices.count, "seed \(seed)")
        try checkCounts(story, outcome, seed)
    }

    /// Every increment counts once, whatever was restored, cloned, cut or sent twice.
    ///
    /// What a restore took off a disk is gone. Which of it were increments is not told, so each of
    /// these changes may be one, and no other increment may be missing.
    private func checkCounts(_ story: Story, _ outcome: Story.Outcome, _ seed: UInt64) throws {
        let gone = outcome.report.overwritten
        var lacking = 0
        let missing = Set(outcome.report.missing.map(\.line))
        for record in RandomStory.countedRecords {
            let expected = story.events.enumerated()
                .count { index, event in
                    event["do"] == "increment" && event["record"]?.string == record
                        && !missing.contains(index + 1)
                }
            let found = outcome.fields(record)["visits"]?.integer ?? 0
            #expect(found <= Int64(expected), "seed \(seed), \(record)")
            lacking += expected - Int(found)
        }
        #expect(lacking <= gone, "seed \(seed): \(lacking) increments are not counted")
    }

    @Test func `a random history runs twice to the same bytes`() throws {
        var dice = StoryDice(seed: 77)
        let story = RandomStory.make(&dice)
        let first = try story.run(seed: 5)
        #expect(try story.run(seed: 5).texts == first.texts)
    }
}

/// SplitMix64.
struct StoryDice {
    private var state: UInt64

    /// Seeds far apart, or one story would be the next one's tail.
    init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ value >> 31) % UInt64(bound))
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
}

/// Makes histories.
enum RandomStory {
    private static let people = ["alice", "bob", "carol", "dave"]
    private static let faults = [
        "loseRequest", "loseResponse", "cutRequest", "cutResponse", "duplicate",
    ]

    /// Records that are never sealed: what they show is what was counted.
    static let countedRecords = ["f1", "f2", "f3", "f4"]

    static func make(_ dice: inout StoryDice) -> Story {
        var story = Story()
        var snapshots: [String] = []
        let people = Array(people.prefix(2 + dice.below(3)))
        for _ in 0..<120 {
            let person = dice.pick(people)
            switch dice.below(20) {
            case 0..<12: edit(person, &story, &dice)
            case 12..<15: story.add(person, "sync")
            case 15: story.add(person, "sync", ["fault": .string(dice.pick(faults))])
            case 16: story.add(person, "sync", ["budget": .integer(Int64(100 + dice.below(900)))])
            case 17:
                if dice.below(2) == 0 {
                    story.add(person, "restart")
                } else {
                    let hours = Int64(dice.below(100) - 50)
                    story.add(person, "clock", ["offset": .integer(hours * 3_600_000)])
                }
            case 18:
                let name = "s\(dice.below(3))"
                snapshots.append(name)
                story.add(person, "snapshot", ["name": .string(name)])
            default:
                guard !snapshots.isEmpty else { continue }
                story.add(person, "restore", ["name": .string(dice.pick(snapshots))])
            }
        }
        for _ in 0..<3 { for person in people { story.add(person, "sync") } }
        return story
    }

    private static func edit(_ person: String, _ story: inout Story, _ dice: inout StoryDice) {
        let record = "f\(dice.below(5))"
        let number = JSONValue.integer(Int64(dice.below(4)))
        switch dice.below(12) {
        case 0, 1: story.edit(person, "create", record, ["fields": ["severity": number]])
        case 2:
            story.edit(person, "set", record, ["fields": ["severity": number, "status": "s"]])
        case 3: story.edit(person, "set", record, ["fields": ["lat": number, "hazard": number]])
        case 4: story.edit(person, "set", record, ["fields": ["free": number, "lead": "A"]])
        case 5, 6:
            let tag = JSONValue.string("t\(number)")
            let verb = dice.pick(["add", "add", "remove"])
            story.edit(person, verb, record, ["field": "tags", "value": tag])
        case 7:
            let id = JSONValue.string("n\(dice.below(50))")
            story.edit(
                person,
                "append",
                record,
                ["field": "notes", "id": id, "value": .string(person)]
            )
        case 8: story.edit(person, "increment", record, ["field": "visits", "by": 1])
        case 9: story.edit(person, dice.pick(["delete", "undelete"]), record)
        case 10: story.edit(person, dice.pick(["void", "seal"]), "f0")
        default:
            let text = (0..<4).map { _ in "w\(dice.below(9))\n" }.joined()
            story.edit(person, "set", record, ["fields": ["story": .string(text)]])
        }
    }
}
