import Replication

/// What a change may hold besides the values of fields: whatever is recorded here must be readable
/// here and wherever it travels.
struct TextLimits {
    let record: String
    private let limits = WireLimits.standard

    init(record: String) {
        self.record = record
    }

    func check(author: String) throws(EditError) {
        try check(author, "the author", bytesMax: limits.nameBytesMax)
    }

    func check(reason: String) throws(EditError) {
        try check(reason, "the reason", bytesMax: limits.valueBytesMax)
    }

    func check(_ id: RecordID) throws(EditError) {
        guard case .named(let name) = id else { return }
        try check(name, "a record's name", bytesMax: limits.nameBytesMax)
    }

    func check(_ action: Operation.Action) throws(EditError) {
        switch action {
        case .create, .close, .collect, .collected, .unknown: break
        case .write(let slot, let value): try check(slot, value)
        case .delete(let reason), .undelete(let reason), .void(let reason), .seal(let reason, _):
            try check(reason: reason)
        }
    }

    func check(_ slot: SlotKey, _ value: FieldValue) throws(EditError) {
        if let element = slot.element { try check(element) }
        try check(value)
    }

    private func check(_ value: FieldValue) throws(EditError) {
        switch value {
        case .json(let text): try check(text, "a JSON value", bytesMax: limits.valueBytesMax)
        case .reference(let key): try check(key.id)
        case .group(let members): for member in members { try check(member) }
        default: break
        }
    }

    private func check(
        _ text: String,
        _ what: String,
        bytesMax: Int
    ) throws(EditError) {
        if text.holdsZero {
            throw EditError(
                .value,
                record: record,
                "\(what) holds the character U+0000, which no text may; remove it"
            )
        }
        if text.utf8.count > bytesMax {
            throw EditError(
                .value,
                record: record,
                "\(what) has \(text.utf8.count) bytes; at most \(bytesMax) are allowed"
            )
        }
    }
}
