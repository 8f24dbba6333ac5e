/// One change's part in a record's history, as the log keeps it.
public struct HistoryEntry: Hashable, Sendable {
    /// The change's stamp, with the bounded time and the hub's sequence where they are known.
    public let stamp: Stamp
    /// What the writer's own clock said.
    public let writtenAt: HybridTimestamp
    /// What the writer had seen of others.
    public let context: CausalContext
    /// The reason that was given; may be empty.
    public let reason: String
    /// What was done to the record.
    public let actions: [Operation.Action]

    /// Makes an entry.
    public init(
        stamp: Stamp,
        writtenAt: HybridTimestamp,
        context: CausalContext,
        reason: String,
        actions: [Operation.Action]
    ) {
        self.stamp = stamp
        self.writtenAt = writtenAt
        self.context = context
        self.reason = reason
        self.actions = actions
    }

    /// What the change had seen, itself included.
    public var past: CausalPast { CausalPast(of: stamp.dot, context: context) }
}
