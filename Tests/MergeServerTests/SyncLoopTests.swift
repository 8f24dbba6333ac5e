import MergeServer
import Replication
import SyncCore
import Testing

@Suite struct SyncLoopTests {
    @Test func `two devices work offline, sync, and show the same`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let sighting = try alice.write {
            var record = Sighting()
            record.title = "电鱼船一艘"
            record.town = "330502100"
            record.tags = ["夜间"]
            return try $0.insert(record)
        }
        try await fleet.sync(alice, bob)
        #expect(try bob.record(sighting)?.title == "电鱼船一艘")
        try alice.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try bob.write { try $0.update(sighting) { $0.method = "地笼" } }
        try bob.write { try $0.update(sighting) { $0.tags.insert("拍照") } }
        try await fleet.sync(alice, bob, alice)
        let picture = try fleet.picture(of: alice)
        #expect(try fleet.picture(of: bob) == picture)
        #expect(try fleet.hubPicture() == picture)
        let conflicts = try alice.conflicts(of: Sighting.self)
        #expect(conflicts.count == 1)
        #expect(Set(conflicts[0].siblings.map(\.value)) == [.text("电鱼"), .text("地笼")])
        try alice.resolve(conflicts[0], with: .text("电鱼"), reason: "现场复核")
        try await fleet.sync(alice, bob)
        #expect(try bob.conflicts().isEmpty)
        #expect(try bob.record(sighting)?.method == "电鱼")
        #expect(try bob.record(sighting)?.tags == ["夜间", "拍照"])
        let story = try #require(try bob.why(sighting, \.method))
        #expect(story.writes.count == 3)
        #expect(story.writes.last?.reason == "现场复核")
        #expect(story.writes.last?.saw.count == 2)
    }

    @Test func `an exchange with nothing to say is small`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        _ = try alice.write { try $0.insert(Sighting()) }
        try await fleet.sync(alice)
        let summary = try await fleet.sync(alice)[0]
        #expect(summary.roundTrips == 1)
        #expect(summary.requestBytes + summary.responseBytes < 100)
    }

    @Test func `a child record follows its parent out of one scope and into another`() async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let zhili = try fleet.device("zhili", scopes: ["town=330502100"])
        let daixi = try fleet.device("daixi", scopes: ["town=330502104"])
        let sighting = try office.write {
            var record = Sighting()
            record.town = "330502100"
            let sighting = try $0.insert(record)
            var weighing = Weighing()
            weighing.sighting = sighting
            weighing.grams = 12_500
            try $0.insert(weighing)
            return sighting
        }
        try await fleet.sync(office, zhili, daixi)
        #expect(try zhili.records(of: Weighing.self).count == 1)
        #expect(try daixi.records(of: Sighting.self).isEmpty)
        try office.write { try $0.update(sighting) { $0.town = "330502104" } }
        try await fleet.sync(office, zhili, daixi)
        #expect(try zhili.records(of: Sighting.self).isEmpty)
        #expect(try zhili.records(of: Weighing.self).isEmpty)
        #expect(try daixi.record(sighting)?.town == "330502104")
        #expect(try daixi.records(of: Weighing.self).map(\.record.grams) == [12_500])
    }
}
