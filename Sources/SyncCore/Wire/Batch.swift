public import Replication

/// Log entries on their way between two stores.
public struct Batch: Hashable, Sendable {
    /// The entries; those of one change stand together, in order of their parts.
    public var entries: [Item]
    /// Whether the hub has numbered them: true downward, false upward and between peers.
    public var isSequenced: Bool

    /// One entry with what the hub knows of it.
    public struct Item: Hashable, Sendable {
        /// The entry.
        public var entry: LogEntry
        /// The hub's number of the record, where both sides know it: it stands in place of the
        /// record's identity.
        public var recordNumber: UInt64?
        /// Whether the receiver may see this record for the first time here; then both the number
        /// and the identity travel.
        public var introducesRecord: Bool
        /// The entry's number in the hub's order, from 1; 0 while it has none.
        public var sequence: UInt64
        /// The hub's bound for the entry's time, where the writer's clock was ahead of the hub's.
        public var bound: HybridTimestamp?

        /// Makes an item.
        public init(
            entry: LogEntry,
            recordNumber: UInt64? = nil,
            introducesRecord: Bool = false,
            sequence: UInt64 = 0,
            bound: HybridTimestamp? = nil
        ) {
            self.entry = entry
            self.recordNumber = recordNumber
            self.introducesRecord = introducesRecord
            self.sequence = sequence
            self.bound = bound
        }
    }

    /// Makes a batch.
    public init(entries: [Item] = [], isSequenced: Bool) {
        self.entries = entries
        self.isSequenced = isSequenced
    }
}
