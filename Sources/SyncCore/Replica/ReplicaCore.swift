import GRDB
import Replication

/// Everything a replica's store and memory hold, used by one thread at a time.
package final class ReplicaCore {
    package let file: StoreFile
    package let store: RecordStore
    let environment: CoreEnvironment
    var replica = ReplicaID(0)
    /// Whether the id was derived from changes that were recorded again: copies of one backup share
    /// it until the hub has those changes.
    var isDerived = false
    var clock = HybridLogicalClock()
    var hub = HubState()
    /// The last own log row that the hub has acknowledged: the outbox begins after it.
    var outboxAfter: Int64 = 0
    /// The own counter up to which `outboxAfter` has been moved by this process.
    var outboxTold: UInt64 = 0
    /// The highest own counter that the hub holds apart.
    var quarantinedThrough: UInt64 = 0
    /// The highest own counter for which the hub itself has told a place.
    ///
    /// A peer may tell earlier where the hub put a change of this number. That orders what others
    /// wrote, but nobody has compared the two: the number may be a clone's.
    var confirmed: UInt64 = 0

    /// Others' changes that the hub had numbered in an earlier epoch and has not in this one, as far
    /// as this device's cursor tells.
    var lost = LostChanges()
    /// Peers' changes that this store has brought to the hub; it may hold some apart.
    var forwarded = VersionVector()
    /// The request that is under way, or the last one.
    var exchange = Exchange()

    /// What stood in a request: its answer is judged by this, whatever was written since.
    struct Exchange {
        /// Up to this own change the hub has the same as this store, or says that it has not.
        var comparedThrough: UInt64 = 0
        /// Peers' changes that it brought.
        var peers = VersionVector()
        /// Of the lost ones those that it brought.
        var lost: [Dot] = []
        /// Whether it told what is known of earlier epochs.
        var hasNews = false
        /// What it said that it holds of peers, and from where on it asked for places.
        var held = VersionVector()
        var unplaced = VersionVector()
        /// What it subscribed to; nil before the first request.
        var scopes: [String]?
        /// Whether it was made with the preset dictionary.
        var usesDictionary = false
    }
    /// Whether the hub could not read what was made with the preset dictionary.
    var isDictionaryRefused = false

    /// Where this replica stands with its hub.
    struct HubState: Equatable {
        var epoch: Epoch?
        var registration: SyncResponse.Registration?
        var cursor: UInt64 = 0
        var scopes: [String] = []
        /// Set while a change of subscription is carried out.
        var transition: SyncRequest.Transition?
        var lastSyncAt: Int64?
        /// Whether this epoch's hub has been told what is known here of earlier ones.
        var isNewsTold = false
        /// Whether all that came after the cursor is wanted, also what is here: some of it may have
        /// left with a record.
        var isRefetching = false
    }

    init(
        folder: String,
        mode: StoreFile.Mode,
        schema: Schema,
        environment: CoreEnvironment,
        disk: StoreDisk = .system
    ) throws {
        file = try StoreFile(folder: folder, mode: mode, disk: disk)
        store = RecordStore(schema: schema)
        self.environment = environment
        try write { db in
            try self.mintReplicaIfNeeded(db)
            try self.store.own(self.replica, db)
            try StoreMaintenance.adoptSchema(self.store, db)
        }
    }

    /// Runs a transaction; after an error memory is read anew, so it never outlives a rollback.
    ///
    /// Only an edit that was refused before it touched a row leaves memory as it was.
    func write<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try file.queue.writeWithoutTransaction { db in
                if needsReload { try reload(db) }
                let changes = db.totalChangesCount
                var result: T?
                do {
                    try db.inTransaction(.immediate) {
                        result = try body(db)
                        return .commit
                    }
                } catch {
                    #if FIELD_MUTANTS
                    // SQLite has left the transaction: what it did is taken for done.
                    if Mutant.isOn(.m6), !db.isInsideTransaction, let result { return result }
                    #endif
                    needsReload = !(error is EditError) || db.totalChangesCount != changes
                    throw error
                }
                guard let result else { throw StoreError(.database, "no result") }
                return result
            }
        } catch {
            throw StoreFile.translate(error, path: file.folder)
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try file.queue.writeWithoutTransaction { db in
                if needsReload { try reload(db) }
                return try body(db)
            }
        } catch let error as WireError {
            throw StoreError(
                error.code == .unknownVersion ? .newerSchema : .corrupt,
                "\(file.folder) cannot be read: \(error); keep the file and run `field doctor`",
                underlying: error
            )
        } catch {
            throw StoreFile.translate(error, path: file.folder)
        }
    }

    /// Makes memory what the file holds, for what is told from memory alone: after an error it may
    /// hold what was rolled back.
    func settle() {
        // On a disk that cannot be read memory is all there is.
        if needsReload { try? read { _ in } }
    }

    private var needsReload = true
    /// What this process has written to `meta`, by key.
    private var metaWritten: [String: DatabaseValue] = [:]

    private func reload(_ db: Database) throws {
        // SQLITE_FULL and its like may have rolled back already; GRDB has left the transaction.
        if db.isInsideTransaction { try db.rollback() }
        let isHub = try db.meta("is_hub") == 1
        guard !isHub else {
            throw StoreError(
                .foreign,
                "\(file.folder) is a hub's store; a device needs a folder of its own"
            )
        }
        metaWritten = [:]
        try store.reload(db)
        hub = try HubStateRow.read(db)
        lost = try LostChanges(store, db)
        forwarded = try forwardedPeers(db)
        exchange.peers = VersionVector()
        outboxTold = 0
        outboxAfter = try db.meta("outbox_after") ?? 0
        confirmed = UInt64(bitPattern: try db.meta("confirmed") ?? 0 as Int64)
        let id: Int64 = try db.meta("replica") ?? 0
        replica = ReplicaID(UInt64(bitPattern: id))
        isDerived = try db.meta("replica_derived") == 1
        clock = HybridLogicalClock()
        if id != 0 {
            try store.own(replica, db)
            try observeStoredTimes(db)
            quarantinedThrough = try UInt64(
                stored: Int64.fetchOne(
                    db,
                    sql: "SELECT max(counter) FROM quarantine WHERE replica = ?",
                    arguments: [try store.names.number(of: replica, db)]
                ) ?? 0
            )
        }
        needsReload = false
    }

    /// The clock goes on after everything in the log and everything that syncs brought.
    private func observeStoredTimes(_ db: Database) throws {
        let logical: Int64 = try db.meta("clock_logical") ?? 0
        if let wall: Int64 = try db.meta("clock_wall") {
            clock.observe(
                HybridTimestamp(wallTime: wall, logical: UInt32(clamping: logical))
            )
        }
        let number = try store.names.number(of: replica, db)
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT number, replica, counter, record, sequence, entry FROM log
                WHERE replica = ? ORDER BY number DESC LIMIT 1
                """,
            arguments: [number]
        )
        if let row { clock.observe(try store.logRow(row, db).entry.timestamp) }
    }

    private func mintReplicaIfNeeded(_ db: Database) throws {
        guard replica.rawValue == 0 else { return }
        var generator = EnvironmentGenerator(environment: environment)
        replica = .random(using: &generator)
        try setMeta("replica", Int64(bitPattern: replica.rawValue), db)
    }

    /// Writes a value of `meta`, unless this process has written the same there before: what is
    /// written here is written in no other way.
    func setMeta(_ key: String, _ value: (any DatabaseValueConvertible)?, _ db: Database) throws {
        let value = value?.databaseValue ?? .null
        if let written = metaWritten[key], written.hasSameBytes(as: value) { return }
        try db.setMeta(key, value)
        metaWritten[key] = value
    }

    func storeHub(_ db: Database) throws {
        try HubStateRow.write(hub) { try setMeta($0, $1, db) }
        store.epoch = hub.epoch
        try setMeta("outbox_after", outboxAfter, db)
        try setMeta("confirmed", Int64(bitPattern: confirmed), db)
        try storeForwarded(db)
        try setMeta("clock_wall", clock.latest.wallTime, db)
        try setMeta("clock_logical", Int64(clock.latest.logical), db)
    }

    /// The highest own counter that the hub has answered for: numbered, or held apart.
    var acknowledged: UInt64 {
        max(min(confirmed, store.receipts[replica]?.acknowledged ?? 0), quarantinedThrough)
    }
}

/// The hub's state as rows of `meta`.
enum HubStateRow {
    static func read(_ db: Database) throws -> ReplicaCore.HubState {
        func integer(_ key: String) throws -> Int64? {
            try db.meta(key)
        }
        var state = ReplicaCore.HubState()
        if let text: String = try db.meta("epoch") {
            state.epoch = Epoch(text)
        }
        state.cursor = try UInt64(stored: integer("cursor") ?? 0)
        if let epoch = state.epoch, let number = try integer("registration_number"),
            let tag = try integer("registration_tag")
        {
            state.registration = SyncResponse.Registration(
                number: UInt64(bitPattern: number),
                tag: UInt32(truncatingIfNeeded: tag),
                epoch: epoch
            )
        }
        let scopes: String? = try db.meta("scopes")
        state.scopes = scopes.map { $0.split(separator: "\n").map(String.init) } ?? []
        if let after = try integer("transition_after") {
            let from: String? = try db.meta("transition_from")
            state.transition = SyncRequest.Transition(
                from: from.map { $0.split(separator: "\n").map(String.init) } ?? [],
                after: try UInt64(stored: after)
            )
        }
        state.lastSyncAt = try integer("last_sync_at")
        state.isNewsTold = try integer("epoch_news_told") == 1
        state.isRefetching = try integer("is_refetching") == 1
        return state
    }

    static func write(
        _ state: ReplicaCore.HubState,
        set: (_ key: String, _ value: (any DatabaseValueConvertible)?) throws -> Void
    ) throws {
        try set("epoch", state.epoch?.description)
        try set("cursor", Int64(bitPattern: state.cursor))
        try set(
            "registration_number",
            state.registration.map { Int64(bitPattern: $0.number) }
        )
        try set("registration_tag", state.registration.map { Int64($0.tag) })
        try set("scopes", state.scopes.joined(separator: "\n"))
        try set("transition_after", state.transition.map { Int64(bitPattern: $0.after) })
        try set("transition_from", state.transition?.from.joined(separator: "\n"))
        try set("last_sync_at", state.lastSyncAt)
        try set("epoch_news_told", state.isNewsTold ? 1 : nil)
        try set("is_refetching", state.isRefetching ? 1 : nil)
    }
}
