import MergeServer
import Replication
import SyncCore
import Testing

/// What follows a change that the hub holds apart goes on, with the hub and without it.
@Suite struct HeldApartTests {
    /// At this hub an errand is a legal fact: a device that does not know may delete one.
    private func fleet() throws -> Fleet {
        var errand = Errand.mapping.schema
        errand.isLegalFact = true
        return try Fleet(
            schema: Schema(
                timeZoneMinutes: 480,
                records: [Sighting.mapping.schema, Weighing.mapping.schema, errand]
            )
        )
    }

    private func device(_ name: String, _ fleet: Fleet) throws -> Replica {
        try fleet.device(name, schema: TestSchema.make())
    }

    /// Three changes, of which the hub will hold the second apart.
    private func write(_ device: Replica) throws {
        let errand = try device.write { try $0.insert(Errand(what: "拍照"), named: "e") }
        try device.write { try $0.delete(errand) }
        try device.write { try $0.insert(Sighting(title: "电鱼"), named: "s") }
    }

    @Test func `a device that has come by the hub passes on what follows a change held apart`()
        async throws
    {
        let fleet = try fleet()
        let alice = try device("alice", fleet)
        let bob = try device("bob", fleet)
        let carol = try device("carol", fleet)
        let dave = try device("dave", fleet)
        try write(alice)
        try await fleet.sync(alice, bob)
        #expect(try alice.status().quarantined == 1)
        try carol.merge(delta: bob.delta(for: carol.status()))
        try carol.write { try $0.update(Reference<Sighting>(.named("s"))) { $0.method = "地笼" } }
        // And so on, from one who has not met the hub.
        try dave.merge(delta: carol.delta(for: dave.status()))
        #expect(try fleet.picture(of: dave) == fleet.picture(of: carol))
        // What the hub holds apart is known as such, whoever brings it.
        try carol.merge(delta: alice.delta(since: VersionVector(), cursor: 0))
        try await fleet.sync(carol, dave, bob)
        for replica in [bob, carol, dave] {
            #expect(try fleet.picture(of: replica) == fleet.hubPicture())
            #expect(try replica.checkRecords().map(\.problem) == [])
        }
    }

    @Test func `a device of some scopes does not say what is held apart`() async throws {
        let fleet = try fleet()
        let alice = try device("alice", fleet)
        let carol = try device("carol", fleet)
        try alice.write { try $0.insert(Errand(what: "拍照")) }
        try alice.write { transaction in
            var record = Sighting(title: "电鱼")
            record.town = "t2"
            try transaction.insert(record)
        }
        try alice.write { try $0.insert(Errand(what: "称重")) }
        let bob = try fleet.device("bob", scopes: ["town=t1"], schema: TestSchema.make())
        try await fleet.sync(alice, bob)
        #expect(throws: SyncError.self) {
            try carol.merge(delta: bob.delta(for: carol.status()))
        }
    }

    @Test func `a peer's change that the hub holds apart goes up once`() async throws {
        let fleet = try fleet()
        let alice = try device("alice", fleet)
        let errand = try alice.write { try $0.insert(Errand(what: "拍照")) }
        try alice.write { try $0.delete(errand) }
        do {
            let dave = try device("dave", fleet)
            try dave.merge(delta: alice.delta(for: dave.status()))
            try await fleet.sync(dave)
        }
        let dave = try device("dave", fleet)
        let prepare = SyncSession.Effect.prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)
        guard case .prepared(_, let changes, let waiting)? = dave.perform(prepare) else {
            Issue.record("there is a request to make")
            return
        }
        #expect((changes, waiting) == (0, 0))
        // What comes after it still goes up.
        try alice.write { try $0.insert(Errand(what: "称重"), named: "w") }
        try dave.merge(delta: alice.delta(for: dave.status()))
        try await fleet.sync(dave, alice)
        #expect(try fleet.picture(of: dave) == fleet.picture(of: alice))
        #expect(try fleet.hubPicture().contains { $0.contains("称重") })
    }
}
