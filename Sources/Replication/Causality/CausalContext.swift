/// What the writer of a change had seen, anchored in the hub's order.
///
/// A device learns of others' changes as a prefix of the hub's total order. So everything it has
/// seen is exactly the union of
///
/// 1. the changes with a hub sequence ≤ `base`,
/// 2. its own earlier changes, which the change's own dot names, and
/// 3. the changes met directly from a peer and not yet ≤ `base`, which `peers` names.
///
/// Two integers (this base and the dot's counter) replace a version vector, whatever the number of
/// devices, and lose nothing. Law, held by a property test over random histories with cut and
/// partial syncs: *an anchored context contains a dot if and only if the full version vector does.*
/// It rests on two invariants of the session, which are checked: a replica's changes reach the hub
/// first in, first out, and what a device pulls is a prefix of the hub's order.
public struct CausalContext: Hashable, Sendable {
    /// Every change with a hub sequence up to and including this one had been seen; 0 for none.
    public var base: UInt64
    /// Changes met directly from peers and not yet ≤ `base`, as a prefix of each replica's changes.
    ///
    /// Empty for a device that only ever met the hub.
    public var peers: VersionVector
    /// The epoch whose numbers `base` counts; nil where there is no base.
    public var epoch: Epoch?

    /// Makes a context.
    public init(
        base: UInt64 = 0,
        peers: VersionVector = VersionVector(),
        epoch: Epoch? = nil
    ) {
        self.base = base
        self.peers = peers
        self.epoch = base > 0 ? epoch : nil
    }
}

/// What a change has seen: its context and its own replica's earlier changes.
public struct CausalPast: CausalKnowledge, Hashable, Sendable {
    /// The change itself, which counts as seen.
    public let dot: Dot
    /// What its writer had seen of others.
    public let context: CausalContext

    /// Makes the past of the change at `dot`.
    public init(of dot: Dot, context: CausalContext) {
        self.dot = dot
        self.context = context
    }

    /// Whether the change at `other` had been seen.
    ///
    /// `sequence` must be given where the hub has assigned one: without it only own and peer
    /// changes can be found.
    public func contains(_ other: Dot, sequence: UInt64?) -> Bool {
        if other.replica == dot.replica { return other.counter <= dot.counter }
        if let sequence, sequence <= context.base { return true }
        return !context.peers.isEmpty && context.peers.contains(other)
    }
}
