import MergeServer
import Replication
import SyncCore
import Testing

/// A device may hear from a peer where the hub put its changes, before the hub itself tells.
@Suite struct RelayedReceiptTests {
    /// One exchange that brings changes up and nothing down.
    private func push(_ device: Replica, _ fleet: Fleet) throws {
        try exchange(device, fleet, pullBytesMax: 0)
    }

    private func exchange(_ device: Replica, _ fleet: Fleet, pullBytesMax: UInt64) throws {
        guard
            case .prepared(let request, _, _)? = device.perform(
                .prepare(pushBytesMax: 1 << 20, pullBytesMax: pullBytesMax)
            )
        else {
            Issue.record("there is a request to make")
            return
        }
        guard case .applied? = device.perform(.apply(fleet.service.handle(request))) else {
            Issue.record("the answer can be followed")
            return
        }
    }

    @Test func `a delta that brings nothing tells its hub for good`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try await fleet.sync(alice)
        do {
            let bob = try fleet.device("bob")
            try bob.merge(delta: alice.delta(for: bob.status()))
            #expect(try bob.status().epoch == alice.status().epoch)
            // After a refusal memory is read anew from the file.
            #expect(throws: (any Error).self) { try bob.merge(delta: [1, 2, 3]) }
        }
        #expect(try fleet.device("bob").status().epoch == alice.status().epoch)
    }

    @Test func `a peer's word for a new record does not keep its number from being told`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let carol = try fleet.device("carol")
        try await fleet.sync(alice)
        let sighting = try alice.write { try $0.insert(Sighting()) }
        try bob.merge(delta: alice.delta(for: bob.status()))
        try await fleet.sync(bob)
        try alice.merge(delta: bob.delta(for: alice.status()))
        // Bob's word orders what others wrote; that the hub has it only the hub can say.
        #expect(try alice.status().waitingChanges == 1)
        // Others go on, and Alice sends more before she has pulled the place of her first change.
        try await fleet.sync(carol)
        try carol.write { try $0.update(sighting) { $0.method = "地笼" } }
        try await fleet.sync(carol)
        try alice.write { try $0.update(sighting) { $0.title = "电鱼船" } }
        try push(alice, fleet)
        try await fleet.sync(alice, carol)
        #expect(try alice.record(sighting)?.method == "地笼")
        #expect(try fleet.picture(of: alice) == fleet.hubPicture())
        #expect(try fleet.picture(of: carol) == fleet.hubPicture())
        #expect(try alice.checkRecords().isEmpty)
    }

    @Test func `what a peer brought ahead of the cursor stays while its record leaves and returns`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob", scopes: ["town=t1"])
        let sighting = try alice.write { transaction in
            var record = Sighting()
            record.town = "t1"
            return try transaction.insert(record)
        }
        try await fleet.sync(alice, bob)
        for town in ["t2", "t1"] {
            try alice.write { try $0.update(sighting) { $0.town = town } }
            try await fleet.sync(alice)
        }
        try alice.write { try $0.update(sighting) { $0.method = "地笼" } }
        try await fleet.sync(alice)
        try bob.merge(delta: alice.delta(for: bob.status()))
        #expect(try bob.record(sighting)?.method == "地笼")
        // A page ends where the record is in the other town.
        try exchange(bob, fleet, pullBytesMax: 1)
        #expect(try bob.record(sighting) == nil)
        try await fleet.sync(bob)
        #expect(try bob.record(sighting)?.method == "地笼")
        #expect(try bob.checkRecords().isEmpty)
        #expect(try fleet.picture(of: bob) == fleet.hubPicture())
    }

    @Test func `what a peer brought after the cursor had passed it leaves, whatever came with it`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob", scopes: ["town=t1"])
        let carol = try fleet.device("carol")
        let dave = try fleet.device("dave")
        func make(_ title: String) throws -> Reference<Sighting> {
            try alice.write { transaction in
                var record = Sighting(title: title)
                record.town = "t2"
                return try transaction.insert(record)
            }
        }
        let passed = try make("第一")
        // Carol brings it to the hub; Bob's cursor passes it, and it is not for him.
        try carol.merge(delta: alice.delta(for: carol.status()))
        try await fleet.sync(carol, bob)
        let next = try make("第二")
        // Dave does not know where the first stands.
        try dave.merge(delta: alice.delta(for: dave.status()))
        try bob.merge(delta: dave.delta(for: bob.status()))
        #expect(try bob.record(passed) != nil)
        try await fleet.sync(bob)
        #expect(try bob.record(passed) == nil)
        #expect(try bob.record(next) == nil)
        #expect(try bob.checkRecords().isEmpty)
        try await fleet.sync(alice, dave)
        #expect(try fleet.picture(of: dave) == fleet.hubPicture())
    }

    @Test func `a delta ties a store that has met no hub to the hub of its numbers`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let other = MergeService(
            storage: try SQLiteHubStorage(folder: fleet.folder + "/other", schema: fleet.schema)
        )
        let alice = try fleet.device("alice")
        try alice.write { try $0.insert(Sighting()) }
        try await fleet.sync(alice)
        let bob = try fleet.device("bob")
        try bob.merge(delta: alice.delta(for: bob.status()))
        let error = await #expect(throws: SyncError.self) {
            try await bob.synchronize(with: LocalHub(service: other))
        }
        #expect(error?.code == .newEpoch)
        try await fleet.sync(bob)
        #expect(try fleet.picture(of: bob) == fleet.hubPicture())
    }
}
