import MergeServer
import Replication
import SyncCore
import Testing

/// What a device has while it changes what it subscribes to, over real stores.
@Suite struct SubscriptionTests {
    private let zhili = "town=330502100"
    private let daixi = "town=330502104"

    private func write(
        _ device: Replica,
        town: String,
        title: String
    ) throws
        -> Reference<Sighting>
    {
        try device.write { transaction in
            var record = Sighting()
            record.title = title
            record.town = String(town.dropFirst(5))
            let sighting = try transaction.insert(record)
            var weighing = Weighing()
            weighing.sighting = sighting
            try transaction.insert(weighing)
            return sighting
        }
    }

    private func expect(_ device: Replica, has sightings: [Reference<Sighting>]) throws {
        let found = try device.records(of: Sighting.self).map(\.reference.id).sorted()
        #expect(found == sightings.map(\.id).sorted())
        #expect(try device.records(of: Weighing.self).count == sightings.count)
    }

    @Test func `records enter with their whole history and leave when the subscription changes`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let first = try write(office, town: zhili, title: "甲")
        let second = try write(office, town: daixi, title: "乙")
        try office.write { try $0.update(second) { $0.method = "电鱼" } }
        try await fleet.sync(office, team)
        try expect(team, has: [first])
        try team.subscribe(to: [daixi])
        try await fleet.sync(team)
        try expect(team, has: [second])
        let story = try #require(try team.why(second, \.method))
        #expect(story.writes.count == 1)
        try team.write { try $0.update(second) { $0.method = "地笼" } }
        try await fleet.sync(team, office)
        #expect(try office.conflicts().isEmpty)
        #expect(try office.record(second)?.method == "地笼")
        try team.subscribe(to: [])
        try await fleet.sync(team)
        try expect(team, has: [first, second])
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `a change of subscription in small pages over a bad link ends the same`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make(), pageBytes: 300)
        let office = try fleet.device("office")
        var inDaixi: [Reference<Sighting>] = []
        for number in 0..<20 {
            _ = try write(office, town: zhili, title: "甲\(number)")
            inDaixi.append(try write(office, town: daixi, title: "乙\(number)"))
        }
        let team = try fleet.device("team", scopes: [zhili])
        try await fleet.sync(office, team)
        try team.subscribe(to: [daixi])
        let lossy = LossyHub(service: fleet.service, losses: [0, 2, 3, 5])
        try await team.synchronize(with: lossy, options: .quick)
        try expect(team, has: inDaixi)
    }

    @Test func `what moves while the device is away follows its new subscription`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let gone = try write(office, town: zhili, title: "去")
        let comes = try write(office, town: daixi, title: "来")
        let both = try write(office, town: daixi, title: "两属")
        try await fleet.sync(office, team)
        try expect(team, has: [gone])
        // Away to a third town; and one comes into the old scope that is in the new one already.
        try office.write { try $0.update(gone) { $0.town = "330502999" } }
        try office.write { try $0.update(comes) { $0.method = "电鱼" } }
        let other = try fleet.device("other")
        try await fleet.sync(other)
        try other.write { try $0.update(both) { $0.town = "330502100" } }
        try office.write { try $0.update(both) { $0.town = "330502104" } }
        try office.write { try $0.update(both) { $0.town = nil } }
        try office.write { try $0.update(both) { $0.town = "330502104" } }
        try await fleet.sync(office, other)
        try team.subscribe(to: [daixi])
        try await fleet.sync(team)
        try expect(team, has: [comes, both])
        let found = Set(try fleet.picture(of: team))
        #expect(found.isSubset(of: Set(try fleet.hubPicture())))
    }

    @Test func `own changes of a record that has left still reach the hub`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let sighting = try write(office, town: zhili, title: "甲")
        try await fleet.sync(office, team)
        try office.write { try $0.update(sighting) { $0.town = "330502104" } }
        try await fleet.sync(office)
        try team.write { try $0.update(sighting) { $0.tags = ["晚到"] } }
        try await fleet.sync(team, office)
        #expect(try office.record(sighting)?.tags == ["晚到"])
        try expect(team, has: [])
        #expect(try team.status().waitingChanges == 0)
        try office.write { try $0.update(sighting) { $0.town = "330502100" } }
        try await fleet.sync(office, team)
        try expect(team, has: [sighting])
        #expect(try team.record(sighting)?.tags == ["晚到"])
    }

    @Test func `a device meets a peer while the hub's answer is on its way`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let sighting = try alice.write { try $0.insert(Sighting()) }
        try alice.write { try $0.update(sighting) { $0.method = "电鱼" } }
        // Alice does not hear her changes' numbers, so Bob hears them from the hub alone.
        let deaf = LossyHub(service: fleet.service, losses: Set(0..<100))
        await #expect(throws: SyncError.self) {
            try await alice.synchronize(with: deaf, options: .quick)
        }
        guard
            case .prepared(let request, _, _)? = bob.perform(
                .prepare(pushBytesMax: 1_000, pullBytesMax: nil)
            )
        else { return }
        let answer = fleet.service.handle(request)
        try bob.merge(delta: alice.delta(for: bob.status()))
        guard case .applied? = bob.perform(.apply(answer)) else {
            Issue.record("the answer is taken")
            return
        }
        try bob.write { try $0.update(sighting) { $0.method = "地笼" } }
        try await fleet.sync(bob, alice)
        #expect(try alice.conflicts().isEmpty)
        #expect(try bob.conflicts().isEmpty)
        #expect(try fleet.hubLog().last?.entry.context.peers.isEmpty == true)
    }
}
