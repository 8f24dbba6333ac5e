import MergeServer
import Replication
import SyncCore
import Testing

/// A hub that is restored from a copy older than what it had collected, in stories.
@Suite struct RestoredCollectionTests {
    typealias Office = RestoredHubTests.Office

    private func settle(_ office: Office, _ devices: Replica...) async throws {
        for _ in 0..<3 { for device in devices { try await office.sync(device) } }
    }

    /// Closes and collects what was deleted, while these devices come by.
    private func putAway(_ office: Office, _ devices: Replica...) async throws -> HubCompaction {
        office.fleet.wait(days: 31)
        _ = try office.hub().compact(.init(), now: office.fleet.clock.now)
        for _ in 0..<2 { for device in devices { try await office.sync(device) } }
        return try office.hub().compact(.init(), now: office.fleet.clock.now)
    }

    private func expectNoSecret(_ office: Office, _ key: RecordKey, _ devices: Replica...) throws {
        for device in devices {
            #expect(try !device.logText(of: key).contains(Parcel.secret), "\(device.author)")
        }
        let log = try office.hub().wholeLog()
        #expect(log.allSatisfy { !"\($0.entry)".contains(Parcel.secret) })
    }

    @Test func `what was collected is collected again when the hub forgets it`() async throws {
        let office = try Office(schema: Parcel.schema())
        let alice = try office.fleet.device("alice")
        let bob = try office.fleet.device("bob")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try await settle(office, alice, bob)
        // The copy has the parcel whole.
        try office.copy("monday")
        let later = try alice.write { try $0.insert(Parcel.one("竹排", town: "b")) }
        try await settle(office, alice, bob)
        try bob.write { try $0.delete(parcel) }
        try alice.write { try $0.delete(later) }
        try await settle(office, bob, alice)
        let done = try await putAway(office, alice, bob)
        #expect(done.collected == 2)
        try await settle(office, alice, bob)
        try office.restore("monday")
        let waiting = try office.hub().roster(now: office.fleet.clock.now)
        #expect(waiting.map(\.seen) == [0, 0], "cursors of another epoch say nothing")
        try await settle(office, alice, bob)
        let carol = try office.fleet.device("carol")
        try await settle(office, carol, alice, bob)
        try office.expectEqual(alice, bob, carol)
        for key in [parcel.key, later.key] {
            try expectNoSecret(office, key, alice, bob, carol)
            #expect(try carol.actions(of: key).contains(.collect(keeping: [2, 3])))
            #expect(try carol.read { try $0.view(key) }?.lifecycle == .deleted)
        }
        // Nobody waits for the id that the hub had, and nothing is closed a second time.
        let roster = try office.hub().roster(now: office.fleet.clock.now)
        #expect(Set(roster.map(\.replica)) == [alice.id, bob.id, carol.id])
        let idle = try await putAway(office, alice, bob, carol)
        #expect((idle.closed, idle.collected, idle.waiting) == (0, 0, 0))
        #expect(try office.hub().statistics().quarantined == 0)
    }

    @Test func `a whole change that comes late is let go of like the others`() async throws {
        let office = try Office(schema: Parcel.schema())
        let alice = try office.fleet.device("alice")
        let dave = try office.fleet.device("dave")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try await settle(office, alice, dave)
        try office.copy("monday")
        try dave.write { try $0.update(parcel) { $0.what = Parcel.secret } }
        try await settle(office, dave, alice)
        // Dave has his edit whole, and hears of nothing that follows.
        try alice.write { try $0.delete(parcel) }
        try await settle(office, alice)
        try office.hub()
            .retire(dave.id, reason: "失联", silentFor: 0, now: office.fleet.clock.now)
        #expect(try await putAway(office, alice).collected == 1)
        try await settle(office, alice)
        try office.restore("monday")
        try await office.sync(dave)
        try await settle(office, alice, dave)
        try office.expectEqual(alice, dave)
        try expectNoSecret(office, parcel.key, alice, dave)
        #expect(try dave.read { try $0.view(parcel.key) }?.lifecycle == .deleted)
    }

    @Test func `a device cannot collect what no earlier epoch had collected`() async throws {
        let office = try Office(schema: Parcel.schema())
        let alice = try office.fleet.device("alice")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try await office.sync(alice)
        try office.copy("monday")
        try office.restore("monday")
        let stranger = ReplicaID(77)
        let entry = LogEntry(
            dot: Dot(stranger, 1),
            part: 0,
            parts: 1,
            context: CausalContext(base: 1, epoch: try office.hub().epoch),
            timestamp: HybridTimestamp(wallTime: office.fleet.clock.now),
            author: "hub",
            reason: "",
            record: parcel.key,
            actions: [.collect(keeping: [])]
        )
        let outcome = try office.hub()
            .append(
                Batch(entries: [Batch.Item(entry: entry)], isSequenced: false),
                from: stranger,
                cursor: 1,
                now: office.fleet.clock.now
            )
        guard case .stored(let stored) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(stored.quarantined.map(\.counter) == [1])
        #expect(try office.hub().wholeLog().count == 1)
    }

    @Test func `an epoch that a delta without pages told is known after the next refusal`()
        async throws
    {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        try await office.sync(alice)
        let other = try Office()
        try other.hub().renewEpoch(now: other.fleet.clock.now)
        let carol = try other.fleet.device("carol")
        try carol.write { try $0.insert(Sighting(title: "电鱼")) }
        try await other.sync(carol)
        let bob = try office.fleet.device("bob")
        #expect(try bob.merge(delta: alice.delta(for: bob.status())) == 0)
        #expect(try bob.status().epoch == office.hub().epoch)
        // The first refusal makes the store read its memory anew.
        for _ in 0..<2 {
            #expect(throws: SyncError.self) {
                try bob.merge(delta: carol.delta(for: bob.status()))
            }
            #expect(try bob.status().epoch == office.hub().epoch)
        }
    }
}
