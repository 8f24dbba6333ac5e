/// One event: the `counter`-th change of one replica.
///
/// Counters start at 1 and are contiguous, so a dot names a change for ever and a version vector
/// can say "everything up to here" with one number (Preguiça et al., *Dotted Version Vectors*,
/// 2010).
public struct Dot: Hashable, Sendable {
    /// Who wrote the change.
    public let replica: ReplicaID
    /// Which of its changes, from 1.
    public let counter: UInt64

    /// Makes a dot; `counter` must be at least 1.
    public init(_ replica: ReplicaID, _ counter: UInt64) {
        self.replica = replica
        self.counter = counter
    }
}

extension Dot: Comparable {
    /// Orders dots by replica, then counter.
    ///
    /// This is a total order for sorting and for breaking ties; it says nothing of causality
    /// between different replicas.
    public static func < (lhs: Dot, rhs: Dot) -> Bool {
        lhs.replica == rhs.replica ? lhs.counter < rhs.counter : lhs.replica < rhs.replica
    }
}

extension Dot: CustomStringConvertible {
    /// `replica:counter`.
    public var description: String { "\(replica):\(counter)" }
}
