/// One atomic transaction on one replica: the unit that is written, sent and merged.
///
/// A change is immutable. Its operations are all applied or none, here and wherever it is merged.
public struct Change: Hashable, Sendable {
    /// Which change this is: its replica and counter.
    public let dot: Dot
    /// What its writer had seen of others' changes.
    public let context: CausalContext
    /// When it was written, by the replica's hybrid clock.
    public let timestamp: HybridTimestamp
    /// Who wrote it: the officer's number.
    ///
    /// One replica can have several authors, and one author several replicas.
    public let author: String
    /// Why it was written, where someone gave a reason (a resolution, a correction); empty else.
    public let reason: String
    /// What it does.
    ///
    /// Operations on one record stand together, records in the order of their first operation.
    public let operations: [Operation]

    /// Makes a change.
    public init(
        dot: Dot,
        context: CausalContext,
        timestamp: HybridTimestamp,
        author: String,
        reason: String = "",
        operations: [Operation]
    ) {
        self.dot = dot
        self.context = context
        self.timestamp = timestamp
        self.author = author
        self.reason = reason
        self.operations = operations
    }

    /// What this change has seen, itself included.
    public var past: CausalPast { CausalPast(of: dot, context: context) }
}
