import Foundation
import MergeServer
import Replication
import SyncCore
import Testing

/// Copies of one backup that go on, each as its own, with peers that meet them without the hub.
@Suite struct CloneTests {
    private let sighting = Reference<Sighting>(.named("s"))

    private func count(_ replica: Replica, _ amount: Int64) throws {
        try replica.write { try $0.update(sighting) { $0.visits += amount } }
    }

    private func copy(_ from: String, to: String, _ fleet: Fleet) throws {
        try FileManager.default.copyItem(
            atPath: fleet.folder + "/" + from,
            toPath: fleet.folder + "/" + to
        )
    }

    /// Carla has taken the number of the increment that waits in anna's and berta's stores.
    private func copies(_ fleet: Fleet) async throws {
        do {
            let alice = try fleet.device("alice")
            try alice.write { try $0.insert(Sighting(title: "电鱼"), named: "s") }
            try await fleet.sync(alice)
        }
        try copy("alice", to: "carla", fleet)
        do { try count(fleet.device("alice"), 1) }
        try copy("alice", to: "anna", fleet)
        try copy("alice", to: "berta", fleet)
        let carla = try fleet.device("carla")
        try count(carla, 5)
        try await fleet.sync(carla)
    }

    @Test func `what waited in a backup is recorded once, and its copies go on apart`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        try await copies(fleet)
        let anna = try fleet.device("anna")
        let berta = try fleet.device("berta")
        let dave = try fleet.device("dave")
        #expect(anna.id == berta.id)
        let forks = try await fleet.sync(anna, berta)
        #expect(forks.allSatisfy { $0.reincarnatedAs != nil })
        #expect(anna.id != berta.id)
        try await fleet.sync(anna, berta, dave)
        // They go on offline, and dave meets both.
        try count(anna, 10)
        try count(berta, 100)
        try count(berta, 1_000)
        try dave.merge(delta: anna.delta(for: dave.status()))
        try dave.merge(delta: berta.delta(for: dave.status()))
        #expect(try dave.record(sighting)?.visits == 1_116)
        try count(dave, 10_000)
        try await fleet.sync(dave, berta, anna, dave, berta)
        for replica in [anna, berta, dave] {
            #expect(try replica.record(sighting)?.visits == 11_116)
            #expect(try replica.checkRecords().map(\.problem) == [])
            #expect(try fleet.picture(of: replica) == fleet.hubPicture())
        }
    }

    @Test func `a peer that met the branch that lost takes the other and gets both`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await copies(fleet)
        let anna = try fleet.device("anna")
        let dave = try fleet.device("dave")
        try dave.merge(delta: anna.delta(for: dave.status()))
        #expect(try dave.record(sighting)?.visits == 1)
        try count(dave, 10)
        try await fleet.sync(dave)
        #expect(try dave.record(sighting)?.visits == 15)
        try await fleet.sync(anna, dave, anna)
        for replica in [anna, dave] {
            #expect(try replica.record(sighting)?.visits == 16)
            #expect(try replica.checkRecords().map(\.problem) == [])
            #expect(try fleet.picture(of: replica) == fleet.hubPicture())
        }
    }

    @Test func `a peer's word for a number does not confirm what a clone wrote under it`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        do {
            let alice = try fleet.device("alice")
            try alice.write { try $0.insert(Sighting(title: "电鱼"), named: "s") }
            try await fleet.sync(alice)
        }
        try copy("alice", to: "anna", fleet)
        let alice = try fleet.device("alice")
        let anna = try fleet.device("anna")
        let bob = try fleet.device("bob")
        try count(alice, 1)
        try count(anna, 10)
        try await fleet.sync(alice, bob)
        try count(bob, 100)
        // Bob tells where the hub put the number that Anna has used too.
        try anna.merge(delta: bob.delta(for: anna.status()))
        #expect(try anna.status().waitingChanges == 1)
        try await fleet.sync(anna, alice, bob)
        for replica in [alice, anna, bob] {
            #expect(try replica.record(sighting)?.visits == 111)
            #expect(try replica.checkRecords().map(\.problem) == [])
            #expect(try fleet.picture(of: replica) == fleet.hubPicture())
        }
    }

    /// A clone of the team's store whose record leaves while an increment of it waits, under a number
    /// that the team has taken at the hub.
    private func cloneWithoutItsRecord(_ fleet: Fleet) async throws -> Replica {
        let office = try fleet.device("office")
        try office.write { transaction in
            var record = Sighting(title: "电鱼")
            record.town = "t1"
            try transaction.insert(record, named: "s")
        }
        try await fleet.sync(office)
        do {
            let team = try fleet.device("team", scopes: ["town=t1"])
            try await fleet.sync(team)
            try count(team, 5)
            try await fleet.sync(team)
        }
        try copy("team", to: "clone", fleet)
        try office.write { try $0.update(sighting) { $0.town = "t2" } }
        try await fleet.sync(office)
        let clone = try fleet.device("clone")
        let prepare = SyncSession.Effect.prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)
        guard case .prepared(let request, _, _)? = clone.perform(prepare) else {
            Issue.record("there is a request to make")
            return clone
        }
        try count(clone, 10)
        guard case .applied? = clone.perform(.apply(fleet.service.handle(request))) else {
            Issue.record("the answer can be followed")
            return clone
        }
        #expect(try clone.record(sighting) == nil)
        let team = try fleet.device("team")
        try team.write { try $0.insert(Errand(what: "拍照")) }
        try await fleet.sync(team)
        return clone
    }

    @Test func `what was counted of a record that has left counts once after a fork`() async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let clone = try await cloneWithoutItsRecord(fleet)
        let id = clone.id
        try await fleet.sync(clone)
        #expect(clone.id != id)
        let reader = try fleet.device("reader")
        try await fleet.sync(reader)
        #expect(try reader.record(sighting)?.visits == 15)
        #expect(try fleet.picture(of: reader) == fleet.hubPicture())
    }

    @Test func `a fork does not hide what a friend brought of a record that had left`() async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let clone = try await cloneWithoutItsRecord(fleet)
        let friend = try fleet.device("friend")
        try friend.write { try $0.insert(Sighting(title: "地笼"), named: "s") }
        try clone.merge(delta: friend.delta(for: clone.status()))
        #expect(try clone.record(sighting)?.title == "地笼")
        let id = clone.id
        await #expect(throws: SyncError.self) {
            var options = SyncSession.Options()
            options.triesMax = 1
            let hub = BreakingHub(service: fleet.service, exchanges: 1)
            try await clone.synchronize(with: hub, options: options)
        }
        #expect(clone.id != id)
        #expect(try clone.record(sighting)?.title == "地笼")
        #expect(try clone.record(sighting)?.visits == 0)
        #expect(try clone.checkRecords().map(\.problem) == [])
        let office = try fleet.device("office")
        try await fleet.sync(clone, office)
        #expect(try office.record(sighting)?.visits == 15)
        #expect(try fleet.picture(of: office) == fleet.hubPicture())
    }

    @Test func `a copy that writes before its shared identity ends loses nothing`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await copies(fleet)
        let anna = try fleet.device("anna")
        let berta = try fleet.device("berta")
        // Each has heard of the fork, and the link breaks before it has sent its changes again.
        for replica in [anna, berta] {
            let before = replica.id
            await #expect(throws: SyncError.self) {
                var options = SyncSession.Options()
                options.triesMax = 1
                let hub = BreakingHub(service: fleet.service, exchanges: 1)
                try await replica.synchronize(with: hub, options: options)
            }
            #expect(replica.id != before)
        }
        #expect(anna.id == berta.id)
        try count(anna, 10)
        try count(berta, 100)
        try await fleet.sync(anna, berta, anna, berta)
        #expect(anna.id != berta.id)
        for replica in [anna, berta] {
            #expect(try replica.record(sighting)?.visits == 116)
            #expect(try fleet.picture(of: replica) == fleet.hubPicture())
        }
    }
}

/// A hub that can be reached for some exchanges only.
private actor BreakingHub: SyncTransport {
    private let service: MergeService
    private var exchanges: Int

    init(service: MergeService, exchanges: Int) {
        self.service = service
        self.exchanges = exchanges
    }

    func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8] {
        guard exchanges > 0 else { throw TransportError(.unreachable, "the link is gone") }
        exchanges -= 1
        return service.handle(body)
    }
}
