import Replication

/// One change of one record, with the changes of the record that its writer had seen.
struct FleetReferenceChange: Hashable {
    let token: FleetToken
    let dot: Dot
    let time: HybridTimestamp
    let seen: Set<FleetToken>
    let actions: [Operation.Action]

    func saw(_ other: FleetReferenceChange) -> Bool {
        token == other.token || seen.contains(other.token)
    }

    func isLater(than other: FleetReferenceChange) -> Bool {
        let mine = (time.wallTime, UInt64(time.logical), dot.replica.rawValue, dot.counter)
        let theirs = (
            other.time.wallTime, UInt64(other.time.logical), other.dot.replica.rawValue,
            other.dot.counter
        )
        return theirs < mine
    }
}

/// What a set of changes means for one record, worked out from nothing every time.
///
/// It compares each change with each, by explicit sets of what was seen, and shares no code with the
/// engine's merge. Texts with concurrent edits are undecided here: the merge of texts has an oracle
/// of its own in the tests of `Replication`.
struct FleetReference {
    let schema: RecordSchema
    let changes: [FleetReferenceChange]

    struct Write: Hashable {
        let change: FleetReferenceChange
        let value: FieldValue

        var number: Int64? {
            switch value {
            case .integer(let number), .scaled(let number), .timestamp(let number): number
            case .boolean(let flag): flag ? 1 : 0
            default: nil
            }
        }
    }

    func shown() -> FleetShown {
        var result = FleetShown()
        let all = writes()
        for (slot, writes) in all { show(slot, writes, in: &result) }
        showLifecycle(in: &result)
        showSeals(all, in: &result)
        result.values = result.values.filter { !$0.value.isNull }
        return result
    }

    /// The values that stand in a field, all concurrent ones.
    func standing(_ field: UInt32) -> [FieldValue] {
        maximal(writes()[SlotKey(field)] ?? []).map(\.value)
    }

    private func writes() -> [SlotKey: Set<Write>] {
        var result: [SlotKey: Set<Write>] = [:]
        for change in changes {
            var last: [SlotKey: FieldValue] = [:]
            for case .write(let slot, let value) in change.actions { last[slot] = value }
            for (slot, value) in last {
                result[slot, default: []].insert(Write(change: change, value: value))
            }
        }
        return result
    }

    private func maximal(_ writes: Set<Write>) -> Set<Write> {
        writes.filter { write in
            !writes.contains {
                $0.change.token != write.change.token && $0.change.saw(write.change)
            }
        }
    }

    private func policy(of slot: SlotKey) -> MergePolicy {
        schema.fields.first { $0.number == slot.field }?.policy ?? .keepSiblings
    }

    private func show(_ slot: SlotKey, _ writes: Set<Write>, in result: inout FleetShown) {
        let maximal = maximal(writes)
        let latest = maximal.max { $1.change.isLater(than: $0.change) }
        switch policy(of: slot) {
        case .lastWriter, .hubOnly:
            result.values[slot] = latest?.value
        case .keepSiblings, .growOnly:
            result.values[slot] = latest?.value
            disagree(slot, maximal, shown: latest?.value, in: &result)
        case .claim:
            let earliest = maximal.min { $1.change.isLater(than: $0.change) }
            result.values[slot] = earliest?.value
            disagree(slot, maximal, shown: earliest?.value, in: &result)
        case .addWinsSet:
            let removals = writes.filter { $0.value != .boolean(true) }
            let isPresent = writes.contains { add in
                add.value == .boolean(true) && !removals.contains { $0.change.saw(add.change) }
            }
            if isPresent { result.values[slot] = .boolean(true) }
        case .maximum, .minimum, .sticky:
            result.values[slot] = extreme(slot, writes)?.value
        case .counter:
            result.values[slot] = .integer(totals(writes).reduce(0) { $0 + ($1.number ?? 0) })
        case .text:
            if Set(maximal.map(\.value)).count > 1 {
                result.undecided.insert(slot)
            } else {
                result.values[slot] = latest?.value
            }
        }
    }

    private func disagree(
        _ slot: SlotKey,
        _ maximal: Set<Write>,
        shown: FieldValue?,
        in result: inout FleetShown
    ) {
        guard Set(maximal.map(\.value)).count > 1 else { return }
        result.conflicts[.slot(slot)] = FleetShown.Disagreement(
            candidates: Set(
                maximal.map { FleetShown.Claim(slot: slot, dot: $0.change.dot, value: $0.value) }
            ),
            shown: shown ?? .null
        )
    }

    private func extreme(_ slot: SlotKey, _ writes: Set<Write>) -> Write? {
        let sign: Int64 = policy(of: slot) == .minimum ? -1 : 1
        return writes.filter { $0.number != nil }
            .max { left, right in
                let (l, r) = ((left.number ?? 0) * sign, (right.number ?? 0) * sign)
                return l == r ? left.change.dot < right.change.dot : l < r
            }
    }

    /// A counter's write is its replica's total: the last one of each counts.
    private func totals(_ writes: Set<Write>) -> Set<Write> {
        writes.filter { write in
            !writes.contains {
                $0.change.dot.replica == write.change.dot.replica
                    && $0.change.dot.counter > write.change.dot.counter
            }
        }
    }

    /// What the state must hold of a slot: the maximal writes, and what the policy counts besides.
    private func kept(_ slot: SlotKey, _ writes: Set<Write>) -> Set<Write> {
        switch policy(of: slot) {
        case .counter: totals(writes)
        case .maximum, .minimum, .sticky:
            maximal(writes).union(extreme(slot, writes).map { [$0] } ?? [])
        default: maximal(writes)
        }
    }
}

extension FleetReference {
    private func showLifecycle(in result: inout FleetShown) {
        var said: [FleetReferenceChange: (isEnd: Bool, isVoid: Bool)] = [:]
        for change in changes {
            for action in change.actions {
                switch action {
                case .create, .undelete: said[change] = (false, false)
                case .delete: said[change] = (true, false)
                case .void: said[change] = (true, true)
                default: break
                }
            }
        }
        let marks = said.filter { mark in
            !said.keys.contains { $0.token != mark.key.token && $0.saw(mark.key) }
        }
        let edits = changes.filter { change in
            change.actions.contains { if case .write = $0 { true } else { false } }
        }
        let endings = marks.filter(\.value.isEnd)
        guard !endings.isEmpty else {
            result.lifecycle = marks.isEmpty ? .unknown : .live
            return
        }
        var candidates: [Dot: Bool] = [:]
        for ending in endings.keys {
            let contests = edits.filter { !$0.saw(ending) && !ending.saw($0) }
            if let latest = contests.max(by: { $1.isLater(than: $0) }) {
                candidates[latest.dot] = false
            }
        }
        let isContested = !candidates.isEmpty || endings.count < marks.count
        let isVoid = endings.values.contains(where: \.isVoid)
        if !isContested || (!isVoid && schema.concurrentDelete == .delete) {
            result.lifecycle = isVoid ? .voided : .deleted
            return
        }
        for (mark, what) in marks { candidates[mark.dot] = what.isEnd }
        result.lifecycle = isVoid ? .disputed : .contestedDeletion
        result.conflicts[.lifecycle] = FleetShown.Disagreement(
            candidates: Set(
                candidates.map {
                    FleetShown.Claim(slot: nil, dot: $0.key, value: .boolean($0.value))
                }
            ),
            shown: .boolean(false)
        )
    }

    private func showSeals(_ all: [SlotKey: Set<Write>], in result: inout FleetShown) {
        var sealed: [FleetReferenceChange: [Operation.SealedValue]] = [:]
        for change in changes {
            for case .seal(_, let content) in change.actions { sealed[change] = content }
        }
        result.seals = Set(sealed.keys.map(\.dot))
        let roots = sealed.keys.filter { seal in
            !sealed.keys.contains { $0 != seal && seal.saw($0) }
        }
        guard let first = roots.min(by: { $1.isLater(than: $0) }) else { return }
        var standing: [SlotKey: FieldValue] = [:]
        for value in sealed[first] ?? [] { standing[value.slot] = value.value }
        result.values = standing
        result.undecided = []
        for (slot, writes) in all {
            for write in kept(slot, writes) where write.value != standing[slot] ?? .null {
                result.supplements.insert(
                    .init(slot: slot, dot: write.change.dot, value: write.value)
                )
            }
        }
    }
}
