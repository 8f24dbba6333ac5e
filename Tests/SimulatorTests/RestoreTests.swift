import Interchange
import Simulator
import Testing

/// Devices whose files are put back, or put on another device.
@Suite struct RestoreTests {
    private func begin() -> Story {
        var story = Story()
        story.edit("alice", "create", "f1", ["fields": ["severity": 1]])
        story.sync("alice", "bob")
        return story
    }

    private func check(
        _ story: Story,
        _ devices: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Story.Outcome {
        let outcome = try story.run()
        #expect(outcome.report.syncs.compactMap(\.failure) == [], sourceLocation: sourceLocation)
        #expect(outcome.report.converged, sourceLocation: sourceLocation)
        #expect(outcome.report.lost == 0, sourceLocation: sourceLocation)
        #expect(outcome.agreeing == devices, sourceLocation: sourceLocation)
        return outcome
    }

    @Test func `a restored device that writes on takes a new identity`() throws {
        var story = begin()
        story.add("alice", "snapshot", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.sync("alice")
        story.add("alice", "restore", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 10])
        story.sync("alice", "bob", "alice")
        let outcome = try check(story, ["alice", "bob"])
        #expect(outcome.fields("f1")["visits"] == 11)
    }

    @Test func `a restored device that has nothing new gets back what it had`() throws {
        var story = begin()
        story.add("alice", "snapshot", ["name": "s"])
        story.edit("alice", "set", "f1", ["fields": ["severity": 2]])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.sync("alice")
        story.add("alice", "restore", ["name": "s"])
        story.sync("alice")
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 10])
        story.sync("alice", "bob", "alice")
        let outcome = try check(story, ["alice", "bob"])
        #expect(outcome.fields("f1") == ["severity": 2, "visits": 11])
    }

    @Test func `changes that waited in the snapshot and went up since are not doubled`() throws {
        var story = begin()
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.edit("alice", "append", "f1", ["field": "notes", "id": "n1", "value": "one"])
        story.add("alice", "snapshot", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 10])
        story.sync("alice")
        story.add("alice", "restore", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 100])
        story.sync("alice", "bob", "alice")
        let outcome = try check(story, ["alice", "bob"])
        #expect(outcome.fields("f1") == ["severity": 1, "visits": 111, "notes": ["one"]])
        // f1, three increments and one note, each once.
        #expect(outcome.report.hub.changes == 5)
    }

    @Test func `a restored device whose changes are all known learns that it is late`() throws {
        var story = begin()
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.add("alice", "snapshot", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 10])
        story.sync("alice")
        story.add("alice", "restore", ["name": "s"])
        story.sync("alice", "bob", "alice")
        let outcome = try check(story, ["alice", "bob"])
        #expect(outcome.fields("f1")["visits"] == 11)
        #expect(outcome.report.hub.changes == 3)
    }

    @Test func `two restores of one backup record what waited in it once`() throws {
        var story = begin()
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 2])
        story.add("alice", "snapshot", ["name": "s"])
        // What goes up first takes the numbers of what waits in the backup.
        story.add("dave", "restore", ["name": "s"])
        story.edit("dave", "set", "f1", ["fields": ["status": "d"]])
        story.sync("dave")
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 10])
        story.sync("alice")
        story.add("carol", "restore", ["name": "s"])
        story.edit("carol", "increment", "f1", ["field": "visits", "by": 100])
        story.sync("carol", "alice", "bob", "dave", "carol", "alice")
        let outcome = try check(story, ["alice", "bob", "dave", "carol"])
        #expect(outcome.fields("f1")["visits"] == 113)
    }

    @Test func `copies that shared an identity go on apart`() throws {
        var story = begin()
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.add("alice", "snapshot", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 2])
        story.sync("alice")
        // Both forks record the waiting increment again under one identity.
        for (person, amount) in [("carol", 10), ("dave", 20)] {
            story.add(person, "restore", ["name": "s"])
            story.edit(
                person,
                "increment",
                "f1",
                ["field": "visits", "by": .integer(Int64(amount))]
            )
            story.sync(person)
        }
        for round in 1...3 as ClosedRange<Int64> {
            for (person, amount) in [("carol", 100), ("dave", 1_000), ("alice", 10_000)] {
                let by = JSONValue.integer(Int64(amount))
                story.edit(person, "increment", "f1", ["field": "visits", "by": by])
                story.edit(
                    person,
                    "append",
                    "f1",
                    ["field": "notes", "id": .string("\(person)\(round)"), "value": 1]
                )
            }
            if round != 2 { story.sync("dave", "carol", "alice") }
        }
        story.sync("carol", "dave", "alice", "bob", "carol", "dave")
        let outcome = try check(story, ["alice", "bob", "carol", "dave"])
        #expect(outcome.fields("f1")["visits"] == 33_333)
        #expect(outcome.fields("f1")["notes"]?.array?.count == 9)
    }

    @Test func `a clone and its original both go on`() throws {
        var story = begin()
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.add("alice", "snapshot", ["name": "s"])
        story.add("carol", "restore", ["name": "s"])
        story.edit("carol", "increment", "f1", ["field": "visits", "by": 10])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 100])
        story.edit("carol", "create", "f2")
        story.sync("carol", "alice", "bob", "carol", "alice")
        let outcome = try check(story, ["alice", "bob", "carol"])
        #expect(outcome.fields("f1")["visits"] == 111)
        #expect(outcome.report.hub.records == 2)
    }

    @Test func `a clone that only reads misses nothing of its original`() throws {
        var story = begin()
        story.add("alice", "snapshot", ["name": "s"])
        story.add("carol", "restore", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.edit("bob", "set", "f1", ["fields": ["status": "seen"]])
        story.sync("alice", "bob", "carol", "alice")
        story.edit("carol", "increment", "f1", ["field": "visits", "by": 10])
        story.sync("carol", "alice", "bob")
        let outcome = try check(story, ["alice", "bob", "carol"])
        #expect(outcome.fields("f1") == ["severity": 1, "visits": 11, "status": "seen"])
    }

    @Test func `what was only on the replaced disk is told apart from what is lost`() throws {
        var story = begin()
        story.add("alice", "snapshot", ["name": "s"])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 1])
        story.add("alice", "restore", ["name": "s"])
        story.sync("alice", "bob")
        let outcome = try check(story, ["alice", "bob"])
        #expect(outcome.report.overwritten == 1)
        #expect(outcome.fields("f1")["visits"] == nil)
    }
}
