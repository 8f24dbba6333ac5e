import MergeServer
import Replication
import SyncCore

/// One record's changes at the hub, to be put together in other ways than the hub did: by all that
/// their writers had seen, and by no anchor, context or receipt.
struct FleetHistory {
    let key: RecordKey
    private let schema: RecordSchema
    /// In the hub's order.
    private let items: [Batch.Item]
    /// When each was written by a right clock.
    private let times: [HybridTimestamp]
    /// Of each the changes that its writer had seen, itself included.
    private let seen: [Set<Dot>]
    /// Of each those changes, and all that their writers had seen, by place.
    private let closures: [Set<Int>]

    /// What a copy knows.
    private struct Known: CausalKnowledge {
        let dots: Set<Dot>

        func contains(_ dot: Dot, sequence: UInt64?) -> Bool { dots.contains(dot) }
    }

    /// A copy of the record.
    private struct Copy {
        var state: RecordState
        var dots: Set<Dot>

        mutating func merge(_ other: Copy, _ schema: RecordSchema) {
            state.merge(
                other.state,
                knowledge: Known(dots: dots),
                otherKnowledge: Known(dots: other.dots),
                schema: schema
            )
            dots.formUnion(other.dots)
        }
    }

    /// - Returns: nil for a record of which the hub said something itself: what it collects is folded
    ///   and never merged.
    init?(
        _ key: RecordKey,
        _ schema: RecordSchema,
        _ rows: [Batch.Item],
        _ ledger: FleetLedger
    ) {
        var items: [Batch.Item] = []
        var places: [FleetToken: Int] = [:]
        var times: [HybridTimestamp] = []
        var seen: [Set<Dot>] = []
        var closures: [Set<Int>] = []
        // A note without actions says where a record is, and nothing of it.
        for item in rows where !item.entry.actions.isEmpty {
            guard let token = FleetToken(reason: item.entry.reason),
                let change = ledger.written[token]
            else { return nil }
            let before = ledger.seen(token, of: key).compactMap { places[$0] }
            seen.append(Set(before.map { items[$0].entry.dot } + [item.entry.dot]))
            closures.append(before.reduce(into: [items.count]) { $0.formUnion(closures[$1]) })
            places[token] = items.count
            times.append(HybridTimestamp(wallTime: FleetHub.start + change.at))
            items.append(item)
        }
        guard !items.isEmpty else { return nil }
        (self.key, self.schema, self.items) = (key, schema, items)
        (self.times, self.seen, self.closures) = (times, seen, closures)
    }

    /// What these changes add up to, in the hub's order.
    private func state(of places: some Sequence<Int>, byTrueClocks: Bool = false) -> RecordState {
        var state = RecordState()
        for place in places.sorted() {
            let item = items[place]
            let bounded = min(item.entry.timestamp, item.bound ?? item.entry.timestamp)
            state.apply(
                item.entry.actions,
                stamp: Stamp(
                    dot: item.entry.dot,
                    sequence: item.sequence,
                    timestamp: byTrueClocks ? times[place] : bounded,
                    author: item.entry.author
                ),
                past: Known(dots: seen[place]),
                schema: schema
            )
        }
        return state
    }

    private func copy(of places: Set<Int>) -> Copy {
        Copy(state: state(of: places), dots: Set(places.map { items[$0].entry.dot }))
    }

    // MARK: I8

    /// So many copies are put together; the law needs no more.
    private static let copiesMax = 5

    /// In what the copies of those who wrote last do not merge to what all their changes add up to;
    /// nil in nothing.
    ///
    /// - `forgets`: a planted fault.
    func brokenLaw(forgets: Bool = false) -> String? {
        let under = closures.indices.reduce(into: Set<Int>()) { all, place in
            all.formUnion(closures[place].subtracting([place]))
        }
        let last = closures.indices.filter { !under.contains($0) }.prefix(Self.copiesMax)
        let sets = last.map { closures[$0] } + [closures[closures.count / 2]]
        guard sets.count > 2 else { return nil }
        var copies = sets.map(copy)
        let whole = state(of: sets.reduce(into: Set()) { $0.formUnion($1) })
        if forgets { copies[0].state = RecordState() }
        var forward = copies[0]
        for copy in copies.dropFirst() { forward.merge(copy, schema) }
        guard forward.state == whole else { return "its copies do not merge to the whole" }
        var backward = copies[copies.count - 1]
        for copy in copies.dropLast().reversed() { backward.merge(copy, schema) }
        guard backward.state == whole else { return "merging its copies does not commute" }
        var nested = copies[copies.count - 1]
        for copy in copies.dropLast().reversed() {
            var next = copy
            next.merge(nested, schema)
            nested = next
        }
        guard nested.state == whole else { return "merging its copies is not associative" }
        forward.merge(copies[0], schema)
        forward.merge(forward, schema)
        return forward.state == whole ? nil : "merging its copies twice changes something"
    }

    // MARK: I15

    /// What would be otherwise if every clock had been right, and may not be; nil for nothing.
    ///
    /// Clocks may decide which of several concurrent writes is shown meanwhile, never which are kept,
    /// whether a conflict is open, or what a policy makes of them that asks for no time.
    ///
    /// - `forgets`: a planted fault.
    func decidedByClocks(forgets: Bool = false) -> String? {
        let all = closures.indices
        let mine = state(of: all)
        let right = state(of: forgets ? all.dropLast() : all, byTrueClocks: true)
        guard mine.slots.map(\.key) == right.slots.map(\.key) else { return "which slots it has" }
        for (slot, other) in zip(mine.slots, right.slots) {
            guard
                slot.siblings.map(\.stamp.dot).sorted() == other.siblings.map(\.stamp.dot).sorted()
            else { return "which writes of field \(slot.key.field) are kept" }
        }
        guard mine.marks.map(\.stamp.dot) == right.marks.map(\.stamp.dot),
            mine.marks.map({ $0.contest == nil }) == right.marks.map({ $0.contest == nil })
        else { return "whether it exists" }
        guard mine.seals.map(\.stamp.dot) == right.seals.map(\.stamp.dot),
            mine.seals.map(\.covered) == right.seals.map(\.covered)
        else { return "what its seals had seen" }
        return difference(
            RecordView(of: mine, schema: schema),
            RecordView(of: right, schema: schema),
            mine
        )
    }

    private func difference(
        _ mine: RecordView,
        _ right: RecordView,
        _ state: RecordState
    ) -> String? {
        guard mine.lifecycle == right.lifecycle else { return "whether it is shown" }
        // Of concurrent seals the earliest stands meanwhile, and a conflict is open if they differ.
        guard mine.standingSeal?.stamp.dot == right.standingSeal?.stamp.dot else {
            let isOpen = mine.conflicts.contains { $0.subject == .seal }
            return mine.seals.count > 1
                && isOpen == right.conflicts.contains { $0.subject == .seal }
                ? nil : "which seal stands"
        }
        guard mine.conflicts.map(\.subject) == right.conflicts.map(\.subject) else {
            return "which conflicts are open"
        }
        let timed = Set(state.slots.filter { !isTimeless($0) }.map(\.key))
        func timeless(_ view: RecordView) -> [RecordView.SlotValue] {
            view.values.filter { !timed.contains($0.slot) }
        }
        return timeless(mine) == timeless(right) ? nil : "a value that asks for no time"
    }

    /// Whether what is shown of a slot asks for no time.
    private func isTimeless(_ slot: Slot) -> Bool {
        if slot.siblings.count == 1 { return true }
        switch schema.policy(of: slot.key) {
        case .addWinsSet, .maximum, .minimum, .sticky, .counter, .keepLeast: return true
        default: return false
        }
    }
}

extension FleetRun {
    /// I8 and I15 of these records as the hub has them, or of all.
    func checkLaws(of keys: Set<RecordKey>?) {
        guard report.violations.isEmpty else { return }
        var rows: [RecordKey: [Batch.Item]] = [:]
        for item in log.items where keys?.contains(item.entry.record) ?? true {
            rows[item.entry.record, default: []].append(item)
        }
        for (key, items) in rows.sorted(by: { $0.key < $1.key }) where items.count > 1 {
            guard let record = schema.record(key.type),
                let history = FleetHistory(key, record, items, ledger)
            else { continue }
            if let law = history.brokenLaw(forgets: options.plant == .forgetfulMerge) {
                return violate(.algebra, "\(key.type)/\(key.id): \(law)")
            }
            if let what = history.decidedByClocks(forgets: options.plant == .decidingClock) {
                return violate(.clockIndependence, "\(key.type)/\(key.id): clocks decide \(what)")
            }
        }
    }

    /// What the hub keeps of every record, without times, values and its own numbers.
    func structure(of storage: SQLiteHubStorage) throws -> String {
        var lines: [String] = []
        try storage.forEachRecord { key, _, state, view in
            var line = "\(key.type)/\(key.id) \(view.lifecycle)"
            for slot in state.slots {
                line += " \(slot.key.field):\(slot.siblings.map(\.stamp.dot).sorted())"
            }
            line += " \(state.marks.map(\.stamp.dot)) \(state.seals.map(\.stamp.dot))"
            lines.append(line + " \(view.conflicts.map { "\($0.subject)" })")
        }
        var hash = StableHash()
        for line in lines.sorted() { hash.add(line.utf8) }
        return hash.text
    }
}
