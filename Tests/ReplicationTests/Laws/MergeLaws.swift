import Oracle
import Replication

/// A law of ``Mergeable`` that does not hold, and where.
struct LawViolation: Hashable, CustomStringConvertible {
    let law: String
    let detail: String

    var description: String { "\(law): \(detail)" }
}

/// Checks the laws of ``Mergeable`` and returns what does not hold.
enum MergeLaws {
    /// Laws 1 to 3, and 4 as absorption, on any states that replicas can reach.
    static func violations<State: Mergeable & Equatable>(of states: [State]) -> [LawViolation] {
        var result: [LawViolation] = []
        func expect(_ holds: Bool, _ law: String, _ place: [Int]) {
            if !holds { result.append(LawViolation(law: law, detail: "states \(place)")) }
        }
        for (i, a) in states.enumerated() {
            expect(a.merged(with: a) == a, "idempotent", [i])
            for (j, b) in states.enumerated() {
                let both = a.merged(with: b)
                if i < j { expect(both == b.merged(with: a), "commutative", [i, j]) }
                expect(both.merged(with: a) == both, "inflationary", [i, j])
                for (k, c) in states.enumerated() where i < k {
                    expect(
                        both.merged(with: c) == a.merged(with: b.merged(with: c)),
                        "associative",
                        [i, j, k]
                    )
                }
            }
        }
        return result
    }

    /// Law 5 on every causally closed pair of a small history.
    ///
    /// States of all orders of delivery are equal, and merging states is uniting sets of changes.
    /// Laws 1 to 4 follow for these states.
    static func applicationViolations(of history: History) -> [LawViolation] {
        var result: [LawViolation] = []
        let sets = history.downsets()
        var states: [[Int]: CausalRecord] = [:]
        for set in sets {
            let orders = history.linearExtensions(of: set)
            let state = history.record(orders.first ?? [])
            states[set] = state
            for order in orders.dropFirst() where history.record(order) != state {
                result.append(LawViolation(law: "any causal order", detail: "\(order)"))
            }
            if history.recordByVectors(set) != state {
                result.append(LawViolation(law: "anchored as by vectors", detail: "\(set)"))
            }
        }
        for left in sets {
            guard let mine = states[left] else { continue }
            for right in sets {
                guard let theirs = states[right] else { continue }
                let union = Set(left).union(right).sorted()
                if mine.merged(with: theirs) != states[union] {
                    let detail = "\(left) and \(right)"
                    result.append(LawViolation(law: "application is merging", detail: detail))
                }
            }
        }
        return result
    }

    /// Law 5 on a long history: some orders of delivery, merges of random parts, and single changes
    /// merged with their past.
    static func sampledApplicationViolations(
        of history: History,
        using random: inout SplitMix64
    ) -> [LawViolation] {
        var result: [LawViolation] = []
        let all = Array(history.events.indices)
        let whole = history.record(all)
        for _ in 0..<2
        where history.record(history.randomExtension(of: all, using: &random)) != whole {
            result.append(LawViolation(law: "any causal order", detail: "sampled"))
        }
        if history.recordByVectors(all) != whole {
            result.append(LawViolation(law: "anchored as by vectors", detail: "whole"))
        }
        var merged = CausalRecord(schema: history.schema)
        for index in all.shuffled(using: &random).prefix(8) {
            merged.merge(history.record(history.past(of: [index])))
        }
        for index in all where !merged.knowledge.contains(history.events[index].dot) {
            history.apply(index, to: &merged)
        }
        if merged != whole {
            result.append(LawViolation(law: "application is merging", detail: "batches"))
        }
        return result
    }

    /// Law 6: every write that no later write has seen is in the state with its value.
    static func lossViolations(
        of history: History,
        _ set: [Int],
        _ state: RecordState
    )
        -> [LawViolation]
    {
        let reference = history.reference(set)
        return reference.writes()
            .flatMap { slot, writes -> [LawViolation] in
                let kept = state.slot(slot)?.siblings.map { Pair($0.stamp.dot, $0.value) } ?? []
                let due = reference.kept(slot, writes).map { Pair($0.key.dot, $0.value) }
                guard Set(kept) != Set(due) || kept.count != due.count else { return [] }
                return [LawViolation(law: "nothing is lost", detail: "\(slot): \(kept) for \(due)")]
            }
    }

    private struct Pair: Hashable {
        let dot: Dot
        let value: FieldValue
        init(_ dot: Dot, _ value: FieldValue) {
            self.dot = dot
            self.value = value
        }
    }

    /// What is shown against what the reference shows.
    static func viewViolations(
        of history: History,
        _ set: [Int],
        _ state: RecordState
    )
        -> [LawViolation]
    {
        let shown = history.shown(state, set)
        let expected = history.reference(set).shown()
        guard !shown.agrees(with: expected) else { return [] }
        return [LawViolation(law: "view equals the reference", detail: "\(shown) for \(expected)")]
    }

    /// Whether stamps order what causality orders, as ties between concurrent writes need it.
    static func orderViolations(of history: History) -> [LawViolation] {
        var result: [LawViolation] = []
        for later in history.events.indices {
            for earlier in history.events.indices
            where earlier != later && history.sees(later, earlier)
                && !history.stamp(later).follows(history.stamp(earlier))
            {
                let detail = "\(history.stamp(earlier)) and \(history.stamp(later))"
                result.append(LawViolation(law: "time extends causality", detail: detail))
            }
        }
        return result
    }
}
