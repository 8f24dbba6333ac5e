/// The actions of one change on one record in the making.
struct EditDraft {
    let resolution: EditResolution
    /// What has been decided so far.
    private(set) var actions: [Operation.Action] = []
    private let state: RecordState
    private let change: Dot?
    /// Whether all of the record is the hub's, and the writer is not the hub.
    private let isRefused: Bool
    /// Whether this change has sealed the record.
    private var isSealed: Bool
    /// Groups and counters of which more edits may come; they become one write each.
    private var groups: [(first: UInt32, members: [FieldValue])] = []
    private var totals: [(field: UInt32, total: Int64)] = []
    private var appended: [SlotKey: FieldValue] = [:]

    private var schema: RecordSchema { resolution.schema }

    init(resolution: EditResolution, state: RecordState, change: Dot?, editCount: Int) {
        actions.reserveCapacity(editCount)
        isRefused = !resolution.isHub && resolution.schema.isHubOnly
        self.resolution = resolution
        self.state = state
        self.change = change
        isSealed = state.seals.contains { $0.stamp.dot == change }
    }

    mutating func add(_ edit: Edit, _ view: (RecordState) -> RecordView) throws(EditError) {
        switch edit {
        case .create: try decide(.create)
        case .set(let number, let value):
            let field = try resolution.field(number, value) {
                !$0.isCollection && $0 != .counter
            }
            if let group = schema.group(of: number) {
                set(value, of: number, in: group, view)
            } else {
                try write(SlotKey(number), value, field.policy)
            }
        case .setGroup(let first, let members): try setGroup(first, members)
        case .setUnlisted(let name, let value):
            try decide(.write(try resolution.unlisted(name, value), value))
        case .add(let number, let value):
            try write(try member(number, value), .boolean(true), .addWinsSet)
        case .remove(let number, let value):
            try write(try member(number, value), .boolean(false), .addWinsSet)
        case .append(let number, let id, let value): try append(number, id, value)
        case .increment(let number, let amount): try increment(number, by: amount)
        case .delete(let reason): try delete(reason)
        case .undelete(let reason): try decide(.undelete(reason: reason))
        case .void(let reason): try void(reason)
        case .seal(let reason):
            try finish()
            let values = view(decided).values
            try seal(reason, values.map { Operation.SealedValue($0.slot, $0.value) })
        case .reseal(let dot, let reason):
            try finish()
            guard let seal = state.seals.first(where: { $0.stamp.dot == dot }) else {
                throw resolution.refusal(
                    .value,
                    nil,
                    "has no seal \(dot); its seals are "
                        + state.seals.map(\.stamp.dot.description).joined(separator: ", ")
                )
            }
            try self.seal(reason, seal.content)
        }
    }

    /// Writes what was gathered of groups and counters.
    mutating func finish() throws(EditError) {
        for group in groups { try decide(.write(SlotKey(group.first), .group(group.members))) }
        groups = []
        for total in totals {
            let isScaled =
                if case .scaled? = schema.field(total.field)?.kind { true } else { false }
            let value: FieldValue = isScaled ? .scaled(total.total) : .integer(total.total)
            try decide(.write(SlotKey(total.field), value))
        }
        totals = []
    }

    /// Decides a write of a slot whose policy is known already.
    private mutating func write(
        _ slot: SlotKey,
        _ value: FieldValue,
        _ policy: MergePolicy
    ) throws(EditError) {
        if case .hubOnly = policy { return try decide(.write(slot, value)) }
        if isRefused || isSealed { return try decide(.write(slot, value)) }
        actions.append(.write(slot, value))
    }

    private mutating func decide(_ action: Operation.Action) throws(EditError) {
        if !resolution.isHub, let refused = schema.refusalFromDevices(of: action) {
            throw resolution.refusal(
                .hubOnly,
                refused.field,
                "\(refused); send a note to its keeper instead"
            )
        }
        switch action {
        case .create where state.isClosed, .undelete where state.isClosed || state.isCollected:
            throw resolution.refusal(
                .missing,
                nil,
                "was deleted too long ago to be brought back; record it anew"
            )
        default: break
        }
        if isSealed, case .write = action {
            // One change is seen as a whole, so this write would count as part of what was sealed
            // and be shown nowhere.
            throw resolution.refusal(
                .sealed,
                nil,
                "is sealed by this very change; edit it before the seal, or in a later change"
            )
        }
        if case .seal = action { isSealed = true }
        actions.append(action)
    }

    /// The record with what was decided, as the writer sees it: it has seen all that is here.
    private var decided: RecordState {
        var result = state
        result.apply(
            actions,
            stamp: Stamp(
                dot: change ?? Dot(resolution.replica, .max),
                sequence: nil,
                timestamp: .origin,
                author: ""
            ),
            past: EverythingHere(),
            schema: schema
        )
        return result
    }

    private struct EverythingHere: CausalKnowledge {
        func contains(_ dot: Dot, sequence: UInt64?) -> Bool { true }
    }
}

extension EditDraft {
    private mutating func set(
        _ value: FieldValue,
        of number: UInt32,
        in group: [UInt32],
        _ view: (RecordState) -> RecordView
    ) {
        guard let first = group.first, let position = group.firstIndex(of: number) else { return }
        if let index = groups.firstIndex(where: { $0.first == first }) {
            groups[index].members[position] = value
            return
        }
        // A newer schema's members stand behind those that are known here, and stay.
        var members: [FieldValue] = []
        let isWritten = state.slot(SlotKey(first)) != nil || !state.seals.isEmpty
        if isWritten, case .group(let shown) = view(state)[SlotKey(first)] { members = shown }
        while members.count < group.count { members.append(.null) }
        members[position] = value
        groups.append((first, members))
    }

    private mutating func setGroup(
        _ first: UInt32,
        _ members: [FieldValue]
    ) throws(EditError) {
        guard let group = schema.group(of: first), members.count >= group.count else {
            let count = schema.group(of: first)?.count ?? 0
            throw resolution.refusal(
                .value,
                schema.field(first)?.name,
                count == 0
                    ? "is in no atomic group; set it by itself"
                    : "is in an atomic group of \(count) values; give all of them"
            )
        }
        for (number, value) in zip(group, members) {
            try resolution.field(number, value) { $0.admitsGroups }
        }
        for value in members[group.count...] {
            try resolution.check(value, name: "field \(first)")
        }
        groups.removeAll { $0.first == group[0] }
        groups.append((group[0], members))
    }

    private func member(_ number: UInt32, _ value: FieldValue) throws(EditError) -> SlotKey {
        let field = try resolution.field(number, value) { $0 == .addWinsSet }
        if value.isNull { throw resolution.refusal(.value, field.name, "takes no empty member") }
        return SlotKey(number, element: value)
    }

    private mutating func append(
        _ number: UInt32,
        _ id: String,
        _ value: FieldValue
    ) throws(EditError) {
        let field = try resolution.field(number, value) { $0 == .growOnly }
        try resolution.check(.text(id), name: "id")
        if value.isNull {
            throw resolution.refusal(
                .value,
                field.name,
                "entries are only added; the entry \(id) cannot be taken away or emptied"
            )
        }
        let slot = SlotKey(number, element: .text(id))
        // An entry on which writers disagree is decided by one more write; any other one stands.
        let kept = state.slot(slot)
            .flatMap { $0.hasDistinctValues ? nil : $0.siblings.first?.value }
        if let entry = appended[slot] ?? kept, !entry.isNull, entry != value {
            throw resolution.refusal(
                .exists,
                field.name,
                "has an entry \(id) already, and entries never change; add one under another id"
            )
        }
        appended[slot] = value
        try decide(.write(slot, value))
    }

    private mutating func increment(_ number: UInt32, by amount: Int64) throws(EditError) {
        let field = try resolution.field(number, .null) { $0 == .counter }
        let index = totals.firstIndex { $0.field == number }
        let before = index.map { totals[$0].total } ?? ownTotal(of: number)
        let (total, overflow) = before.addingReportingOverflow(amount)
        if overflow { throw resolution.refusal(.value, field.name, "counter overflows") }
        if let index { totals[index].total = total } else { totals.append((number, total)) }
    }

    private func ownTotal(of number: UInt32) -> Int64 {
        let own = state.slot(SlotKey(number))?.siblings
            .first { $0.stamp.dot.replica == resolution.replica }
        switch own?.value {
        case .integer(let value), .scaled(let value): return value
        default: return 0
        }
    }

    private mutating func delete(_ reason: String) throws(EditError) {
        if schema.isLegalFact {
            throw resolution.refusal(
                .legalFact,
                nil,
                "states a legal fact and cannot be deleted; void it with a reason"
            )
        }
        if isSealed || !state.seals.isEmpty {
            throw resolution.refusal(
                .sealed,
                nil,
                "is sealed and cannot be deleted; void it with a reason"
            )
        }
        try decide(.delete(reason: reason))
    }

    private mutating func void(_ reason: String) throws(EditError) {
        if !schema.isVoidable, !resolution.isHub {
            throw resolution.refusal(
                .legalFact,
                nil,
                "is never voided on a device; add a note that says what is wrong with it"
            )
        }
        try decide(.void(reason: reason))
    }

    /// A device seals what is its to write; what the hub keeps in the record stays live.
    private mutating func seal(
        _ reason: String,
        _ content: [Operation.SealedValue]
    ) throws(EditError) {
        let own = content.filter {
            resolution.isHub || schema.policy(of: $0.slot) != .hubOnly
        }
        try decide(.seal(reason: reason, content: own))
    }
}
