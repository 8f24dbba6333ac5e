import Replication
import Testing

struct HybridLogicalClockTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `readings grow whatever the physical clock does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var clock = HybridLogicalClock()
        var last = clock.latest
        var physical: Int64 = 1_000_000
        for _ in 0..<2_000 {
            physical += Int64(random.below(2_000)) - 1_000
            if random.chance(10) {
                let heard = HybridTimestamp(
                    wallTime: physical + Int64(random.below(5_000)),
                    logical: UInt32(random.below(4))
                )
                clock.observe(heard)
                last = max(last, heard)
            }
            let reading = clock.now(at: physical)
            #expect(reading > last)
            #expect(reading.wallTime >= physical)
            last = reading
        }
    }

    @Test
    func `a used up counter borrows from the next millisecond`() {
        var clock = HybridLogicalClock(latest: HybridTimestamp(wallTime: 5, logical: .max))
        #expect(clock.now(at: 1) == HybridTimestamp(wallTime: 6, logical: 0))
        #expect(clock.now(at: 6) == HybridTimestamp(wallTime: 6, logical: 1))
    }

    @Test
    func `the end of time stands still and does not trap`() {
        let end = HybridTimestamp(wallTime: .max, logical: .max)
        var clock = HybridLogicalClock(latest: end)
        #expect(clock.now(at: .max) == end)
        #expect(clock.now(at: .min) == end)
    }

    @Test
    func `an earlier time that is heard changes nothing`() {
        var clock = HybridLogicalClock(latest: HybridTimestamp(wallTime: 9))
        clock.observe(HybridTimestamp(wallTime: 8, logical: 7))
        #expect(clock.latest == HybridTimestamp(wallTime: 9))
    }

    @Test
    func `bounded times order what causality orders with any clocks`() {
        var bounded = 0
        for seed in 1...12 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed &+ 500)
            let history = RandomHistories.one(.lastWriter, steps: 120, using: &random)
            bounded += history.events.count { event in
                history.receipts[event.dot].map { $0 < event.change.timestamp } ?? false
            }
            #expect(MergeLaws.orderViolations(of: history).isEmpty, "seed \(seed)")
        }
        #expect(bounded > 50, "some clocks must run fast")
    }

    @Test
    func `a bound lowers a time in slots, marks, contests, creation and seals and never raises it`()
    {
        let dot = Dot(People.bob, 1)
        let fast = HybridTimestamp(wallTime: 900)
        let bound = HybridTimestamp(wallTime: 100)
        func stamp(_ dot: Dot, _ time: HybridTimestamp) -> Stamp {
            Stamp(dot: dot, sequence: nil, timestamp: time, author: "")
        }
        let mark = LifecycleMark(stamp: stamp(dot, fast), kind: .void, reason: "")
        let other = LifecycleMark(
            stamp: stamp(Dot(People.carol, 1), fast),
            kind: .delete,
            reason: "",
            contest: stamp(dot, fast)
        )
        var state = RecordState(
            slots: [
                Slot(key: SlotKey(1), siblings: [.init(stamp: stamp(dot, fast), value: .null)])
            ],
            marks: [mark, other],
            creation: stamp(dot, fast),
            seals: [
                Seal(stamp: stamp(dot, fast), reason: "", content: [], covered: [dot.replica: 1])
            ]
        )
        state.bound(dot, by: bound)
        let once = state
        #expect(state.slots[0].siblings[0].stamp.timestamp == bound)
        #expect(state.marks[0].stamp.timestamp == bound)
        #expect(state.marks[1].stamp.timestamp == fast)
        #expect(state.marks[1].contest?.timestamp == bound)
        #expect(state.creation?.timestamp == bound)
        #expect(state.seals[0].stamp.timestamp == bound)
        let isExact = state.bound(dot, by: fast)
        #expect(isExact)
        #expect(state == once)
    }
}
