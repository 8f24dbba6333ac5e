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
///
/// A device with scopes pulls a prefix of *the records that it holds*. What it writes to another one,
/// under its name, is a blind entry: it names what its writer had of the record, and its base says
/// nothing.
public struct CausalContext: Hashable, Sendable {
    /// Every change with a hub sequence up to and including this one had been seen; 0 for none.
    public var base: UInt64
    /// Changes met directly from peers and not yet ≤ `base`, as a prefix of each replica's changes.
    ///
    /// Empty for a device that only ever met the hub.
    public var peers: VersionVector
    /// The epoch whose numbers `base` counts; nil where there is no base.
    public var epoch: Epoch?
    /// Of a blind entry all that had been seen of its record besides the replica's own changes: the
    /// changes that stood in the writer's store, in order, each once.
    ///
    /// Nil where the writer had the record's whole history, as nearly always: `base` and `peers` hold.
    public var onlySeen: [Dot]?

    /// Makes a context.
    public init(
        base: UInt64 = 0,
        peers: VersionVector = VersionVector(),
        epoch: Epoch? = nil,
        onlySeen: [Dot]? = nil
    ) {
        self.base = base
        self.peers = peers
        self.epoch = base > 0 ? epoch : nil
        self.onlySeen = onlySeen
    }

    /// The most changes that a blind entry names.
    ///
    /// Only peers can bring a device so many of a record that its hub does not send it. What is left
    /// out counts as not seen: people are asked once too often.
    public static let onlySeenMax = 1_000

    /// These changes as a blind entry names them: in order, each once, no more than it may.
    public static func onlySeen(_ dots: [Dot]) -> [Dot] {
        Array(Set(dots).sorted().suffix(onlySeenMax))
    }

    /// What the change has seen whatever the record: all its entries have this in common.
    public var ofChange: CausalContext {
        CausalContext(base: base, peers: peers, epoch: epoch)
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
        if let onlySeen = context.onlySeen { return onlySeen.contains(other) }
        if let sequence, sequence <= context.base { return true }
        return !context.peers.isEmpty && context.peers.contains(other)
    }
}
