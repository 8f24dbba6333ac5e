import Oracle
import Replication

/// One change of a history with everything its writer had seen, itself included.
struct Event: Sendable {
    let change: Change
    let seen: [ReplicaID: UInt64]
    /// Of a blind change what others wrote and its writer had, in place of `seen`.
    var only: Set<Dot>?

    var dot: Dot { change.dot }
    var actions: [Operation.Action] { change.operations.map(\.action) }

    /// Its true past, of which the engine knows nothing.
    var sight: Sight { Sight(writer: dot.replica, seen: VersionVector(seen), only: only) }
}

/// What a writer had seen: a full version vector, or for a blind change its own and single changes.
struct Sight: CausalKnowledge, Hashable, Sendable {
    let writer: ReplicaID
    let seen: VersionVector
    let only: Set<Dot>?

    func contains(_ dot: Dot, sequence: UInt64? = nil) -> Bool {
        guard let only, dot.replica != writer else { return seen.contains(dot) }
        return only.contains(dot)
    }
}

/// A set of changes of one record, in an order in which they could have happened.
struct History: Sendable {
    let schema: RecordSchema
    let events: [Event]
    /// Where the hub put them, for those that reached it.
    let sequences: [Dot: UInt64]
    /// When the hub received them: strictly growing with the sequence.
    let receipts: [Dot: HybridTimestamp]

    /// The stamp of an event once everything is known of it.
    func stamp(_ index: Int) -> Stamp {
        let change = events[index].change
        let bound = receipts[change.dot] ?? change.timestamp
        return Stamp(
            dot: change.dot,
            sequence: sequences[change.dot],
            timestamp: min(change.timestamp, bound),
            author: change.author
        )
    }

    func sees(_ index: Int, _ other: Int) -> Bool {
        events[index].sight.contains(events[other].dot)
    }

    /// Every event that must be there before these can be, and these, in order: what they have seen,
    /// and what that had seen.
    func past(of indices: some Sequence<Int>) -> [Int] {
        var found = Set(indices)
        for event in events.indices.reversed()
        where !found.contains(event) && found.contains(where: { sees($0, event) }) {
            found.insert(event)
        }
        return found.sorted()
    }

    /// All sets of events that are closed under causality.
    func downsets() -> [[Int]] {
        (0..<(1 << events.count))
            .compactMap { mask in
                let set = events.indices.filter { mask & (1 << $0) != 0 }
                return past(of: set) == set ? set : nil
            }
    }

    /// Every order of these events that respects causality.
    func linearExtensions(of set: [Int]) -> [[Int]] {
        guard !set.isEmpty else { return [[]] }
        return set.flatMap { last -> [[Int]] in
            guard !set.contains(where: { $0 != last && sees($0, last) }) else { return [] }
            return linearExtensions(of: set.filter { $0 != last }).map { $0 + [last] }
        }
    }

    /// Some order of these events that respects causality.
    func randomExtension(of set: [Int], using random: inout SplitMix64) -> [Int] {
        var rest = set
        var result: [Int] = []
        while !rest.isEmpty {
            let ready = rest.filter { event in
                !rest.contains { $0 != event && sees(event, $0) }
            }
            let next = ready[random.below(ready.count)]
            result.append(next)
            rest.removeAll { $0 == next }
        }
        return result
    }

    /// The engine's state after these events in this order, with anchored contexts.
    func record(_ order: [Int]) -> CausalRecord {
        var record = CausalRecord(schema: schema)
        for index in order { apply(index, to: &record) }
        return record
    }

    func apply(_ index: Int, to record: inout CausalRecord) {
        let event = events[index]
        record.state.apply(
            event.actions,
            stamp: stamp(index),
            past: event.change.past,
            schema: schema
        )
        record.knowledge.insert(event.dot)
    }

    /// The same with full version vectors in place of anchored contexts.
    func recordByVectors(_ order: [Int]) -> CausalRecord {
        var record = CausalRecord(schema: schema)
        for index in order {
            let event = events[index]
            record.state.apply(
                event.actions,
                stamp: stamp(index),
                past: event.sight,
                schema: schema
            )
            record.knowledge.insert(event.dot)
        }
        return record
    }

    /// The oracle over these events.
    func reference(_ set: [Int]) -> NaiveReference {
        NaiveReference(
            schema: schema,
            changes: set.map { index in
                NaiveChange(
                    name: UInt64(index),
                    dot: events[index].dot,
                    seen: Set(events.indices.filter { sees(index, $0) }.map { UInt64($0) }),
                    time: stamp(index).timestamp,
                    author: events[index].change.author,
                    actions: events[index].actions
                )
            }
        )
    }

    /// The common ancestors that a store would find for the text slots of this state.
    func ancestors(_ state: RecordState, _ set: [Int]) -> [SlotKey: String] {
        var result: [SlotKey: String] = [:]
        for (slot, siblings) in state.mergedTexts(in: schema) {
            let writes = set.compactMap { index in
                TextWrite.text(of: slot, in: events[index].actions)
                    .map {
                        TextWrite(stamp: stamp(index), past: events[index].change.past, text: $0)
                    }
            }
            result[slot] = TextAncestry(of: slot, in: schema, timeZoneMinutes: 0)?
                .ancestor(of: siblings, in: writes)
        }
        return result
    }

    /// What the engine shows of these events, in the form of the reference.
    func shown(_ state: RecordState, _ set: [Int]) -> Shown {
        var shown = Shown(
            RecordView(of: state, schema: schema, ancestors: ancestors(state, set)),
            creation: state.creation?.dot
        )
        for (slot, value) in shown.values where schema.policy(of: slot) == .text(.concatenate) {
            if case .text(let text) = value { shown.values[slot] = .text(History.parts(of: text)) }
        }
        return shown
    }

    /// The lines of a concatenation without times, sorted: what the reference knows of it.
    private static func parts(of text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line -> String in
                guard line.hasPrefix("〔"), let end = line.firstIndex(of: "〕") else {
                    return String(line)
                }
                // An author, a space and a civil minute.
                return String(line[..<end].dropLast(" 2026-09-21 14:13".count) + line[end...])
            }
        return lines.sorted().joined(separator: "\n")
    }
}
