import GRDB
public import SyncCore

/// A hub's storage in one SQLite file: the device's tables, and the hub's own beside them.
public final class SQLiteHubStorage: HubStorage {
    let core: Serialized<SQLiteHubCore>
    /// The record types.
    public let schema: Schema
    /// The folder of the file.
    public let folder: String
    private let storedEpoch: Epoch

    /// Opens a hub's folder, or makes it.
    ///
    /// - Throws: `StoreError`; `.locked` when another process has it open.
    public convenience init(
        folder: String,
        schema: Schema,
        environment: CoreEnvironment = .system
    ) throws {
        // A device that is refused tries again, so a hub keeps no space back.
        try self.init(
            folder: folder,
            schema: schema,
            environment: environment,
            disk: StoreDisk(reserveBytes: 0)
        )
    }

    /// Opens a hub's folder on a disk that a test or the simulator brings.
    package init(
        folder: String,
        schema: Schema,
        environment: CoreEnvironment,
        disk: StoreDisk
    ) throws {
        let core = try SQLiteHubCore(
            folder: folder,
            schema: schema,
            environment: environment,
            disk: disk
        )
        storedEpoch = core.epoch
        self.core = Serialized(core)
        self.schema = schema
        self.folder = folder
    }

    /// The life of this hub's sequence.
    public var epoch: Epoch { storedEpoch }

    /// The hub's own replica id, under which it writes.
    public var replica: ReplicaID { core.withLock { $0.replica } }

    /// Registers a replica with what it subscribes to, or finds its registration.
    public func register(
        _ introduction: SyncRequest.Introduction,
        tag: UInt32
    ) throws -> RegisteredReplica {
        try core.withLock { try $0.register(introduction, tag: tag) }
    }

    /// The replica behind a registration.
    public func registered(number: UInt64, tag: UInt32) throws -> RegisteredReplica? {
        try core.withLock { try $0.registered(number: number, tag: tag) }
    }

    /// The record with this number.
    public func record(number: UInt64) throws -> RecordKey? {
        try core.withLock { core in
            guard let number = Int64(exactly: number) else { return nil }
            return try core.read { try core.store.key(of: number, $0) }
        }
    }

    /// Appends a replica's changes in one durable transaction.
    public func append(
        _ batch: Batch,
        from replica: ReplicaID,
        now: Int64
    ) throws -> AppendOutcome {
        try core.withLock { try $0.append(batch, from: replica, isTrusted: false, now: now) }
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
            try $0.append(batch, from: replica, isTrusted: true, now: now)
        }
    }

    /// A page of what a replica has not seen.
    public func page(
        for replica: RegisteredReplica,
        cursor: UInt64,
        held: VersionVector,
        bytesMax: Int
    ) throws -> HubPage {
        try core.withLock {
            try $0.page(for: replica, cursor: cursor, held: held, bytesMax: bytesMax)
        }
    }

    /// A page of a subscription's change.
    public func transitionPage(
        for replica: RegisteredReplica,
        cursor: UInt64,
        transition: SyncRequest.Transition,
        bytesMax: Int
    ) throws -> HubPage {
        try core.withLock {
            try $0.transitionPage(
                for: replica,
                cursor: cursor,
                transition: transition,
                bytesMax: bytesMax
            )
        }
    }

    /// Figures for operators.
    public func statistics() throws -> HubStatistics { try core.withLock { try $0.statistics() } }

    /// Every record with what is shown of it, by type and identity: for dumps and comparisons.
    public func forEachRecord(
        _ body: (RecordKey, RecordSchema, RecordState, RecordView) throws -> Void
    ) throws {
        try core.withLock { core in
            try core.read { db in
                for number in try Int64.fetchAll(db, sql: "SELECT number FROM record") {
                    guard let record = try core.store.load(number, db) else { continue }
                    try body(record.key, record.schema, record.state, record.view)
                }
            }
        }
    }

    /// Per replica, the highest counter that is stored.
    public func knowledge() throws -> VersionVector { core.withLock { $0.store.knowledge } }

    /// Ends the storage: everything is in the file, the file can be opened by another process.
    public func close() throws { try core.withLock { try $0.file.queue.close() } }
}
