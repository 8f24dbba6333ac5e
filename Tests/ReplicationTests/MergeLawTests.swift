import Oracle
import Replication
import Testing

/// The six laws at ``Mergeable``, for every policy, against the naive reference.
struct MergeLawTests {
    @Test(arguments: PolicyCase.allCases)
    func `every history of three events obeys the laws`(policy: PolicyCase) {
        let steps: [Step] = [.first, .second, .delete]
        check(SmallHistories(events: 3), policy, steps, .keep)
    }

    @Test(arguments: PolicyCase.allCases)
    func `every history of two events over all steps obeys the laws`(policy: PolicyCase) {
        check(SmallHistories(events: 2), policy, Step.allCases, .keep)
        check(SmallHistories(events: 2), policy, Step.allCases, .delete)
    }

    @Test(arguments: PolicyCase.allCases)
    func `every history of four edits shows what the reference shows`(policy: PolicyCase) {
        var violations: Set<LawViolation> = []
        let all = [0, 1, 2, 3]
        SmallHistories(events: 4)
            .forEach(
                policy,
                steps: [.first, .second],
                schema: PolicyCase.schema(),
                bothOrders: false
            ) { history in
                var merged = CausalRecord(schema: history.schema)
                for index in all { merged.merge(history.record(history.past(of: [index]))) }
                violations.formUnion(MergeLaws.viewViolations(of: history, all, merged.state))
                violations.formUnion(MergeLaws.lossViolations(of: history, all, merged.state))
            }
        #expect(violations.isEmpty, "\(violations.first.map { "\($0)" } ?? "")")
    }

    @Test(arguments: PolicyCase.allCases)
    func `every history of three events with direct meetings obeys the laws`(policy: PolicyCase) {
        let histories = SmallHistories(events: 3, withMeetings: true)
        check(histories, policy, [.first, .second], .keep, bothOrders: false)
    }

    @Test(
        arguments: [
            .lastWriter, .keepSiblings, .addWinsSet, .sticky, .counter, .hubOnly, .text, .remark,
        ] as [PolicyCase]
    )
    func `every history of three events with seals obeys the laws`(policy: PolicyCase) {
        let steps: [Step] = [.first, .second, .seal, .sealOther]
        check(SmallHistories(events: 3), policy, steps, .keep, bothOrders: false)
    }

    @Test(arguments: PolicyCase.allCases)
    func `every history of three events with collections obeys the laws`(policy: PolicyCase) {
        checkCollections(policy, [.first, .delete, .undelete, .close, .collect])
    }

    @Test
    func `a collection takes nothing from a sealed record`() {
        checkCollections(.keepSiblings, [.first, .seal, .collect])
    }

    /// Collections come from the hub only, so they have seen one another, and a replica folds the
    /// record anew where one arrives: it stands before all that has not seen it.
    private func checkCollections(_ policy: PolicyCase, _ steps: [Step]) {
        var violations: Set<LawViolation> = []
        var collected = 0
        let schema = PolicyCase.schema()
        SmallHistories(events: 3)
            .forEach(policy, steps: steps, schema: schema, bothOrders: false) { history in
                guard history.areCollectionsOrdered else { return }
                let all = Array(history.events.indices)
                let orders = history.linearExtensions(of: all).filter(history.collectsEarly)
                let states = orders.map { history.record($0) }
                for (order, state) in zip(orders, states) {
                    if state != states[0] {
                        violations.insert(
                            LawViolation(law: "any order of the rest", detail: "\(order)")
                        )
                    }
                    violations.formUnion(MergeLaws.viewViolations(of: history, all, state.state))
                    violations.formUnion(MergeLaws.lossViolations(of: history, all, state.state))
                }
                if !history.collections.isEmpty { collected += orders.count }
            }
        #expect(violations.isEmpty, "\(violations.first.map { "\($0)" } ?? "")")
        #expect(collected > 100)
    }

    @Test
    func `every history of four seals shows what the reference shows`() {
        let all = [0, 1, 2, 3]
        var violations: Set<LawViolation> = []
        var conflicts = 0
        var decisions = 0
        SmallHistories(events: 4)
            .forEach(.keepSiblings, steps: [.seal, .sealOther], schema: PolicyCase.schema()) {
                let state = $0.record(all).state
                violations.formUnion(MergeLaws.viewViolations(of: $0, all, state))
                let view = RecordView(of: state, schema: $0.schema)
                if view.conflicts.isEmpty { decisions += 1 } else { conflicts += 1 }
            }
        #expect(violations.isEmpty, "\(violations.first.map { "\($0)" } ?? "")")
        #expect(conflicts > 100 && decisions > 100)
    }

    @Test
    func `small histories hold each causal structure once`() {
        #expect(SmallHistories(events: 2).schedules.count == 3)
        #expect(SmallHistories(events: 3).schedules.count == 18)
        #expect(SmallHistories(events: 4).schedules.count == 140)
    }

    @Test
    func `the reference knows nearly every merge of texts`() {
        var known = 0
        var unknown = 0
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            let history = RandomHistories.one(.text, steps: 40, using: &random)
            for event in history.events.indices {
                let shown = history.reference(history.past(of: [event])).shown()
                if shown.undecided.isEmpty { known += 1 } else { unknown += 1 }
            }
        }
        #expect(known > 20 * unknown, "\(known) known, \(unknown) unknown")
    }

    private func check(
        _ histories: SmallHistories,
        _ policy: PolicyCase,
        _ steps: [Step],
        _ concurrentDelete: RecordSchema.ConcurrentDelete,
        bothOrders: Bool = true
    ) {
        var violations: Set<LawViolation> = []
        let schema = PolicyCase.schema(concurrentDelete)
        histories.forEach(policy, steps: steps, schema: schema, bothOrders: bothOrders) { history in
            violations.formUnion(MergeLaws.applicationViolations(of: history))
            let all = Array(history.events.indices)
            let state = history.record(all).state
            violations.formUnion(MergeLaws.viewViolations(of: history, all, state))
            violations.formUnion(MergeLaws.lossViolations(of: history, all, state))
        }
        #expect(violations.isEmpty, "\(violations.first.map { "\($0)" } ?? "")")
    }

    @Test(arguments: PolicyCase.allCases, [1, 2, 3] as [UInt64])
    func `random histories of one field obey the laws`(policy: PolicyCase, seed: UInt64) {
        var random = SplitMix64(seed: seed &* 1_000 &+ UInt64(policy.rawValue))
        for _ in 0..<4 {
            let history = RandomHistories.one(policy, steps: 45, using: &random)
            expectLaws(history, using: &random)
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `random histories of all fields together obey the laws`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let history = RandomHistories.one(nil, steps: 90, using: &random)
        expectLaws(history, using: &random)
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `random histories with blind changes obey the laws`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for policy in [nil, .keepSiblings, .addWinsSet] as [PolicyCase?] {
            let history = RandomHistories.one(policy, steps: 60, blindPercent: 30, using: &random)
            #expect(history.events.contains { $0.only?.isEmpty == false })
            expectLaws(history, using: &random)
        }
    }

    private func expectLaws(_ history: History, using random: inout SplitMix64) {
        var violations = MergeLaws.orderViolations(of: history)
        violations += MergeLaws.sampledApplicationViolations(of: history, using: &random)
        let all = Array(history.events.indices)
        var states: [CausalRecord] = []
        for _ in 0..<4 where !all.isEmpty {
            let heads = [random.below(all.count), random.below(all.count)]
            let set = history.past(of: heads)
            let record = history.record(set)
            states.append(record)
            violations += MergeLaws.viewViolations(of: history, set, record.state)
            violations += MergeLaws.lossViolations(of: history, set, record.state)
        }
        let whole = history.record(all)
        violations += MergeLaws.violations(of: states)
        violations += MergeLaws.viewViolations(of: history, all, whole.state)
        violations += MergeLaws.lossViolations(of: history, all, whole.state)
        #expect(violations.isEmpty, "\(violations.first.map { "\($0)" } ?? "")")
    }
}

extension History {
    /// The events that let go of content.
    fileprivate var collections: [Int] {
        events.indices.filter {
            events[$0].actions.contains { if case .collect = $0 { true } else { false } }
        }
    }

    fileprivate var areCollectionsOrdered: Bool {
        let collections = collections
        return collections.allSatisfy { one in
            collections.allSatisfy { sees($0, one) || sees(one, $0) }
        }
    }

    /// Whether what has not seen a collection, and is not seen by it, stands after it.
    fileprivate func collectsEarly(_ order: [Int]) -> Bool {
        let collections = collections
        return order.indices.allSatisfy { place in
            !collections.contains(order[place])
                || order[..<place].allSatisfy { sees(order[place], $0) }
        }
    }
}
