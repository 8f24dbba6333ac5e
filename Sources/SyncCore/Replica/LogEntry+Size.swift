import Replication

extension LogEntry {
    /// About how many bytes the entry takes before compression.
    package var approximateSize: Int {
        24 + author.utf8.count + reason.utf8.count + LogEntry.size(record.id)
            + LogEntry.size(onlySeen: context.onlySeen)
            + actions.reduce(0) { $0 + $1.approximateSize }
    }

    static func size(onlySeen: [Dot]?) -> Int { 8 * (onlySeen?.count ?? 0) }

    static func size(_ id: RecordID) -> Int {
        guard case .named(let name) = id else { return 16 }
        return name.utf8.count + 2
    }

    package static func size(_ value: FieldValue) -> Int {
        switch value {
        case .text(let text), .json(let text): text.utf8.count + 2
        case .bytes(let bytes): bytes.count + 2
        case .group(let members): members.reduce(2) { $0 + size($1) }
        case .reference(let key): 4 + size(key.id)
        default: 8
        }
    }
}

extension Operation.Action {
    /// About how many bytes the action takes before compression: all that a message carries of it.
    var approximateSize: Int {
        switch self {
        case .create, .close: 1
        case .write(let slot, let value): Self.size(of: slot, value)
        case .delete(let reason), .undelete(let reason), .void(let reason): 2 + reason.utf8.count
        case .seal(let reason, let content):
            content.reduce(4 + reason.utf8.count) {
                $0 + Self.size($1.slot) + LogEntry.size($1.value)
            }
        case .collect(let fields): 1 + 2 * fields.count
        case .collected(let digest): digest.count
        case .unknown(_, let payload): 4 + payload.count
        }
    }

    /// About how many bytes a write takes.
    static func size(of slot: SlotKey, _ value: FieldValue) -> Int {
        size(slot) + LogEntry.size(value)
    }

    private static func size(_ slot: SlotKey) -> Int { 4 + (slot.element.map(LogEntry.size) ?? 0) }
}
