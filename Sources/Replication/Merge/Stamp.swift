/// Which change wrote something, and when.
public struct Stamp: Hashable, Sendable {
    /// The change.
    public var dot: Dot
    /// The hub's number of the entry, where it stands in this copy of the state.
    ///
    /// A replica's own and peer-met changes are looked up in the receipts instead.
    public var sequence: UInt64?
    /// The hybrid time, bounded by the hub's time of receipt once that is known.
    public var timestamp: HybridTimestamp
    /// Who wrote it.
    public var author: String

    /// Makes a stamp.
    public init(dot: Dot, sequence: UInt64?, timestamp: HybridTimestamp, author: String) {
        self.dot = dot
        self.sequence = sequence
        self.timestamp = timestamp
        self.author = author
    }

    /// Whether this stamp comes later in the order that breaks ties between concurrent writes:
    /// hybrid time, then replica, then counter.
    ///
    /// A linear extension of causality.
    public func follows(_ other: Stamp) -> Bool {
        timestamp == other.timestamp ? other.dot < dot : other.timestamp < timestamp
    }

    /// Takes what another copy of the same stamp knows better: the hub's number and its bound.
    mutating func refine(with other: Stamp) {
        sequence = sequence ?? other.sequence
        timestamp = min(timestamp, other.timestamp)
    }
}

extension CausalKnowledge {
    func contains(_ stamp: Stamp) -> Bool {
        contains(stamp.dot, sequence: stamp.sequence)
    }
}
