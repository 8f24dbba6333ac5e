import GRDB
public import SyncCore
import Synchronization

/// A hub's storage in one SQLite file: the device's tables, and the hub's own beside them.
///
/// One connection writes, another reads; reading does not wait for writing.
public final class SQLiteHubStorage: HubStorage {
    let core: Serialized<SQLiteHubCore>
    let reader: Serialized<HubReader>
    /// The record types.
    public let schema: Schema
    /// The folder of the file.
    public let folder: String
    let contacts = HubContacts()
    private let environment: CoreEnvironment
    private let life: Mutex<Life>

    private struct Life {
        var epoch: Epoch
        var replica: ReplicaID
    }

    /// Opens a hub's folder, or makes it.
    ///
    /// - Throws: `StoreError`; `.locked` when another process has it open.
    public convenience init(
        folder: String,
        schema: Schema,
        environment: CoreEnvironment = .system
    ) throws {
        try self.init(
            folder: folder,
            schema: schema,
            environment: environment,
            enteringBytesMax: 512 << 10,
            // A device that is refused tries again, so a hub keeps no space back.
            disk: StoreDisk(reserveBytes: 0)
        )
    }

    /// Opens a hub's folder as a test or the simulator asks for it.
    ///
    /// - `enteringBytesMax`: about how many bytes of history one change brings into scopes at once.
    /// - `disk`: the disk to work on.
    package init(
        folder: String,
        schema: Schema,
        environment: CoreEnvironment,
        enteringBytesMax: Int = 512 << 10,
        disk: StoreDisk = StoreDisk(reserveBytes: 0)
    ) throws {
        let core = try SQLiteHubCore(
            folder: folder,
            schema: schema,
            environment: environment,
            enteringBytesMax: enteringBytesMax,
            disk: disk
        )
        arrivals = core.arrivals
        life = Mutex(Life(epoch: core.epoch, replica: core.replica))
        self.environment = environment
        self.core = Serialized(core)
        reader = Serialized(try HubReader(folder: folder, schema: schema, disk: disk))
        self.schema = schema
        self.folder = folder
    }

    deinit {
        // Before the writer's: the last connection to close cleans up, which is the writer's to do.
        try? reader.withLock { try $0.queue.close() }
    }

    /// The life of this hub's sequence.
    public var epoch: Epoch { life.withLock { $0.epoch } }

    /// Who waits for what comes into this file.
    public let arrivals: HubArrivals

    /// The hub's own replica id, under which it writes.
    public var replica: ReplicaID { life.withLock { $0.replica } }

    /// How this hub's epochs began.
    public func births() throws -> [EpochBirth] {
        try core.withLock { core in try core.read { _ in core.store.lives.allBirths } }
    }

    /// Begins a new epoch.
    @discardableResult
    public func renewEpoch(now: Int64, unlessSince limit: Int64? = nil) throws -> Bool {
        try core.withLock { core in
            let last = try core.read { db in
                try Int64.fetchOne(
                    db,
                    sql: "SELECT value FROM meta WHERE key = 'epoch_renewed_at'"
                )
            }
            if let last, let limit, last > limit { return false }
            try core.renewEpoch(environment, now: now)
            _ = contacts.take()
            life.withLock { $0 = Life(epoch: core.epoch, replica: core.replica) }
            arrivals.announceAll()
            return true
        }
    }

    /// Registers a replica with what it subscribes to, or finds its registration.
    public func register(
        _ introduction: SyncRequest.Introduction,
        tag: UInt32
    ) throws -> RegisteredReplica {
        try core.withLock { try $0.register(introduction, tag: tag) }
    }

    /// The replica behind a registration.
    public func registered(number: UInt64, tag: UInt32) throws -> RegisteredReplica? {
        try reader.withLock { try $0.registered(number: number, tag: tag) }
    }

    /// How far the order has come, and how far it has a replica's changes.
    public func position(of replica: ReplicaID) throws -> HubPosition {
        try reader.withLock { try $0.position(of: replica) }
    }

    /// Finds records by their numbers, all as of one moment.
    public func resolving<Result>(
        _ body: (_ record: (UInt64) throws -> RecordKey?) throws -> Result
    ) throws -> Result {
        try reader.withLock { reader in
            try reader.read { db in
                try body { number in
                    guard let number = Int64(exactly: number) else { return nil }
                    return try reader.store.key(of: number, db)
                }
            }
        }
    }

    /// Appends a replica's changes in one durable transaction.
    public func append(
        _ batch: Batch,
        news: EpochNews,
        from replica: ReplicaID,
        cursor: UInt64,
        now: Int64
    ) throws -> AppendOutcome {
        try core.withLock {
            try $0.append(
                batch,
                news: news,
                from: replica,
                cursor: cursor,
                isTrusted: false,
                now: now
            )
        }
    }

    /// Stores changes that do not come from a device: reference data that the operator loads.
    ///
    /// Hub-only fields are allowed.
    @discardableResult
    public func install(_ changes: [Change], now: Int64) throws -> AppendOutcome {
        var batch = Batch(isSequenced: false)
        for change in changes { batch.entries += change.entries.map { Batch.Item(entry: $0) } }
        guard let replica = changes.first?.dot.replica else { return .stored(.init()) }
        return try core.withLock {
            try $0.append(batch, from: replica, cursor: 0, isTrusted: true, now: now)
        }
    }

    /// A page of what a replica has not seen.
    public func page(for replica: RegisteredReplica, _ pull: HubPull) throws -> HubPage {
        try reader.withLock { try $0.page(for: replica, pull) }
    }

    /// A page of a subscription's change.
    public func transitionPage(
        for replica: RegisteredReplica,
        _ transition: SyncRequest.Transition,
        _ pull: HubPull
    ) throws -> HubPage {
        try reader.withLock { try $0.transitionPage(for: replica, transition, pull) }
    }

    /// Figures for operators.
    public func statistics() throws -> HubStatistics {
        try reader.withLock { try $0.statistics() }
    }

    /// Throws when the file cannot be read.
    public func ping() throws { try reader.withLock { try $0.ping() } }

    /// Every record with what is shown of it, by type and identity: for dumps and comparisons.
    public func forEachRecord(
        _ body: (RecordKey, RecordSchema, RecordState, RecordView) throws -> Void
    ) throws {
        try reader.withLock { reader in
            try reader.read { db in
                for number in try Int64.fetchAll(db, sql: "SELECT number FROM record") {
                    guard let record = try reader.store.load(number, db) else { continue }
                    try body(record.key, record.schema, record.state, record.view)
                }
            }
        }
    }

    /// Per replica, the highest counter that is stored or held apart.
    public func knowledge() throws -> VersionVector {
        // A read first: after a failed append memory is read anew.
        try core.withLock { core in try core.read { _ in core.store.knowledge } }
    }

    /// Ends the storage: everything is in the file, the file can be opened by another process.
    public func close() throws {
        let pending = contacts.take()
        if let now = pending.map(\.at).max() {
            // Nobody needs them to be right.
            try? core.withLock { core in
                try core.write { try core.updateRoster(pending, now: now, $0) }
            }
        }
        try reader.withLock { try $0.queue.close() }
        try core.withLock { try $0.file.queue.close() }
    }
}
