import MergeServer
import Replication
import SyncCore
import Testing

/// C40: N devices, random changes, a bad network, random meetings, restarts, wrong clocks.
@Suite struct ConvergenceTests {
    @Test(arguments: 1...64 as ClosedRange<UInt64>)
    func `C40 whatever happens on the way all replicas and the hub end equal and nothing is lost`(
        seed: UInt64
    ) throws {
        let world = try RandomWorld(seed: seed)
        do {
            try world.live(steps: 60)
            try world.quiesce()
        } catch {
            Issue.record("seed \(seed): \(error)")
            return
        }
        #expect(world.interludeErrors.isEmpty, "seed \(seed)")
        let storage = try #require(world.storage)
        let log = try storage.wholeLog()
        expectNothingLost(world, log, seed)
        let oracle = Oracle(world, log: log)
        #expect(oracle.contextViolations(log: log).prefix(5) == [], "seed \(seed)")
        let expected = oracle.picture
        expectEqual(try Picture.of(storage), expected, "seed \(seed): the hub")
        for device in world.devices {
            let replica = try world.replica(device)
            expectEqual(try Picture.of(replica), expected, "seed \(seed): \(device.name)")
            let status = try replica.status()
            #expect(status.waitingChanges == 0, "seed \(seed): \(device.name)")
            #expect(status.cursor == UInt64(log.count), "seed \(seed): \(device.name)")
        }
    }

    @Test func `the random worlds meet every fault and every hard case`() throws {
        var faults: [String: Int] = [:]
        var peerContexts = 0
        var bounds = 0
        for seed in 1...12 as ClosedRange<UInt64> {
            let world = try RandomWorld(seed: seed)
            try world.live(steps: 60)
            try world.quiesce()
            faults.merge(world.faults) { $0 + $1 }
            let log = try #require(world.storage).wholeLog()
            peerContexts += log.count { !$0.entry.context.peers.isEmpty }
            bounds += log.count { $0.bound != nil }
        }
        let expected = [
            "cut request", "cut response", "device restart", "duplicate", "hub restart",
            "interlude", "late duplicate", "lost request", "lost response", "meeting",
            "old request",
        ]
        for fault in expected { #expect(faults[fault, default: 0] > 2, "\(fault)") }
        #expect(peerContexts > 20)
        #expect(bounds > 20)
    }

    /// Every change is in the hub's log, whole, once, as it was written.
    private func expectNothingLost(_ world: RandomWorld, _ log: [Batch.Item], _ seed: UInt64) {
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 }, "seed \(seed)")
        var stored: [Dot: [LogEntry]] = [:]
        for item in log { stored[item.entry.dot, default: []].append(item.entry) }
        #expect(stored.count == world.written.count, "seed \(seed)")
        for (dot, change) in world.written where stored[dot] != change.entries {
            Issue.record("seed \(seed): \(dot) is not in the hub's log as it was written")
            return
        }
    }

    /// Shows the first difference instead of two long lists.
    private func expectEqual(_ found: [String], _ expected: [String], _ what: String) {
        guard found != expected else { return }
        let surplus = found.filter { !expected.contains($0) }.prefix(2)
        let missing = expected.filter { !found.contains($0) }.prefix(2)
        Issue.record("\(what)\nshows    \(Array(surplus))\nexpected \(Array(missing))")
    }
}
