import Replication
import Testing

/// What the laws do not say by themselves: damage that a careless merge would do, one by one.
struct RecordStateTests {
    private static let schema = PolicyCase.schema()

    private static func stamp(_ dot: Dot, _ time: Int64, sequence: UInt64? = nil) -> Stamp {
        Stamp(
            dot: dot,
            sequence: sequence,
            timestamp: HybridTimestamp(wallTime: time),
            author: "officer"
        )
    }

    /// Copies of one history of which each knows the hub's numbers of other changes.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `copies that know different numbers of the hub merge lawfully`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let history = RandomHistories.one(nil, steps: 60, using: &random)
        let all = Array(history.events.indices)
        let states = (0..<4)
            .map { copy -> CausalRecord in
                let set = history.past(of: [random.below(all.count), random.below(all.count)])
                let known = History(
                    schema: history.schema,
                    events: history.events,
                    sequences: history.sequences.filter { ($0.value + UInt64(copy)) % 3 == 0 },
                    receipts: history.receipts
                )
                return known.recordByVectors(set)
            }
        #expect(MergeLaws.violations(of: states).isEmpty)
    }

    @Test
    func `two writes of one change do not lose an earlier maximum`() {
        var state = RecordState()
        let slot = PolicyCase.maximum.slot()
        func apply(_ counter: UInt64, _ values: Int64...) {
            let dot = Dot(People.alice, counter)
            state.apply(
                values.map { .write(slot, .integer($0)) },
                stamp: RecordStateTests.stamp(dot, Int64(counter)),
                past: [People.alice: counter] as VersionVector,
                schema: RecordStateTests.schema
            )
        }
        apply(1, 4)
        apply(2, 9, 3)
        #expect(RecordView(of: state, schema: RecordStateTests.schema)[slot] == .integer(4))
    }

    @Test
    func `a maximum of reals is the same in every order although NaN is no number`() {
        let schema = RecordSchema(
            number: 1,
            name: "gauge",
            fields: [FieldSchema(1, "level", .real, .maximum)]
        )
        var copies = [CausalRecord(schema: schema)]
        for (counter, level) in zip(UInt64(1)..., [-1, 1, Double.nan, 0]) {
            var copy = copies[copies.count - 1]
            let dot = Dot(People.alice, counter)
            copy.knowledge.insert(dot)
            copy.state.apply(
                [.write(SlotKey(1), .real(level))],
                stamp: RecordStateTests.stamp(dot, Int64(counter)),
                past: copy.knowledge,
                schema: schema
            )
            copies.append(copy)
        }
        #expect(MergeLaws.violations(of: copies).isEmpty)
    }

    @Test
    func `a value of a wrong kind does not hide what a monotone field has come to`() {
        func shown(_ policy: PolicyCase, _ values: [FieldValue]) -> FieldValue {
            let slot = policy.slot()
            var state = RecordState()
            for (counter, value) in zip(UInt64(1)..., values) {
                state.apply(
                    [.write(slot, value)],
                    stamp: RecordStateTests.stamp(Dot(People.alice, counter), Int64(counter)),
                    past: [People.alice: counter] as VersionVector,
                    schema: RecordStateTests.schema
                )
            }
            return RecordView(of: state, schema: RecordStateTests.schema)[slot]
        }
        #expect(shown(.sticky, [.text("yes"), .boolean(true)]) == .boolean(true))
        #expect(shown(.sticky, [.boolean(true), .text("yes"), .null]) == .boolean(true))
        #expect(shown(.maximum, [.text("z"), .integer(3)]) == .integer(3))
        #expect(shown(.maximum, [.integer(3), .group([])]) == .integer(3))
        #expect(shown(.minimum, [.boolean(false), .integer(3)]) == .integer(3))
        #expect(shown(.maximum, [.text("z"), .null]) == .null)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan, -.nan])
    func `what is no finite number is neither the greatest nor the least`(odd: Double) {
        for policy in [MergePolicy.maximum, .minimum] {
            let schema = RecordSchema(
                number: 1,
                name: "gauge",
                fields: [FieldSchema(1, "level", .real, policy)]
            )
            var state = RecordState()
            for (counter, level) in zip(UInt64(1)..., [odd, 2, odd]) {
                state.apply(
                    [.write(SlotKey(1), .real(level))],
                    stamp: RecordStateTests.stamp(Dot(People.alice, counter), 1),
                    past: [People.alice: counter] as VersionVector,
                    schema: schema
                )
            }
            #expect(RecordView(of: state, schema: schema)[SlotKey(1)] == .real(2))
        }
    }

    @Test
    func `a released claim gives way to one that stands, however early it was`() {
        let slot = PolicyCase.claim.slot()
        var state = RecordState()
        for (replica, value) in [(People.alice, FieldValue.null), (People.bob, .text("bob"))] {
            state.apply(
                [.write(slot, value)],
                stamp: RecordStateTests.stamp(Dot(replica, 1), replica == People.alice ? 1 : 2),
                past: CausalPast(of: Dot(replica, 1), context: CausalContext()),
                schema: RecordStateTests.schema
            )
        }
        #expect(RecordView(of: state, schema: RecordStateTests.schema)[slot] == .text("bob"))
    }

    @Test
    func `an entry with very many members in any order is applied as one in their order`() {
        let members = (0..<20_000)
            .map {
                Operation.Action.write(
                    SlotKey(3, element: .integer(Int64($0))),
                    .boolean(true)
                )
            }
        func state(_ actions: [Operation.Action]) -> RecordState {
            var state = RecordState()
            for (counter, part) in zip(UInt64(1)..., [Array(actions[..<100]), actions]) {
                state.apply(
                    part + [.write(SlotKey(1), .text("x")), .create, .create],
                    stamp: RecordStateTests.stamp(Dot(People.alice, counter), 1),
                    past: [People.alice: counter] as VersionVector,
                    schema: RecordStateTests.schema
                )
            }
            return state
        }
        var random = SplitMix64(seed: 4)
        let shuffled = Array(members[..<100]) + members[100...].shuffled(using: &random)
        let expected = state(members)
        #expect(state(shuffled) == expected)
        #expect(expected.slots.count == 20_001)
        #expect(
            expected.slots.indices.dropFirst()
                .allSatisfy {
                    expected.slots[$0 - 1].key < expected.slots[$0].key
                }
        )
    }

    @Test
    func `a later seal by a lower replica does not replace the first`() {
        var state = RecordState()
        func seal(_ dot: Dot, _ text: String, _ past: VersionVector) {
            let content = [Operation.SealedValue(SlotKey(1), .text(text))]
            state.apply(
                [.seal(reason: "", content: content)],
                stamp: RecordStateTests.stamp(dot, Int64(dot.counter)),
                past: past,
                schema: RecordStateTests.schema
            )
        }
        seal(Dot(People.bob, 1), "signed", [People.bob: 1])
        seal(Dot(People.alice, 2), "signed again", [People.bob: 1, People.alice: 2])
        let view = RecordView(of: state, schema: RecordStateTests.schema)
        #expect(view[SlotKey(1)] == .text("signed"))
        #expect(view.seals.count == 2)
    }

    @Test
    func `an edit after the seal is a supplement and changes nothing that was sealed`() {
        var world = World(People.four, schema: RecordStateTests.schema)
        world.write(0, [.create, .write(SlotKey(1), .text("sealed"))])
        world.quiesce()
        world.write(0, [.seal(reason: "", content: [.init(SlotKey(1), .text("sealed"))])])
        world.write(1, [.write(SlotKey(1), .text("draft"))])
        world.quiesce()
        world.write(2, [.write(SlotKey(2), .text("later"))])
        world.quiesce()
        let history = world.history
        let view = RecordView(
            of: history.record(Array(history.events.indices)).state,
            schema: RecordStateTests.schema
        )
        #expect(view[SlotKey(1)] == .text("sealed"))
        #expect(view[SlotKey(2)] == .null)
        #expect(view.supplements.map(\.value) == [.text("draft"), .text("later")])
    }

    @Test
    func `counters add up, hold at their limits and never trap`() {
        var state = RecordState()
        let slot = PolicyCase.counter.slot()
        for (replica, total) in zip(People.four, [Int64.max, 5, .max, .min]) {
            state.apply(
                [.write(slot, .integer(total))],
                stamp: RecordStateTests.stamp(Dot(replica, 1), 1),
                past: CausalPast(of: Dot(replica, 1), context: CausalContext()),
                schema: RecordStateTests.schema
            )
        }
        let view = RecordView(of: state, schema: RecordStateTests.schema)
        #expect(view[slot] == .integer(-1))
    }

    @Test(arguments: [
        (0, 0, "1970-01-01 00:00"), (951_782_399_999, 0, "2000-02-28 23:59"),
        (951_782_400_000, 0, "2000-02-29 00:00"), (1_709_164_800_000, 480, "2024-02-29 08:00"),
        (1_790_000_000_000, -300, "2026-09-21 09:13"), (-1, 0, "1969-12-31 23:59"),
        (4_107_542_400_000, 0, "2100-03-01 00:00"),
    ])
    func `attributions carry the civil time of the schema's zone`(
        milliseconds: Int64,
        zone: Int,
        expected: String
    ) {
        #expect(remark(milliseconds, zone).contains("〔officer \(expected)〕left"))
    }

    @Test(arguments: [Int64.min, .max])
    func `no clock makes an attribution trap`(milliseconds: Int64) {
        #expect(remark(milliseconds, 480).contains("left"))
        #expect(remark(milliseconds, -720).contains("right"))
    }

    private func remark(_ milliseconds: Int64, _ zone: Int) -> String {
        var state = RecordState()
        for (replica, text) in [(People.alice, "left"), (People.bob, "right")] {
            state.apply(
                [.write(PolicyCase.remark.slot(), .text(text))],
                stamp: RecordStateTests.stamp(Dot(replica, 1), milliseconds),
                past: CausalPast(of: Dot(replica, 1), context: CausalContext()),
                schema: RecordStateTests.schema
            )
        }
        let view = RecordView(
            of: state,
            schema: RecordStateTests.schema,
            timeZoneMinutes: zone
        )
        guard case .text(let text) = view[PolicyCase.remark.slot()] else { return "" }
        return text
    }
}
