import MergeServer
import Replication
import SyncCore
import Testing

/// Devices of scopes that change, records that move between them, pages of any size, a bad network.
@Suite struct ScopedWorldTests {
    @Test(arguments: Array(1...48 as ClosedRange<UInt64>) + [168, 322])
    func `whatever moves, a device ends with the records of its scopes as everyone sees them`(
        seed: UInt64
    ) throws {
        let world = try RandomWorld(seed: seed, isScoped: true)
        do {
            try world.live(steps: 60)
            try world.quiesce()
        } catch {
            Issue.record("seed \(seed): \(error)")
            return
        }
        let storage = try #require(world.storage)
        let log = try storage.wholeLog()
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 }, "seed \(seed)")
        let oracle = Oracle(world, log: log)
        #expect(try Picture.of(storage) == oracle.picture, "seed \(seed): the hub")
        #expect(oracle.heldViolations().prefix(3) == [], "seed \(seed)")
        #expect(world.interludeErrors == [], "seed \(seed)")
        for device in world.devices {
            let found = try Picture.held(by: world.replica(device))
            let id = try world.replica(device).id
            let own = try storage.ownScope(of: id)
            let isMade = own.allSatisfy { oracle.maker(of: $0) == id }
            #expect(isMade, "seed \(seed): \(device.name) sees what it did not make")
            let expected = oracle.picture(in: device.scopes, and: own)
            let surplus = found.filter { !expected.contains($0) }.prefix(2)
            let missing = expected.filter { !found.contains($0) }.prefix(2)
            #expect(Array(surplus) == [], "seed \(seed): \(device.name) has")
            #expect(Array(missing) == [], "seed \(seed): \(device.name) has not")
            let problems = try world.replica(device).checkRecords().map(\.problem)
            #expect(problems == [], "seed \(seed): \(device.name)")
        }
    }

    @Test func `the scoped worlds meet moves, late groups and changes of subscription`() throws {
        var faults: [String: Int] = [:]
        var notices = 0
        for seed in 1...24 as ClosedRange<UInt64> {
            let world = try RandomWorld(seed: seed, isScoped: true)
            try world.live(steps: 60)
            try world.quiesce()
            faults.merge(world.faults) { $0 + $1 }
            let storage = try #require(world.storage)
            notices += try storage.wholeLog().count { $0.entry.dot.replica == storage.replica }
        }
        let wanted = [
            "subscription", "town move", "parent move", "made outside", "begun by name", "meeting",
        ]
        for fault in wanted {
            #expect(faults[fault, default: 0] > 10, "\(fault)")
        }
        #expect(notices > 30)
        // A device of some scopes has got others' changes in part, and cannot hand them on.
        let refused = faults["refused meeting", default: 0]
        #expect(refused >= 8 && refused * 4 < faults["meeting", default: 0], "\(refused)")
    }
}
