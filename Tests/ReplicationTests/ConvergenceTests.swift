import Replication
import Testing

/// Devices that live through cut syncs, lost responses and wrong clocks end up with the same.
struct ConvergenceTests {
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `after everyone has synced all replicas hold and show the same`(seed: UInt64) {
        var random = SplitMix64(seed: seed &* 7_919)
        let policy = PolicyCase.allCases[Int(seed) % PolicyCase.allCases.count]
        var world = RandomHistories.world(seed % 3 == 0 ? nil : policy, steps: 60, using: &random)
        for device in world.devices.indices {
            let live = LiveReplica(device, of: world)
            #expect(live.state == live.rebuilt(), "before quiescence, device \(device)")
        }
        world.quiesce()
        #expect(world.invariantViolations().isEmpty)
        let history = world.history
        let all = Array(history.events.indices)
        let expected = history.record(all).state.withoutNumbers
        for device in world.devices.indices {
            #expect(LiveReplica(device, of: world).state == expected, "device \(device)")
        }
        #expect(MergeLaws.viewViolations(of: history, all, expected).isEmpty)
    }

    @Test
    func `late bounds that change a choice are seldom and always reported`() {
        var rebuilds = 0
        var receipts = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            var world = RandomHistories.world(nil, steps: 60, using: &random)
            world.quiesce()
            for device in world.devices.indices {
                rebuilds += LiveReplica(device, of: world).rebuilds
                receipts += world.devices[device].journal
                    .count {
                        if case .receipt = $0 { true } else { false }
                    }
            }
        }
        #expect(rebuilds > 0)
        #expect(rebuilds * 3 < receipts)
    }

    @Test
    func `a contest that a late bound demotes is reported as inexact`() {
        var state = RecordState()
        let schema = PolicyCase.schema()
        let late = HybridTimestamp(wallTime: 100)
        let deletion = Dot(People.alice, 1)
        let fast = Dot(People.bob, 1)
        let sane = Dot(People.carol, 1)
        func apply(_ dot: Dot, _ wallTime: Int64, _ action: Operation.Action) {
            state.apply(
                [action],
                stamp: Stamp(
                    dot: dot,
                    sequence: nil,
                    timestamp: HybridTimestamp(wallTime: wallTime),
                    author: ""
                ),
                past: CausalPast(of: dot, context: CausalContext()),
                schema: schema
            )
        }
        apply(deletion, 10, .delete(reason: ""))
        apply(fast, 9_000, .write(SlotKey(1), .text("fast")))
        apply(sane, 500, .write(SlotKey(2), .text("sane")))
        #expect(state.marks.first?.contest?.dot == fast)
        let isSaneExact = state.bound(sane, by: HybridTimestamp(wallTime: 600))
        let isFastExact = state.bound(fast, by: late)
        #expect(isSaneExact)
        #expect(!isFastExact)
    }
}
