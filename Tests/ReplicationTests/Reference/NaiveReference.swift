import Replication

/// One change with everything its writer had seen, itself included.
struct NaiveChange: Hashable {
    let dot: Dot
    let seen: [ReplicaID: UInt64]
    let time: HybridTimestamp
    let author: String
    let actions: [Operation.Action]

    func saw(_ other: NaiveChange) -> Bool {
        (seen[other.dot.replica] ?? 0) >= other.dot.counter
    }

    func isConcurrent(with other: NaiveChange) -> Bool {
        !saw(other) && !other.saw(self)
    }

    func isLater(than other: NaiveChange) -> Bool {
        let mine = (time.wallTime, UInt64(time.logical), dot.replica.rawValue, dot.counter)
        let theirs = (
            other.time.wallTime, UInt64(other.time.logical), other.dot.replica.rawValue,
            other.dot.counter
        )
        return theirs < mine
    }
}

/// The oracle: what a set of changes means for one record, worked out from nothing every time.
///
/// It keeps the whole set with full version vectors, compares each change with each, and shares no
/// code with the engine's merge.
struct NaiveReference {
    let schema: RecordSchema
    let changes: [NaiveChange]

    struct Write: Hashable {
        let change: NaiveChange
        let value: FieldValue

        var number: Int64? {
            switch value {
            case .integer(let number), .scaled(let number), .timestamp(let number): number
            case .boolean(let flag): flag ? 1 : 0
            default: nil
            }
        }
    }

    func shown() -> Shown {
        var result = Shown()
        for (slot, writes) in writes() {
            show(slot, writes, in: &result)
        }
        showLifecycle(in: &result)
        showSeals(in: &result)
        result.values = result.values.filter { $0.value != .null }
        return result
    }

    /// Every write by slot; of two writes of one change to one slot the last one.
    func writes() -> [SlotKey: Set<Write>] {
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

    /// The writes that no other write of the slot has seen.
    func maximal(_ writes: Set<Write>) -> Set<Write> {
        writes.filter { write in
            !writes.contains { $0.change.dot != write.change.dot && $0.change.saw(write.change) }
        }
    }

    func policy(of slot: SlotKey) -> MergePolicy {
        if slot.field == 0 { return schema.unlistedFields?.policy ?? .keepSiblings }
        return schema.fields.first { $0.number == slot.field }?.policy ?? .keepSiblings
    }
}

extension NaiveReference {
    private func show(_ slot: SlotKey, _ writes: Set<Write>, in result: inout Shown) {
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
            // As in the literature: an addition counts unless a removal has observed it.
            let removals = writes.filter { $0.value != .boolean(true) }
            let isPresent = writes.contains { add in
                add.value == .boolean(true) && !removals.contains { $0.change.saw(add.change) }
            }
            if isPresent { result.values[slot] = .boolean(true) }
        case .maximum, .minimum, .sticky:
            result.values[slot] = extreme(slot, writes)?.value
        case .counter:
            result.values[slot] = .integer(totals(writes).reduce(0) { $0 + ($1.number ?? 0) })
        case .text(let overlap):
            showText(slot, writes, maximal, overlap, in: &result)
        }
    }

    private func disagree(
        _ slot: SlotKey,
        _ maximal: Set<Write>,
        shown: FieldValue?,
        in result: inout Shown
    ) {
        guard Set(maximal.map(\.value)).count > 1 else { return }
        result.conflicts[.slot(slot)] = Shown.Disagreement(
            candidates: Set(maximal.map { claim($0, slot) }),
            shown: shown ?? .null
        )
    }

    private func claim(_ write: Write, _ slot: SlotKey) -> Shown.Claim {
        Shown.Claim(slot: slot, dot: write.change.dot, value: write.value)
    }

    private func extreme(_ slot: SlotKey, _ writes: Set<Write>) -> Write? {
        let sign: Int64 = policy(of: slot) == .minimum ? -1 : 1
        let ranked = writes.sorted { $0.change.dot < $1.change.dot }
        return
            ranked.max { left, right in
                guard let right = right.number else { return false }
                guard let left = left.number else { return true }
                return left * sign < right * sign
            }
            .flatMap { best in ranked.first { $0.value == best.value } }
    }

    private func totals(_ writes: Set<Write>) -> Set<Write> {
        writes.filter { write in
            !writes.contains {
                $0.change.dot.replica == write.change.dot.replica
                    && $0.change.dot.counter > write.change.dot.counter
            }
        }
    }

    /// What the state must hold of a slot: the maximal writes, and what the policy counts besides.
    func kept(_ slot: SlotKey, _ writes: Set<Write>) -> Set<Write> {
        switch policy(of: slot) {
        case .counter: totals(writes)
        case .maximum, .minimum, .sticky:
            maximal(writes).union(extreme(slot, writes).map { [$0] } ?? [])
        default: maximal(writes)
        }
    }
}

extension NaiveReference {
    private func showText(
        _ slot: SlotKey,
        _ writes: Set<Write>,
        _ maximal: Set<Write>,
        _ overlap: MergePolicy.TextOverlap,
        in result: inout Shown
    ) {
        let latest = maximal.max { $1.change.isLater(than: $0.change) }
        guard Set(maximal.map(\.value)).count > 1 else {
            result.values[slot] = latest?.value
            return
        }
        switch merged(maximal, among: writes) {
        case .merged(let text): result.values[slot] = .text(text)
        case .undecidable: result.undecided.insert(slot)
        case .overlap where overlap == .siblings:
            result.values[slot] = latest?.value
            disagree(slot, maximal, shown: latest?.value, in: &result)
        case .overlap: result.undecided.insert(slot)
        }
    }

    private func merged(_ siblings: Set<Write>, among writes: Set<Write>) -> NaiveText.Outcome {
        let base: String
        switch ancestor(of: siblings, among: writes) {
        case .merged(let text): base = text
        case let other: return other
        }
        let sorted = siblings.sorted { $0.change.dot < $1.change.dot }
        guard case .text(var result)? = sorted.first?.value else { return .overlap }
        for sibling in sorted.dropFirst() {
            guard case .text(let text) = sibling.value else { return .overlap }
            switch NaiveText.merge(base: base, result, text) {
            case .merged(let text): result = text
            case let other: return other
            }
        }
        return .merged(result)
    }

    private func ancestor(of siblings: Set<Write>, among writes: Set<Write>) -> NaiveText.Outcome {
        let shared = writes.subtracting(siblings)
            .filter { write in
                siblings.allSatisfy { $0.change.saw(write.change) }
            }
        let latest = maximal(shared)
        guard let first = latest.first else { return .merged("") }
        guard latest.count == 1 else { return merged(latest, among: shared) }
        guard case .text(let text) = first.value else { return .undecidable }
        return .merged(text)
    }
}

extension NaiveReference {
    private func showLifecycle(in result: inout Shown) {
        var said: [NaiveChange: (isEnd: Bool, isVoid: Bool)] = [:]
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
        let creations = changes.filter { $0.actions.contains(.create) }
        result.creation = creations.min { $1.isLater(than: $0) }?.dot
        let marks = said.filter { mark in
            !said.keys.contains { $0.dot != mark.key.dot && $0.saw(mark.key) }
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
            let contests = edits.filter { $0.isConcurrent(with: ending) }
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
        result.conflicts[.lifecycle] = Shown.Disagreement(
            candidates: Set(
                candidates.map { Shown.Claim(slot: nil, dot: $0.key, value: .boolean($0.value)) }
            ),
            shown: .boolean(false)
        )
    }

    private func showSeals(in result: inout Shown) {
        var sealed: [NaiveChange: [Operation.SealedValue]] = [:]
        for change in changes {
            for case .seal(_, let content) in change.actions { sealed[change] = content }
        }
        result.seals = Set(sealed.keys.map(\.dot))
        // Immutable from the seal on: a seal that has seen another one does not replace it.
        let roots = sealed.keys.filter { seal in
            !sealed.keys.contains { $0 != seal && seal.saw($0) }
        }
        guard let first = roots.min(by: { $1.isLater(than: $0) }) else { return }
        let content = sealed[first] ?? []
        var standing: [SlotKey: FieldValue] = [:]
        for value in content { standing[value.slot] = value.value }
        result.values = standing
        for (slot, writes) in writes() {
            for write in kept(slot, writes) where write.value != standing[slot] ?? .null {
                result.supplements.insert(claim(write, slot))
            }
        }
    }
}
