public import SyncCore

/// What an exchange tells of where a replica stands.
public struct HubContact: Hashable, Sendable {
    /// The replica.
    public var replica: ReplicaID
    /// The sequence up to which it says that it has everything.
    public var cursor: UInt64
    /// What everything that it may still send has seen at least; nil where the exchange does not
    /// say.
    public var seen: UInt64?
    /// When, by the hub's clock, milliseconds since 1970.
    public var at: Int64

    /// Makes a contact.
    public init(replica: ReplicaID, cursor: UInt64, seen: UInt64?, at: Int64) {
        self.replica = replica
        self.cursor = cursor
        self.seen = seen
        self.at = at
    }

    /// The contact that a request is, its push read.
    ///
    /// A device pushes whatever waits, first in, first out, and its bases only grow. So a request
    /// without a push says that all that comes later has seen the cursor; else it has seen what the
    /// last own change of the push has.
    ///
    /// The base of a change that was written in another epoch counts other numbers than the hub's
    /// now: it says nothing.
    init(of replica: ReplicaID, cursor: UInt64, push: Batch?, in epoch: Epoch, at: Int64) {
        let own = push?.entries.last { $0.entry.dot.replica == replica }?.entry.context
        self.init(
            replica: replica,
            cursor: cursor,
            seen: push == nil
                ? cursor : own.map { $0.epoch ?? epoch == epoch ? $0.base : 0 },
            at: at
        )
    }
}

/// A replica for which a hub waits before it lets deleted content go, or which was retired.
public struct HubReplica: Hashable, Sendable {
    /// The replica.
    public var replica: ReplicaID
    /// Whether it has ever come itself; else only its changes did.
    public var isRegistered = false
    /// Its highest counter at the hub.
    public var counter: UInt64 = 0
    /// The cursor of its last exchange.
    public var cursor: UInt64 = 0
    /// What everything that it may still send has seen at least.
    public var seen: UInt64 = 0
    /// When the hub first noticed it.
    public var since: Int64 = 0
    /// When it last came; nil for never.
    public var contactAt: Int64?
    /// When an operator retired it; nil for one that is waited for.
    public var retiredAt: Int64?

    /// Makes a replica that nobody has heard of.
    public init(_ replica: ReplicaID) { self.replica = replica }

    /// Since when it has been silent.
    public var silentSince: Int64 { contactAt ?? since }
}

/// What a compaction did, or would do.
public struct HubCompaction: Hashable, Sendable {
    /// How a compaction goes.
    public struct Options: Hashable, Sendable {
        /// How long ago, by the hub's clock, a delete must have come before the record is closed.
        public var olderThan: Int64 = 30 * HubCompaction.day
        /// Whether nothing is to be changed.
        public var isDryRun = false
        /// How many records one transaction looks at.
        public var recordsMax = 200

        /// Makes the usual options.
        public init() {}
    }

    /// Milliseconds of a day.
    public static let day: Int64 = 86_400_000

    /// Deleted records that are closed from now on.
    public var closed = 0
    /// Deleted records whose content went.
    public var collected = 0
    /// Deleted records that were deleted too recently.
    public var young = 0
    /// Closed records of which somebody has not heard yet.
    public var waiting = 0
    /// By how many bytes the log's rows became smaller.
    public var bytes = 0
    /// Up to this sequence everything that is still to come has seen.
    public var stable: UInt64 = 0
    /// The last sequence.
    public var head: UInt64 = 0
    /// Who has seen no more than `stable`, where that is not all.
    public var holders: [ReplicaID] = []
    /// The file's bytes before, its write-ahead log included.
    public var fileBytesBefore: UInt64 = 0
    /// The file's bytes after, its write-ahead log included.
    public var fileBytesAfter: UInt64 = 0
    /// Why no space was given back to the disk; nil where it was.
    public var spaceFailure: String?

    /// Makes an empty report.
    public init() {}
}
