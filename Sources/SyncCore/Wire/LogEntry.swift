public import Replication

/// One change's part on one record: the unit of the log, of the hub's sequence and of scopes.
///
/// A change that touches three records is three entries with one dot. They are written, numbered
/// and applied together; a device whose scope holds only one of the records receives only that
/// entry.
public struct LogEntry: Hashable, Sendable {
    /// The change.
    public var dot: Dot
    /// Which of the change's entries this is, from 0.
    public var part: UInt32
    /// How many entries the change has.
    public var parts: UInt32
    /// What the writer had seen of others; `onlySeen` is this entry's own, the rest the change's.
    public var context: CausalContext
    /// When it was written, by the writer's clock.
    public var timestamp: HybridTimestamp
    /// Who wrote it.
    public var author: String
    /// Why, where a reason was given.
    public var reason: String
    /// The record.
    public var record: RecordKey
    /// What is done to it, in order.
    public var actions: [Operation.Action]

    /// Makes an entry.
    public init(
        dot: Dot,
        part: UInt32,
        parts: UInt32,
        context: CausalContext,
        timestamp: HybridTimestamp,
        author: String,
        reason: String,
        record: RecordKey,
        actions: [Operation.Action]
    ) {
        self.dot = dot
        self.part = part
        self.parts = parts
        self.context = context
        self.timestamp = timestamp
        self.author = author
        self.reason = reason
        self.record = record
        self.actions = actions
    }

    /// What the change has seen, itself included.
    public var past: CausalPast { CausalPast(of: dot, context: context) }

    /// Whether it makes a record and fills in fields, and nothing else: such a record is live, and
    /// nothing about it is concurrent.
    var isPlainCreation: Bool {
        guard case .create? = actions.first else { return false }
        return actions.dropFirst()
            .allSatisfy {
                if case .write = $0 { true } else { false }
            }
    }
}

extension LogEntry {
    /// Whether both are the same entry, byte for byte: two spellings of one author are two authors.
    public static func == (lhs: LogEntry, rhs: LogEntry) -> Bool {
        lhs.dot == rhs.dot && lhs.part == rhs.part && lhs.parts == rhs.parts
            && lhs.context == rhs.context && lhs.timestamp == rhs.timestamp
            && lhs.author.hasSameBytes(as: rhs.author) && lhs.reason.hasSameBytes(as: rhs.reason)
            && lhs.record == rhs.record && lhs.actions == rhs.actions
    }
}

extension Change {
    /// The change as log entries: one for each record, in the order of first mention.
    public var entries: [LogEntry] {
        var keys: [RecordKey] = []
        var actions: [RecordKey: [Operation.Action]] = [:]
        for operation in operations {
            if actions[operation.record] == nil { keys.append(operation.record) }
            actions[operation.record, default: []].append(operation.action)
        }
        return keys.enumerated()
            .map { index, key in
                LogEntry(
                    dot: dot,
                    part: UInt32(index),
                    parts: UInt32(keys.count),
                    context: context,
                    timestamp: timestamp,
                    author: author,
                    reason: reason,
                    record: key,
                    actions: actions[key] ?? []
                )
            }
    }
}
