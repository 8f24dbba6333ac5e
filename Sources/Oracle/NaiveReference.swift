package import Replication

/// One change of one record; the later is the greater.
///
/// Changes have names of the caller's, which may outlive their dots.
package struct NaiveChange: Hashable, Comparable {
    package let name: UInt64
    package let dot: Dot
    /// The names of all changes of the record that its writer had seen: the full version vector.
    let seen: Set<UInt64>
    let time: HybridTimestamp
    let author: String
    package let actions: [Operation.Action]

    package init(
        name: UInt64,
        dot: Dot,
        seen: Set<UInt64>,
        time: HybridTimestamp,
        author: String,
        actions: [Operation.Action]
    ) {
        (self.name, self.dot, self.seen) = (name, dot, seen)
        (self.time, self.author, self.actions) = (time, author, actions)
    }

    private var order: (Int64, UInt32, UInt64, UInt64) {
        (time.wallTime, time.logical, dot.replica.rawValue, dot.counter)
    }

    func saw(_ other: NaiveChange) -> Bool { name == other.name || seen.contains(other.name) }

    package static func == (lhs: NaiveChange, rhs: NaiveChange) -> Bool { lhs.name == rhs.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
    package static func < (lhs: NaiveChange, rhs: NaiveChange) -> Bool { lhs.order < rhs.order }
}

/// The oracle: what a set of changes means for one record, worked out from nothing every time.
///
/// It compares each change with each by all that its writer had seen, and shares no code with the
/// engine's merge.
package struct NaiveReference {
    package let schema: RecordSchema
    package let changes: [NaiveChange]

    package init(schema: RecordSchema, changes: [NaiveChange]) {
        (self.schema, self.changes) = (schema, changes)
    }

    /// The writes of one slot; of two writes of one change the last one.
    package typealias Writes = [NaiveChange: FieldValue]

    package func shown() -> Shown {
        var result = Shown()
        for (slot, writes) in writes() { show(slot, writes, maximal(writes), in: &result) }
        showLifecycle(in: &result)
        showSeals(in: &result)
        result.values = result.values.filter { $0.value != .null }
        return result
    }

    /// The values that stand in a field, all concurrent ones.
    package func standing(_ field: UInt32) -> [FieldValue] {
        Array(maximal(writes()[SlotKey(field)] ?? [:]).values)
    }

    package func writes() -> [SlotKey: Writes] {
        var result: [SlotKey: Writes] = [:]
        for change in changes {
            for case .write(let slot, let value) in change.actions
            where !isCollected(change, slot.field) {
                result[slot, default: [:]][change] = value
            }
        }
        return result
    }

    /// Whether a collection had seen the change, and lets go of what it wrote to the field.
    private func isCollected(_ change: NaiveChange, _ field: UInt32) -> Bool {
        changes.contains { isCollected(change, field, by: $0) }
    }

    private func isCollected(
        _ change: NaiveChange,
        _ field: UInt32,
        by collection: NaiveChange
    ) -> Bool {
        // What most changes are not is asked first.
        let collects = collection.actions.contains {
            if case .collect(let fields) = $0 { !fields.contains(field) } else { false }
        }
        return collects && collection != change && collection.saw(change)
            && isEffective(collection)
    }

    /// Whether a collection took all that an edit wrote, and stands before an end that it had not
    /// seen: nothing of the edit is left to stand against it.
    private func isGone(_ edit: NaiveChange, before end: NaiveChange) -> Bool {
        edit.actions.allSatisfy { action in
            if case .seal = action { return false }
            guard case .write(let slot, _) = action else { return true }
            return changes.contains {
                $0 != end && !$0.saw(end) && isCollected(edit, slot.field, by: $0)
            }
        }
    }

    /// A collection that had seen a seal takes nothing.
    private func isEffective(_ collection: NaiveChange) -> Bool {
        !changes.contains { change in
            change != collection && collection.saw(change)
                && change.actions.contains { if case .seal = $0 { true } else { false } }
        }
    }

    /// What the state must hold of a slot: the maximal writes, and what the policy counts besides.
    package func kept(_ slot: SlotKey, _ writes: Writes) -> Writes {
        switch policy(of: slot) {
        case .counter: totals(writes)
        case .maximum, .minimum, .sticky: maximal(writes).merging(extreme(slot, writes)) { $1 }
        default: maximal(writes)
        }
    }

    private func maximal(_ changes: some Collection<NaiveChange>) -> [NaiveChange] {
        changes.filter { change in !changes.contains { $0 != change && $0.saw(change) } }
    }

    /// The writes that no other write of the slot has seen.
    private func maximal(_ writes: Writes) -> Writes {
        let changes = maximal(writes.keys)
        return writes.filter { changes.contains($0.key) }
    }

    private func policy(of slot: SlotKey) -> MergePolicy {
        let field = schema.fields.first { $0.number == slot.field }
        return field?.policy ?? schema.unlistedFields?.policy ?? .keepSiblings
    }

    private func show(_ slot: SlotKey, _ writes: Writes, _ kept: Writes, in result: inout Shown) {
        let latest = kept.max { $0.key < $1.key }?.value
        switch policy(of: slot) {
        case .lastWriter, .hubOnly: result.values[slot] = latest
        case .keepSiblings, .growOnly: disagree(slot, kept, latest, &result)
        case .claim:
            let earliest = kept.filter { $0.value != .null }.min { $0.key < $1.key }?.value
            disagree(slot, kept, earliest ?? latest, &result)
        case .keepLeast: disagree(slot, kept, extreme(slot, kept).values.first, &result)
        case .addWinsSet:
            // As in the literature: an addition counts unless a removal has observed it.
            let adds = writes.filter { $0.value == .boolean(true) }.keys
            let removals = writes.filter { $0.value != .boolean(true) }.keys
            let isPresent = adds.contains { add in !removals.contains { $0.saw(add) } }
            if isPresent { result.values[slot] = .boolean(true) }
        case .maximum, .minimum, .sticky: result.values[slot] = extreme(slot, writes).values.first
        case .counter:
            let sum = totals(writes).values
                .reduce(Int64(0)) { if case .integer(let part) = $1 { $0 + part } else { $0 } }
            result.values[slot] = .integer(sum)
        case .text where Set(kept.values).count < 2: result.values[slot] = latest
        case .text(let overlap):
            switch merged(kept, among: writes, overlap) {
            case .merged(let text):
                let isCleared = text.isEmpty && kept.values.contains(.null)
                result.values[slot] = isCleared ? .null : .text(text)
            case .undecidable: result.undecided.insert(slot)
            case .overlap where overlap == .siblings: disagree(slot, kept, latest, &result)
            case .overlap:
                let texts = kept.compactMapValues(text).filter { !$0.value.isEmpty }
                let parts = texts.map { "〔\($0.key.author)〕\($0.value)" }
                result.values[slot] = .text(parts.sorted().joined(separator: "\n"))
            }
        }
    }

    private func claims(_ slot: SlotKey?, _ values: Writes) -> Set<Shown.Claim> {
        Set(values.map { Shown.Claim(slot: slot, dot: $0.key.dot, value: $0.value) })
    }

    private func disagree(_ slot: SlotKey, _ kept: Writes, _ shown: FieldValue?, _ all: inout Shown)
    {
        all.values[slot] = shown
        guard Set(kept.values).count > 1 else { return }
        all.conflicts[.slot(slot)] = .init(claims(slot, kept), shown ?? .null)
    }

    /// How far a value has come in a monotone slot; one of a wrong kind not even to nothing.
    private func rank(_ value: FieldValue, _ slot: SlotKey) -> (Int, Int64) {
        switch (policy(of: slot), value) {
        case (.sticky, .boolean(let flag)): (2, flag ? 1 : 0)
        case (.maximum, .integer(let number)): (2, number)
        case (.minimum, .integer(let number)), (.minimum, .timestamp(let number)),
            (.keepLeast, .integer(let number)), (.keepLeast, .timestamp(let number)):
            (2, -number)
        case (_, .null): (1, 0)
        default: (0, 0)
        }
    }

    /// The write that has come farthest; of equal ones that with the lowest dot.
    private func extreme(_ slot: SlotKey, _ writes: Writes) -> Writes {
        let ordered = writes.sorted { $1.key.dot < $0.key.dot }
        let best = ordered.max { rank($0.value, slot) <= rank($1.value, slot) }
        return writes.filter { $0.key == best?.key }
    }

    private func totals(_ writes: Writes) -> Writes {
        writes.filter { write in
            !writes.keys.contains {
                $0.dot.replica == write.key.dot.replica && $0.dot.counter > write.key.dot.counter
            }
        }
    }

    private func text(_ value: FieldValue) -> String? {
        if case .text(let text) = value { text } else { value == .null ? "" : nil }
    }

    private func merged(
        _ kept: Writes,
        among writes: Writes,
        _ overlap: MergePolicy.TextOverlap
    ) -> NaiveText.Outcome {
        let texts = Set(kept.values.compactMap(text))
        guard kept.values.allSatisfy({ text($0) != nil }) else { return .overlap }
        if let only = texts.first, texts.count == 1 { return .merged(only) }
        let shared = writes.filter { write in
            text(write.value) != nil && kept[write.key] == nil
                && kept.keys.allSatisfy { $0.saw(write.key) }
        }
        guard !shared.isEmpty else { return NaiveText.merge(base: "", texts) }
        let base = merged(maximal(shared), among: shared, overlap)
        if case .merged(let base) = base { return NaiveText.merge(base: base, texts) }
        // Of a concatenation it does not know the times.
        return overlap == .concatenate ? .undecidable : base
    }

    private func showLifecycle(in result: inout Shown) {
        var ends: [NaiveChange: Bool] = [:]
        var voids: Set<NaiveChange> = []
        var edits: Set<NaiveChange> = []
        for change in changes {
            for action in change.actions {
                switch action {
                case .create, .undelete: ends[change] = false
                case .delete: ends[change] = true
                case .void:
                    ends[change] = true
                    voids.insert(change)
                case .write, .seal: edits.insert(change)
                case .collect where isEffective(change): ends[change] = true
                case .close, .collect, .collected, .unknown: break
                }
            }
        }
        result.creation = changes.filter { $0.actions.contains(.create) }.min()?.dot
        var parties: Writes = [:]
        for mark in maximal(ends.keys) { parties[mark] = .boolean(ends[mark] == true) }
        result.lifecycle = parties.isEmpty ? .unknown : .live
        let standing = parties.filter { $0.value == .boolean(true) }.keys
        if standing.isEmpty { return }
        var isContested = standing.count < parties.count
        for end in standing {
            let contest =
                edits.filter { edit in
                    !edit.saw(end) && !end.saw(edit) && !isGone(edit, before: end)
                }
                .max()
            guard let contest else { continue }
            isContested = true
            parties[contest] = parties[contest] ?? .boolean(false)
        }
        let isVoid = standing.contains { voids.contains($0) }
        if !isContested || (!isVoid && schema.concurrentDelete == .delete) {
            result.lifecycle = isVoid ? .voided : .deleted
        } else {
            result.lifecycle = isVoid ? .disputed : .contestedDeletion
            result.conflicts[.lifecycle] = .init(claims(nil, parties), .boolean(false))
        }
    }

    private func showSeals(in result: inout Shown) {
        var sealed: [NaiveChange: [SlotKey: FieldValue]] = [:]
        for change in changes {
            for case .seal(_, let content) in change.actions {
                sealed[change] = Dictionary(content.map { ($0.slot, $0.value) }) { $1 }
            }
        }
        result.seals = Set(sealed.keys.map(\.dot))
        var rounds: [[NaiveChange]] = []
        guard let seal = standing(sealed, &rounds, in: &result) else { return }
        let content = sealed[seal] ?? [:]
        let current = result.values
        result.values = content
        result.undecided = []
        for (slot, writes) in writes() {
            let unseen = kept(slot, writes).filter { !seal.saw($0.key) }
            result.supplements.formUnion(claims(slot, unseen))
            let covered = maximal(writes).filter { seal.saw($0.key) }
            var open = Shown()
            show(slot, writes, covered, in: &open)
            let isDecided = isDecided(slot, covered, rounds[...], sealed)
            result.conflicts[.slot(slot)] = isDecided ? nil : open.conflicts[.slot(slot)]
            result.conflicts[.slot(slot)]?.shown = content[slot] ?? .null
            result.undecided.formUnion(open.undecided)
            guard let value = current[slot] else { continue }
            switch policy(of: slot) {
            case .maximum, .minimum, .sticky:
                let isBeyond = content[slot].map { rank($0, slot) < rank(value, slot) } ?? true
                if isBeyond { result.values[slot] = value }
            case .hubOnly where content[slot] == nil: result.values[slot] = value
            default: break
            }
        }
    }

    /// Whether the last round decided what became of these writes of a slot: the seals of the round
    /// differ in it, each write was seen by one of them, and none of them had left it open itself.
    private func isDecided(
        _ slot: SlotKey,
        _ writes: Writes,
        _ rounds: ArraySlice<[NaiveChange]>,
        _ sealed: [NaiveChange: [SlotKey: FieldValue]]
    ) -> Bool {
        guard let round = rounds.last, Set(round.map { sealed[$0]?[slot] }).count > 1,
            writes.keys.allSatisfy({ write in round.contains { $0.saw(write) } })
        else { return false }
        return round.allSatisfy { seal in
            let left = writes.filter { seal.saw($0.key) }
            return Set(left.values).count < 2
                || isDecided(slot, left, rounds.dropLast(), sealed)
        }
    }

    /// The seal that counts: the earliest that has seen no other, or of those who decided between
    /// several of them.
    ///
    /// - `rounds`: those that were decided between, round by round.
    private func standing(
        _ sealed: [NaiveChange: [SlotKey: FieldValue]],
        _ rounds: inout [[NaiveChange]],
        in result: inout Shown
    ) -> NaiveChange? {
        var roots: [NaiveChange] = []
        var candidates = Array(sealed.keys)
        while !candidates.isEmpty {
            roots = candidates.filter { seal in
                !candidates.contains { $0 != seal && seal.saw($0) }
            }
            guard Set(roots.map { sealed[$0] }).count > 1 else { return roots.min() }
            candidates.removeAll { seal in !roots.allSatisfy { $0 != seal && seal.saw($0) } }
            if !candidates.isEmpty { rounds.append(roots) }
        }
        var contents: Writes = [:]
        for root in roots {
            let content = (sealed[root] ?? [:]).sorted { $0.key < $1.key }
            contents[root] = .group(content.map(\.value))
        }
        guard let first = contents.min(by: { $0.key < $1.key }) else { return nil }
        result.conflicts[.seal] = .init(claims(nil, contents), first.value)
        return first.key
    }
}
