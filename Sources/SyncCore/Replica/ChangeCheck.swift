import Replication

/// Checks what a change holds before it is recorded, in one pass over its actions: whatever is recorded
/// here must be readable here and wherever it travels.
struct ChangeCheck {
    private var bytes: Int

    /// Begins with what stands beside a change's records.
    init(author: String, reason: String, record: String) throws(EditError) {
        let limits = TextLimits(record: record)
        try limits.check(author: author)
        try limits.check(reason: reason)
        bytes = ChangeLimits.bytes(author: author, reason: reason)
    }

    /// Checks a change's part on one record.
    ///
    /// - Returns: whether two of its writes may be of one slot; typed edits never are.
    mutating func add(
        _ actions: [Operation.Action],
        on key: RecordKey,
        onlySeen: [Dot]?,
        record: String
    ) throws(EditError) -> Bool {
        if actions.count > ChangeLimits.actionsMax {
            throw EditError(
                .value,
                record: record,
                "\(actions.count) edits of one record in one change; at most "
                    + "\(ChangeLimits.actionsMax) are allowed"
            )
        }
        let limits = TextLimits(record: record)
        try limits.check(key.id)
        bytes += LogEntry.size(key.id) + LogEntry.size(onlySeen: onlySeen)
        var repeats = Repeats()
        for action in actions {
            if case .write(let slot, let value) = action {
                try limits.check(slot, value)
                bytes += Operation.Action.size(of: slot, value)
                repeats.note(slot)
            } else {
                try limits.check(action)
                bytes += action.approximateSize
            }
        }
        return repeats.areFound
    }

    /// Ends the check: the change as a whole.
    func finish(record: String) throws(EditError) {
        guard bytes > Transaction.bytesMax else { return }
        throw EditError(
            .value,
            record: record,
            "\(bytes) bytes in one change; at most \(Transaction.bytesMax) are allowed"
        )
    }
}

/// Finds out whether slots may repeat, without a table: it may say so where none does.
private struct Repeats {
    private var plain: UInt64 = 0
    private var elements: [SlotKey] = []
    private(set) var areFound = false

    mutating func note(_ slot: SlotKey) {
        if areFound { return }
        if slot.element != nil {
            areFound = elements.count >= 8 || elements.contains(slot)
            elements.append(slot)
        } else if slot.field < 64 {
            let bit: UInt64 = 1 << UInt64(slot.field)
            areFound = plain & bit != 0
            plain |= bit
        } else {
            areFound = true
        }
    }
}
