import Replication
import SyncCore
import Testing

/// Seals, cleared texts and the story of a record's existence over real stores.
@Suite struct SealedRecordTests {
    @Test func `a seal is kept in the file with what it covers`() throws {
        let bench = try Workbench()
        let alice = try bench.replica("alice")
        let bob = try bench.replica("bob")
        let sighting = try alice.write { try $0.insert(Sighting(title: "电鱼", visits: 5)) }
        try bench.exchange(alice, bob)
        try alice.write { try $0.edit(sighting.key, [.seal(reason: "签名")]) }
        try bob.write { try $0.update(sighting) { $0.visits += 5 } }
        try bench.exchange(alice, bob)
        for replica in [alice, bob] {
            let view = try #require(try replica.read { try $0.view(sighting.key) })
            #expect(view[SlotKey(11)] == .integer(5))
            #expect(view.supplements.map(\.value) == [.integer(5)])
            #expect(try replica.differences().isEmpty)
        }
    }

    @Test func `two sealed versions are decided by keeping one`() throws {
        let bench = try Workbench()
        let alice = try bench.replica("alice")
        let bob = try bench.replica("bob")
        let errand = try alice.write { try $0.insert(Errand(what: "draft")) }
        try bench.exchange(alice, bob)
        for (replica, text) in [(alice, "mine"), (bob, "yours")] {
            try replica.write {
                try $0.edit(errand.key, [.set(1, .text(text)), .seal(reason: "签名")])
            }
        }
        try bench.exchange(alice, bob)
        let conflict = try #require(try bob.conflicts().first { $0.fieldName == "$seal" })
        let mine = try #require(
            conflict.siblings.first { $0.content.map(\.value) == [.text("mine")] }
        )
        try bob.resolve(conflict, keeping: mine, reason: "原件")
        try bench.exchange(alice, bob)
        for replica in [alice, bob] {
            #expect(try replica.conflicts().isEmpty)
            #expect(try replica.record(errand)?.what == "mine")
            #expect(try replica.differences().isEmpty)
        }
        let refusal = #expect(throws: EditError.self) {
            try alice.write { try $0.delete(errand) }
        }
        #expect(refusal?.code == .sealed)
    }

    @Test func `what is written after a text was cleared does not merge with what was before`()
        throws
    {
        let bench = try Workbench()
        let alice = try bench.replica("alice")
        let bob = try bench.replica("bob")
        let sighting = try alice.write { try $0.insert(Sighting(story: "before")) }
        try alice.write { try $0.edit(sighting.key, [.set(13, .null)]) }
        try bench.exchange(alice, bob)
        try alice.write { try $0.edit(sighting.key, [.set(13, .text("before a"))]) }
        try bob.write { try $0.edit(sighting.key, [.set(13, .text("b before"))]) }
        try bench.exchange(alice, bob)
        // From "before" both would merge; from nothing they overlap.
        for replica in [alice, bob] {
            #expect(try replica.conflicts().map(\.fieldName) == ["story"])
            #expect(try replica.differences().isEmpty)
        }
    }

    @Test func `who voided and who edited not having seen it is told`() throws {
        let bench = try Workbench()
        let alice = try bench.replica("alice")
        let bob = try bench.replica("bob")
        let sighting = try alice.write { try $0.insert(Sighting(title: "电鱼")) }
        try bench.exchange(alice, bob)
        try alice.write { try $0.void(sighting, reason: "误报") }
        try bob.write { try $0.update(sighting) { $0.title = "电捕鱼" } }
        try bench.exchange(alice, bob)
        let story = try #require(try bob.read { try $0.whyLifecycle(sighting.key) })
        #expect(story.lifecycle == .disputed)
        let acts = Dictionary(grouping: story.steps, by: \.stamp.author).mapValues { $0.map(\.act) }
        #expect(acts == ["alice": [.mark(.create), .mark(.void)], "bob": [.edit([SlotKey(1)])]])
        let voiding = try #require(story.steps.first { $0.act == .mark(.void) })
        let edit = try #require(story.steps.first { $0.act == .edit([SlotKey(1)]) })
        #expect(voiding.fate == .contested(by: [edit.stamp.dot]))
        #expect(edit.fate == .contested(by: [voiding.stamp.dot]))
        #expect(edit.saw.count == 1, "the creation, and not the voiding")
    }
}
