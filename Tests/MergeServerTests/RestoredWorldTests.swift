import MergeServer
import Replication
import SyncCore
import Testing

/// The same people, whose hub is restored from older copies again and again.
@Suite struct RestoredWorldTests {
    @Test(arguments: 1...48 as ClosedRange<UInt64>)
    func `whatever the hub forgets comes back from the devices, and all end equal`(
        seed: UInt64
    ) throws {
        let world = try RandomWorld(seed: seed, isRestored: true)
        do {
            try world.live(steps: 60)
            try world.quiesce()
        } catch {
            Issue.record("seed \(seed): \(error)")
            return
        }
        #expect(world.interludeErrors.isEmpty, "seed \(seed): \(world.interludeErrors)")
        let storage = try #require(world.storage)
        let log = try storage.wholeLog()
        expectNothingLost(world, log, seed)
        let oracle = Oracle(world, log: log)
        #expect(oracle.contextViolations(log: log).prefix(3) == [], "seed \(seed)")
        #expect(try storage.statistics().quarantined == 0, "seed \(seed)")
        let expected = oracle.picture
        #expect(difference(try Picture.of(storage), expected) == [], "seed \(seed): the hub")
        for device in world.devices {
            let replica = try world.replica(device)
            let found = try Picture.of(replica)
            #expect(difference(found, expected) == [], "seed \(seed): \(device.name)")
            let status = try replica.status()
            #expect(status.waitingChanges == 0, "seed \(seed): \(device.name)")
            #expect(status.cursor == UInt64(log.count), "seed \(seed): \(device.name)")
            #expect(status.epoch == storage.epoch, "seed \(seed): \(device.name)")
            #expect(try replica.checkRecords().isEmpty, "seed \(seed): \(device.name)")
        }
    }

    /// Seeds 6, 24 and 28 are open, see the limits of `docs/epochs.md`.
    @Test(arguments: (1...32 as ClosedRange<UInt64>).filter { ![6, 24, 28].contains($0) })
    func `with scopes too, everything comes back and each has its own`(seed: UInt64) throws {
        let world = try RandomWorld(seed: seed, isScoped: true, isRestored: true)
        do {
            try world.live(steps: 60)
            try world.quiesce()
        } catch {
            Issue.record("seed \(seed): \(error)")
            return
        }
        let storage = try #require(world.storage)
        let log = try storage.wholeLog()
        expectNothingLost(world, log, seed)
        let oracle = Oracle(world, log: log)
        #expect(oracle.heldViolations().prefix(3) == [], "seed \(seed)")
        #expect(difference(try Picture.of(storage), oracle.picture) == [], "seed \(seed): the hub")
        for device in world.devices {
            let found = try Picture.held(by: world.replica(device))
            let own = try storage.ownScope(of: world.replica(device).id)
            let expected = oracle.picture(in: device.scopes, and: own)
            #expect(difference(found, expected) == [], "seed \(seed): \(device.name)")
        }
    }

    @Test func `the restored worlds meet every hard case`() throws {
        var faults: [String: Int] = [:]
        var epochs = 0
        var numbered = 0
        for seed in 1...12 as ClosedRange<UInt64> {
            let world = try RandomWorld(seed: seed, isRestored: true)
            try world.live(steps: 60)
            try world.quiesce()
            faults.merge(world.faults) { $0 + $1 }
            let storage = try #require(world.storage)
            let lives = try storage.lives()
            epochs = max(epochs, lives.allBirths.count)
            numbered += lives.allNumbers.count
        }
        for fault in ["hub restore", "meeting between epochs", "lost response", "device restart"] {
            #expect(faults[fault, default: 0] > 2, "\(fault)")
        }
        #expect(epochs > 2)
        #expect(numbered > 20)
    }

    /// Every change is in the hub's log, whole, once, as it was written.
    private func expectNothingLost(_ world: RandomWorld, _ log: [Batch.Item], _ seed: UInt64) {
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 }, "seed \(seed)")
        var stored: [Dot: [LogEntry]] = [:]
        for item in log { stored[item.entry.dot, default: []].append(item.entry) }
        for (dot, change) in world.written.sorted(by: { $0.key < $1.key })
        where stored[dot] != change.entries {
            Issue.record("seed \(seed): \(dot) is not in the hub's log as it was written")
            return
        }
    }

    /// The first differences instead of two long lists.
    private func difference(_ found: [String], _ expected: [String]) -> [String] {
        Array(found.filter { !expected.contains($0) }.prefix(2).map { "shows " + $0 })
            + Array(expected.filter { !found.contains($0) }.prefix(2).map { "lacks " + $0 })
    }
}
