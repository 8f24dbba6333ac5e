import SyncCore

/// What a hub checks of pushed changes by themselves, before anything is stored.
///
/// What no honest device sends, because it is over a limit or torn apart, refuses the push: nothing
/// of it is stored. A change that its writer had no right to make, or whose values the hub's schema
/// does not admit, is held apart: it is kept and visible, and the rest flows on.
struct HubChangeCheck {
    let schema: Schema

    /// The most values in an atomic group.
    private static let groupMembersMax = 64

    // MARK: Limits

    /// - Throws: `SyncError` for a batch over a limit.
    func checkLimits(_ changes: [HubChange]) throws(SyncError) {
        var dots: Set<Dot> = []
        for change in changes {
            guard dots.insert(change.dot).inserted else {
                throw refused("change \(change.dot) stands twice in one push")
            }
            try checkLimits(change)
        }
    }

    private func checkLimits(_ change: HubChange) throws(SyncError) {
        let head = change.entries[0]
        guard head.parts <= UInt32(Transaction.recordsMax) else {
            throw refused(
                "change \(head.dot) touches \(head.parts) records; at most "
                    + "\(Transaction.recordsMax) are allowed"
            )
        }
        let peers = head.context.peers.entries.count
        guard peers <= WireLimits.standard.replicasMax else {
            throw refused(
                "change \(head.dot) has seen \(peers) replicas of which the hub has nothing"
            )
        }
        var records: Set<RecordKey> = []
        var bytes = ChangeLimits.bytes(author: head.author, reason: head.reason)
        for entry in change.entries {
            guard entry.hasSameHead(as: head) else {
                throw refused("two different changes are both called \(head.dot)")
            }
            guard records.insert(entry.record).inserted else {
                throw refused("change \(head.dot) holds \(entry.record) twice")
            }
            guard entry.context.onlySeen?.count ?? 0 <= CausalContext.onlySeenMax else {
                throw refused("change \(head.dot) names too many changes that it had seen")
            }
            guard entry.actions.count <= ChangeLimits.actionsMax else {
                throw refused(
                    "change \(head.dot) has \(entry.actions.count) actions on one record; at most "
                        + "\(ChangeLimits.actionsMax) are allowed"
                )
            }
            bytes += ChangeLimits.bytes(
                of: entry.actions,
                on: entry.record,
                onlySeen: entry.context.onlySeen
            )
        }
        guard bytes <= Transaction.bytesMax else {
            throw refused(
                "change \(head.dot) holds \(bytes) bytes; at most \(Transaction.bytesMax) are "
                    + "allowed"
            )
        }
    }

    private func refused(_ message: String) -> SyncError { SyncError(.refused, message) }

    // MARK: Authority

    /// Why the writer had no right to make this change; nil when it had.
    ///
    /// - `isReturning`: whether an earlier epoch of this hub had numbered it. Then it may be what
    ///   that hub said itself, or what stayed of a change whose content was collected.
    func want(of change: HubChange, isReturning: Bool = false) -> String? {
        for entry in change.entries {
            // Whatever the type: of one that the hub does not know nothing goes at all.
            if !isReturning, entry.actions.contains(where: \.isHubsWord) {
                return "closes or collects \(entry.record.id), which only the hub does"
            }
            guard let record = schema.record(entry.record.type) else { continue }
            for action in entry.actions where !action.isHubsWord {
                if let refusal = record.refusalFromDevices(of: action) {
                    return refusal.description
                }
                if case .delete = action, record.isLegalFact {
                    return "deletes a \(record.name), which states a legal fact and can only be "
                        + "voided"
                }
            }
        }
        return nil
    }

    // MARK: Values

    /// Why a change's values cannot be taken; nil when they can.
    ///
    /// A value that the hub's schema does not admit may come from a device with another version of
    /// it, so the change is not refused for ever but held apart.
    func misfit(of change: HubChange) -> String? {
        for entry in change.entries {
            let record = schema.record(entry.record.type)
            for action in entry.actions {
                switch action {
                case .write(let slot, let value):
                    if let reason = misfit(slot, value, in: record) { return reason }
                case .seal(_, let content):
                    let isSound = content.allSatisfy {
                        Self.isSound($0.value) && ($0.slot.element.map(Self.isSound) ?? true)
                    }
                    guard isSound else { return "seals a value that is no value" }
                case .create, .delete, .undelete, .void, .close, .collect, .collected, .unknown:
                    break
                }
            }
        }
        return nil
    }

    private func misfit(
        _ slot: SlotKey,
        _ value: FieldValue,
        in record: RecordSchema?
    ) -> String? {
        guard Self.isSound(value), slot.element.map(Self.isSound) ?? true else {
            return "holds a number that is not finite, or a group that is none"
        }
        guard let record, !Self.isAdmitted(slot, value, in: record) else { return nil }
        return "writes a value to \(record.name).\(record.name(of: slot)) that it does not take"
    }

    /// Whether a value can stand anywhere.
    private static func isSound(_ value: FieldValue) -> Bool {
        switch value {
        case .real(let number): number.isFinite
        case .group(let members):
            !members.isEmpty && members.count <= groupMembersMax
                && members.allSatisfy {
                    if case .group = $0 { return false }
                    return isSound($0)
                }
        default: true
        }
    }

    /// Whether a field that the schema knows takes this value in this slot.
    private static func isAdmitted(
        _ slot: SlotKey,
        _ value: FieldValue,
        in record: RecordSchema
    ) -> Bool {
        if slot.field == SlotKey.unlisted {
            guard case .text? = slot.element else { return false }
            return record.unlistedFields?.kind.admits(value) ?? true
        }
        guard let field = record.field(slot.field) else { return true }
        switch (field.policy, slot.element) {
        case (.addWinsSet, let member?):
            guard case .boolean = value else { return false }
            return !member.isNull && field.kind.admits(member)
        case (.growOnly, .text?): return field.kind.admits(value)
        case (.addWinsSet, nil), (.growOnly, _), (_, _?): return false
        case (_, nil): break
        }
        guard let group = record.group(of: slot.field) else { return field.kind.admits(value) }
        // Another version of the schema may have more members, or fewer.
        guard group.first == slot.field, case .group(let members) = value else { return false }
        return zip(group, members)
            .allSatisfy { number, member in record.field(number)?.kind.admits(member) ?? false }
    }
}

extension LogEntry {
    /// Whether both can be parts of one change.
    fileprivate func hasSameHead(as other: LogEntry) -> Bool {
        dot == other.dot && parts == other.parts
            && context.ofChange == other.context.ofChange && timestamp == other.timestamp
            && author.utf8.elementsEqual(other.author.utf8)
            && reason.utf8.elementsEqual(other.reason.utf8)
    }
}

/// The entries of one pushed change.
struct HubChange {
    var entries: [LogEntry]

    var dot: Dot { entries[0].dot }
    /// Whether every entry of the change is here, in order.
    var isWhole: Bool {
        entries.count == Int(entries[0].parts)
            && entries.enumerated().allSatisfy { $0.element.part == UInt32($0.offset) }
    }
    var context: CausalContext { entries[0].context.ofChange }
    var timestamp: HybridTimestamp { entries[0].timestamp }
    /// Whether only a hub can have made it.
    var isOfHub: Bool {
        entries.contains { entry in
            entry.actions.contains {
                switch $0 {
                case .close, .collect: true
                default: false
                }
            }
        }
    }

    /// The batch's changes, in order; each has at least one entry.
    ///
    /// - `epoch`: the epoch of bases that name none.
    static func changes(of batch: Batch, in epoch: Epoch) -> [HubChange] {
        var changes: [HubChange] = []
        for var item in batch.entries {
            let context = item.entry.context
            if context.base > 0 { item.entry.context.epoch = context.epoch ?? epoch }
            if let last = changes.last?.entries.last, last.dot == item.entry.dot,
                last.part < item.entry.part
            {
                changes[changes.count - 1].entries.append(item.entry)
            } else {
                changes.append(HubChange(entries: [item.entry]))
            }
        }
        return changes
    }
}
