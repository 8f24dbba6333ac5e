import Replication

/// One change of one record, with the changes of the record that its writer had seen; the later is
/// the greater.
struct FleetReferenceChange: Hashable, Comparable {
    let token: FleetToken
    let dot: Dot
    let time: HybridTimestamp
    let seen: Set<FleetToken>
    let actions: [Operation.Action]

    private var order: (Int64, UInt32, UInt64, UInt64) {
        (time.wallTime, time.logical, dot.replica.rawValue, dot.counter)
    }

    func saw(_ other: FleetReferenceChange) -> Bool {
        token == other.token || seen.contains(other.token)
    }

    static func == (left: FleetReferenceChange, right: FleetReferenceChange) -> Bool {
        left.token == right.token
    }

    func hash(into hasher: inout Hasher) { hasher.combine(token) }

    static func < (left: FleetReferenceChange, right: FleetReferenceChange) -> Bool {
        left.order < right.order
    }
}

/// The oracle: what a set of changes means for one record, worked out from nothing every time.
///
/// It compares each change with each, by explicit sets of what was seen, and shares no code with the
/// engine's merge. Texts with concurrent edits are undecided here: their merge has an oracle of its
/// own in the tests of `Replication`.
struct FleetReference {
    let schema: RecordSchema
    let changes: [FleetReferenceChange]
    /// Those by which the hub lets go of content: a record that was sealed keeps it.
    private let collections: [FleetReferenceChange]

    init(schema: RecordSchema, changes: [FleetReferenceChange]) {
        self.schema = schema
        self.changes = changes
        let seals = changes.filter {
            $0.actions.contains { if case .seal = $0 { true } else { false } }
        }
        collections = changes.filter { change in
            change.actions.contains { if case .collect = $0 { true } else { false } }
                && !seals.contains { change.seen.contains($0.token) }
        }
    }

    /// The writes of one slot; of two writes of one change the last one.
    typealias Writes = [FleetReferenceChange: FieldValue]

    func shown() -> FleetShown {
        var result = FleetShown()
        for (slot, writes) in writes() { show(slot, writes, maximal(writes), in: &result) }
        showLifecycle(in: &result)
        showSeals(in: &result)
        result.values = result.values.filter { $0.value != .null }
        return result
    }

    /// The values that stand in a field, all concurrent ones.
    func standing(_ field: UInt32) -> [FieldValue] {
        Array(maximal(writes()[SlotKey(field)] ?? [:]).values)
    }

    private func writes() -> [SlotKey: Writes] {
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
    private func isCollected(_ change: FleetReferenceChange, _ field: UInt32) -> Bool {
        collections.contains { isCollected(change, field, by: $0) }
    }

    private func isCollected(
        _ change: FleetReferenceChange,
        _ field: UInt32,
        by collection: FleetReferenceChange
    ) -> Bool {
        collection.seen.contains(change.token)
            && collection.actions.contains {
                if case .collect(let fields) = $0 { !fields.contains(field) } else { false }
            }
    }

    /// Whether a collection took all that an edit wrote, and stands before an end that it had not
    /// seen: nothing of the edit is left to stand against it.
    private func isGone(
        _ edit: FleetReferenceChange,
        before end: FleetReferenceChange
    ) -> Bool {
        edit.actions.allSatisfy { action in
            if case .seal = action { return false }
            guard case .write(let slot, _) = action else { return true }
            return collections.contains {
                $0 != end && !$0.saw(end) && isCollected(edit, slot.field, by: $0)
            }
        }
    }

    /// What the state must hold of a slot: the maximal writes, and what the policy counts besides.
    private func kept(_ slot: SlotKey, _ writes: Writes) -> Writes {
        switch policy(of: slot) {
        case .counter: totals(writes)
        case .maximum, .minimum, .sticky: maximal(writes).merging(extreme(slot, writes)) { $1 }
        default: maximal(writes)
        }
    }

    private func maximal(_ changes: some Collection<FleetReferenceChange>) -> [FleetReferenceChange]
    {
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

    private func show(
        _ slot: SlotKey,
        _ writes: Writes,
        _ kept: Writes,
        in result: inout FleetShown
    ) {
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
        case .text: result.undecided.insert(slot)
        }
    }

    private func claims(_ slot: SlotKey?, _ values: Writes) -> Set<FleetShown.Claim> {
        Set(values.map { FleetShown.Claim(slot: slot, dot: $0.key.dot, value: $0.value) })
    }

    private func disagree(
        _ slot: SlotKey,
        _ kept: Writes,
        _ shown: FieldValue?,
        _ all: inout FleetShown
    ) {
        all.values[slot] = shown
        guard Set(kept.values).count > 1 else { return }
        all.conflicts[.slot(slot)] = .init(claims(slot, kept), shown ?? .null)
    }

    /// How far a value has come in a monotone slot; one of a wrong kind not even to nothing.
    private func rank(_ value: FieldValue, _ slot: SlotKey) -> (Int, Int64) {
        switch (policy(of: slot), value) {
        case (.sticky, .boolean(let flag)): (2, flag ? 1 : 0)
        case (.maximum, .integer(let number)): (2, number)
        case (.minimum, .timestamp(let time)), (.keepLeast, .timestamp(let time)): (2, -time)
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

    private func showLifecycle(in result: inout FleetShown) {
        var ends: [FleetReferenceChange: Bool] = [:]
        var voids: Set<FleetReferenceChange> = []
        var edits: Set<FleetReferenceChange> = []
        for change in changes {
            for action in change.actions {
                switch action {
                case .create, .undelete: ends[change] = false
                case .delete: ends[change] = true
                case .void:
                    ends[change] = true
                    voids.insert(change)
                case .write, .seal: edits.insert(change)
                case .collect where collections.contains(change): ends[change] = true
                case .close, .collect, .collected, .unknown: break
                }
            }
        }
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

    private func showSeals(in result: inout FleetShown) {
        var sealed: [FleetReferenceChange: [SlotKey: FieldValue]] = [:]
        for change in changes {
            for case .seal(_, let content) in change.actions {
                sealed[change] = Dictionary(content.map { ($0.slot, $0.value) }) { $1 }
            }
        }
        result.seals = Set(sealed.keys.map(\.dot))
        guard let seal = standing(sealed, in: &result) else { return }
        let content = sealed[seal] ?? [:]
        let current = result.values
        result.values = content
        result.undecided = []
        for (slot, writes) in writes() {
            let unseen = kept(slot, writes).filter { !seal.saw($0.key) }
            result.supplements.formUnion(claims(slot, unseen))
            var open = FleetShown()
            show(slot, writes, maximal(writes).filter { seal.saw($0.key) }, in: &open)
            result.conflicts[.slot(slot)] = open.conflicts[.slot(slot)]
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

    /// The seal that counts: the earliest that has seen no other, or of those who decided between
    /// several of them.
    private func standing(
        _ sealed: [FleetReferenceChange: [SlotKey: FieldValue]],
        in result: inout FleetShown
    ) -> FleetReferenceChange? {
        var roots: [FleetReferenceChange] = []
        var candidates = Array(sealed.keys)
        while !candidates.isEmpty {
            roots = candidates.filter { seal in
                !candidates.contains { $0 != seal && seal.saw($0) }
            }
            guard Set(roots.map { sealed[$0] }).count > 1 else { return roots.min() }
            candidates.removeAll { seal in !roots.allSatisfy { $0 != seal && seal.saw($0) } }
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
