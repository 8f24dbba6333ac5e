public import SyncCore

/// What a hub keeps: the log in one dense order, the merged records, who is registered, which scope
/// each record is in.
///
/// SQLite is the first implementation; every implementation passes the same contract suite
/// (`HubStorageContract` in the tests). The methods block; callers keep them off the cooperative
/// threads. Nothing here assumes one process: the sequence is taken in the transaction that writes
/// the rows it numbers.
public protocol HubStorage: Sendable {
    /// The life of this hub's sequence.
    var epoch: Epoch { get throws }

    /// Who waits for what comes: each commit is announced here, after it is durable.
    var arrivals: HubArrivals { get }

    /// How this hub's epochs began, and others of which devices have told.
    func births() throws -> [EpochBirth]

    /// Begins a new epoch: this storage is what is left of a hub that had gone on.
    ///
    /// Registrations end, so that every device introduces itself, learns of it and brings what is
    /// missing here.
    ///
    /// - `unlessSince`: nothing is done where the last one began after this moment.
    /// - Returns: whether one began.
    func renewEpoch(now: Int64, unlessSince: Int64?) throws -> Bool

    /// Registers a replica with what it subscribes to, or finds its registration.
    ///
    /// - `tag`: random bits for a new registration.
    /// - Throws: `SyncError` for a scope that no record can have.
    func register(
        _ introduction: SyncRequest.Introduction,
        tag: UInt32
    ) throws -> RegisteredReplica

    /// The replica behind a registration; nil when number or tag are unknown in this epoch.
    func registered(number: UInt64, tag: UInt32) throws -> RegisteredReplica?

    /// How far the order has come, and how far it has a replica's changes.
    func position(of replica: ReplicaID) throws -> HubPosition

    /// Finds records by their numbers, all as of one moment, without waiting for writers.
    func resolving<Result>(
        _ body: (_ record: (UInt64) throws -> RecordKey?) throws -> Result
    ) throws -> Result

    /// Appends a replica's changes: all that follow what is stored, in one durable transaction.
    ///
    /// A device also brings changes of peers that it met directly, before its own that had seen
    /// them, so that the order is causal.
    ///
    /// Changes that are stored already are compared and skipped. The order given to the rest is
    /// dense and is the commit order.
    ///
    /// - `news`: what the replica knows of earlier epochs; it counts for its changes already.
    /// - `cursor`: the sequence up to which the replica says it has everything.
    /// - `now`: the hub's clock, milliseconds since 1970; bounds the changes' times.
    /// - Throws: `SyncError` for a batch over a limit; nothing of it is stored then.
    func append(
        _ batch: Batch,
        news: EpochNews,
        from replica: ReplicaID,
        cursor: UInt64,
        now: Int64
    ) throws -> AppendOutcome

    /// A page of what a replica has not seen: a prefix of the order after its cursor, within its
    /// scopes, whole changes only.
    ///
    /// - Throws: `SyncError` with `.newEpoch` for a cursor beyond the head.
    func page(for replica: RegisteredReplica, _ pull: HubPull) throws -> HubPage

    /// A page of a subscription's change; see `SyncRequest.Transition`.
    ///
    /// - Throws: `SyncError` with `.newEpoch` for a cursor beyond the head.
    func transitionPage(
        for replica: RegisteredReplica,
        _ transition: SyncRequest.Transition,
        _ pull: HubPull
    ) throws -> HubPage

    /// Notes where a replica stands, as its exchange told.
    ///
    /// What is noted may be written later: losing it makes `compact` wait longer, no more.
    func note(_ contact: HubContact) throws

    /// Every replica that has written or registered, by id, but for bundles and the hub itself.
    func roster(now: Int64) throws -> [HubReplica]

    /// Takes a replica off the roster, so that `compact` does not wait for it any more; a contact
    /// puts it back.
    ///
    /// - `silentFor`: for how many milliseconds it must have been silent.
    /// - Throws: `SyncError` for a replica that is not known or was here more recently.
    @discardableResult
    func retire(
        _ replica: ReplicaID,
        reason: String,
        silentFor: Int64,
        now: Int64
    ) throws -> HubReplica

    /// Closes what was deleted long ago, and collects what was closed and everybody on the roster
    /// knows.
    func compact(_ options: HubCompaction.Options, now: Int64) throws -> HubCompaction

    /// Figures for operators; costs the same whatever the number of records.
    func statistics() throws -> HubStatistics

    /// Throws when the storage cannot be read.
    func ping() throws
}

extension HubStorage {
    /// Appends the changes of a replica that has nothing to tell of earlier epochs.
    public func append(
        _ batch: Batch,
        from replica: ReplicaID,
        cursor: UInt64,
        now: Int64
    ) throws -> AppendOutcome {
        try append(batch, news: EpochNews(), from: replica, cursor: cursor, now: now)
    }

    /// The record with this number, nil when there is none.
    public func record(number: UInt64) throws -> RecordKey? {
        try resolving { record in try record(number) }
    }
}

/// Where a hub stands, seen from one replica.
public struct HubPosition: Hashable, Sendable {
    /// The last sequence.
    public var head: UInt64
    /// The replica's highest counter that is stored or held apart.
    public var counter: UInt64

    /// Makes a position.
    public init(head: UInt64, counter: UInt64) {
        self.head = head
        self.counter = counter
    }
}

/// What a replica asks for.
public struct HubPull: Hashable, Sendable {
    /// The sequence up to which it has everything in its scopes.
    public var cursor: UInt64
    /// Peer-met changes of which only the receipts are wanted.
    public var held: VersionVector
    /// Of each held replica from where on they are wanted also of what the cursor has passed.
    public var unplaced: VersionVector
    /// The first of its own changes that it may not have a receipt of: receipts from there on are
    /// wanted whole.
    ///
    /// Nil when it brought nothing. It has the receipts of all it wrote then, and only needs to see
    /// where its changes end, by which a clone finds out that it is one.
    public var pushedFrom: UInt64?
    /// About how many bytes of entries, before compression; 0 for none.
    public var bytesMax: Int

    /// Makes a pull.
    public init(
        cursor: UInt64,
        held: VersionVector = VersionVector(),
        unplaced: VersionVector = VersionVector(),
        pushedFrom: UInt64? = nil,
        bytesMax: Int
    ) {
        self.cursor = cursor
        self.held = held
        self.unplaced = unplaced
        self.pushedFrom = pushedFrom
        self.bytesMax = bytesMax
    }
}

/// A replica that has introduced itself.
public struct RegisteredReplica: Hashable, Sendable {
    /// The short number that stands for it in requests.
    public var number: UInt64
    /// The bits that go with the number.
    public var tag: UInt32
    /// The replica.
    public var replica: ReplicaID
    /// What it subscribes to; empty for everything.
    public var scopes: [String]
    /// The preset dictionary that it knows; 0 for none.
    public var dictionaryVersion: UInt8

    /// Makes a registration.
    public init(
        number: UInt64,
        tag: UInt32,
        replica: ReplicaID,
        scopes: [String],
        dictionaryVersion: UInt8
    ) {
        self.number = number
        self.tag = tag
        self.replica = replica
        self.scopes = scopes
        self.dictionaryVersion = dictionaryVersion
    }
}

/// What became of a pushed batch.
public enum AppendOutcome: Hashable, Sendable {
    /// All of it is stored, now or before.
    case stored(Stored)
    /// The batch does not follow what is stored; nothing of it was stored.
    case gap(expected: UInt64)
    /// Another change is stored under this counter; nothing of the batch was stored.
    case fork(counter: UInt64)
    /// The replica, or a change's writer, has seen more than this hub has: the hub was restored from
    /// an older copy. Nothing of the batch was stored.
    case ahead

    /// What was stored.
    public struct Stored: Hashable, Sendable {
        /// Changes newly stored.
        public var changes = 0
        /// Changes that were stored before.
        public var repeated = 0
        /// Changes held apart for want of authority.
        public var quarantined: [SyncResponse.Quarantined] = []

        /// Makes an empty result.
        public init() {}
    }
}

/// A page of the hub's log for one replica.
public struct HubPage: Hashable, Sendable {
    /// With this page the replica has everything in its scopes up to this sequence.
    public var through: UInt64 = 0
    /// The last sequence.
    public var head: UInt64 = 0
    /// Where the replica's own and peer-met changes stand.
    public var receipts: [SyncResponse.ReplicaReceipts] = []
    /// Records that have left its scopes.
    public var leaves: [UInt64] = []
    /// Others' entries.
    public var entries = Batch(isSequenced: true)
    /// How far a change of subscription has come; 0 for all the way.
    public var transitionThrough: UInt64?
    /// What has become known of earlier epochs between the replica's cursor and the page's end.
    public var news = EpochNews()

    /// Makes an empty page.
    public init() {}
}

/// A hub in figures.
public struct HubStatistics: Hashable, Sendable {
    /// The last sequence.
    public var head: UInt64 = 0
    /// Visible records.
    public var records = 0
    /// Registered replicas.
    public var replicas = 0
    /// Open conflicts.
    public var conflicts = 0
    /// Changes held apart.
    public var quarantined = 0
    /// The file's size in bytes.
    public var bytes: UInt64 = 0

    /// Makes empty figures.
    public init() {}
}
