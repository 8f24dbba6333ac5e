import Foundation
import GRDB
import SyncCore

/// The hub's file and memory for writing, used by one thread at a time.
///
/// Its connection is the only one that writes and checkpoints; `HubReader` reads beside it.
final class SQLiteHubCore {
    let file: StoreFile
    let store: RecordStore
    let check: HubChangeCheck
    /// About how many bytes of history may enter scopes by one change; more of it follows under
    /// sequences of the hub's own, so that no page grows beyond what a message holds.
    let enteringBytesMax: Int
    var epoch = Epoch(high: 0, low: 0)
    var replica = ReplicaID(0)
    /// The last sequence.
    var head: UInt64 = 0
    /// The clock of receipt: strictly grows with the sequence, so that bounding by it keeps times
    /// in causal order.
    var clock = HybridLogicalClock()
    /// The scopes under which the transaction under way has listed something.
    var listed: Set<Int64> = []
    let arrivals = HubArrivals()
    /// The figures as they stand in the file.
    var figures = HubFigures()
    private var needsReload = true

    init(
        folder: String,
        schema: Schema,
        environment: CoreEnvironment,
        enteringBytesMax: Int,
        disk: StoreDisk
    ) throws {
        file = try StoreFile(folder: folder, mode: .openOrCreate, disk: disk, isShrinking: true)
        store = RecordStore(schema: schema)
        check = HubChangeCheck(schema: schema)
        self.enteringBytesMax = enteringBytesMax
        try write { db in
            try HubSchema.migrate(db)
            if epoch.high == 0 {
                var generator = Generator(environment: environment)
                epoch = .random(using: &generator)
                replica = .random(using: &generator)
                try setMeta("epoch", epoch.description, db)
                try setMeta("replica", Int64(bitPattern: replica.rawValue), db)
                try setMeta("is_hub", 1, db)
                store.epoch = epoch
                try store.add(EpochBirth(epoch: epoch), db)
            }
            try StoreMaintenance.adoptSchema(store, db)
            let counted = try HubFigures.count(db)
            try counted.store(replacing: figures, db)
            figures = counted
        }
    }

    private struct Generator: RandomNumberGenerator {
        let environment: CoreEnvironment
        mutating func next() -> UInt64 { environment.random() }
    }

    func write<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try file.queue.writeWithoutTransaction { db in
                if needsReload { try reload(db) }
                listed = []
                let headBefore = head
                var result: T?
                try db.inTransaction(.immediate) {
                    result = try body(db)
                    return .commit
                }
                guard let result else { throw StoreError(.database, "no result") }
                if head > headBefore { announce(db) }
                return result
            }
        } catch {
            needsReload = true
            throw StoreFile.translate(error, path: file.folder)
        }
    }

    /// Tells those who wait what the commit has brought.
    private func announce(_ db: Database) {
        // What is in no scope comes too, for those who receive everything. A name that cannot be
        // read now is missed until the wait's time is over.
        let names = listed.sorted()
            .compactMap { number in
                try? String.fetchOne(
                    db.cachedStatement(sql: "SELECT name FROM scope WHERE number = ?"),
                    arguments: [number]
                )
            }
        arrivals.announce(names, through: head)
    }

    func read<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try file.queue.writeWithoutTransaction { db in
                if needsReload { try reload(db) }
                return try body(db)
            }
        } catch {
            throw StoreFile.translate(error, path: file.folder)
        }
    }

    private func reload(_ db: Database) throws {
        if db.isInsideTransaction { try db.rollback() }
        try store.reload(db, withReceipts: false)
        let isNew = try Int.fetchOne(db, sql: "SELECT count(*) FROM meta") == 0
        guard try isNew || db.meta("is_hub") == 1
        else {
            throw StoreError(
                .foreign,
                "\(file.folder) is a device's store; a hub needs a folder of its own"
            )
        }
        if let text: String = try db.meta("epoch") {
            epoch = Epoch(text) ?? epoch
        }
        let id: Int64 = try db.meta("replica") ?? 0
        replica = ReplicaID(UInt64(bitPattern: id))
        head = try UInt64(
            stored: Int64.fetchOne(db, sql: "SELECT max(number) FROM log") ?? 0
        )
        let wall: Int64? = try db.meta("clock_wall")
        let logical: Int64 = try db.meta("clock_logical") ?? 0
        clock = HybridLogicalClock(
            latest: HybridTimestamp(wallTime: wall ?? 0, logical: UInt32(clamping: logical))
        )
        figures = try HubFigures.load(db)
        needsReload = false
    }

    func setMeta(_ key: String, _ value: (any DatabaseValueConvertible)?, _ db: Database) throws {
        try db.setMeta(key, value)
    }

    // MARK: Epochs

    /// Begins a new epoch at the head: what earlier ones numbered beyond it is not here.
    ///
    /// The hub takes a new id too, because what it had noted under the old one may be out there; and
    /// everybody introduces themselves anew.
    func renewEpoch(_ environment: CoreEnvironment, now: Int64) throws {
        try write { db in
            let parent = epoch
            // What waits for everybody begins anew: the roster's cursors are of the old epoch.
            try forgetInRoster(replica, db)
            let records = try Int64.fetchOne(db, sql: "SELECT max(number) FROM record") ?? 0
            var generator = Generator(environment: environment)
            epoch = .random(using: &generator)
            replica = .random(using: &generator)
            store.epoch = epoch
            try store.add(
                EpochBirth(
                    epoch: epoch,
                    parent: parent,
                    head: head,
                    records: UInt64(bitPattern: records)
                ),
                db
            )
            try setMeta("epoch", epoch.description, db)
            try setMeta("replica", Int64(bitPattern: replica.rawValue), db)
            try setMeta("epoch_renewed_at", now, db)
            // No tag has this value.
            try db.execute(sql: "UPDATE registration SET tag = -1")
        }
    }

    // MARK: Registrations

    func register(
        _ introduction: SyncRequest.Introduction,
        tag: UInt32
    ) throws -> RegisteredReplica {
        for scope in introduction.scopes {
            guard !scope.isEmpty, !scope.utf8.contains(where: { $0 == 0 || $0 == 10 }) else {
                throw SyncError(.refused, "a scope is empty or holds a line end or U+0000")
            }
            guard !scope.isOwnScope else {
                throw SyncError(.refused, "nobody can subscribe to the replica's own \(scope)")
            }
        }
        return try write { db in
            let id = Int64(bitPattern: introduction.replica.rawValue)
            try db.cachedStatement(
                sql: """
                    INSERT INTO registration(replica, tag, scopes, dictionary)
                    VALUES (?, ?, ?, ?)
                    ON CONFLICT(replica) DO UPDATE
                    SET tag = excluded.tag, scopes = excluded.scopes,
                        dictionary = excluded.dictionary
                    """
            )
            .execute(
                arguments: [
                    id, Int64(tag), ScopeList.encode(introduction.scopes),
                    Int64(introduction.dictionaryVersion),
                ]
            )
            let number = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT number FROM registration WHERE replica = ?"),
                arguments: [id]
            )
            return RegisteredReplica(
                number: UInt64(bitPattern: number ?? 0),
                tag: tag,
                replica: introduction.replica,
                scopes: introduction.scopes,
                dictionaryVersion: introduction.dictionaryVersion
            )
        }
    }
}

/// What a replica subscribes to, as a registration keeps it: varint n, then each as text.
enum ScopeList {
    static func encode(_ scopes: [String]) -> Data {
        var writer = ByteWriter()
        writer.count(scopes.count)
        for scope in scopes { writer.text(scope) }
        return Data(writer.bytes)
    }

    static func decode(_ data: Data) throws -> [String] {
        var reader = ByteReader([UInt8](data), part: "registration")
        let limits = WireLimits.standard
        let count = try reader.count(max: limits.scopesMax, bytesEach: 1, of: "scopes")
        var scopes: [String] = []
        for _ in 0..<count { scopes.append(try reader.text(max: limits.nameBytesMax)) }
        try reader.finish()
        return scopes
    }
}

/// The hub's own tables, beside the device's.
///
/// A table without row numbers has its key's columns first and in the key's order: SQLite's own
/// check looks for the others in the wrong place and finds NULL.
enum HubSchema {
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS registration (
                    number INTEGER PRIMARY KEY,
                    replica INTEGER NOT NULL UNIQUE,
                    tag INTEGER NOT NULL,
                    scopes BLOB NOT NULL,
                    dictionary INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE IF NOT EXISTS scope (
                    number INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    head INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE TABLE IF NOT EXISTS record_scope (
                    record INTEGER NOT NULL,
                    scope INTEGER NOT NULL,
                    since INTEGER NOT NULL,
                    PRIMARY KEY (record, scope)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS record_scope_by_scope ON record_scope(scope, record);
                CREATE TABLE IF NOT EXISTS record_scope_past (
                    record INTEGER NOT NULL,
                    until INTEGER NOT NULL,
                    scope INTEGER NOT NULL,
                    since INTEGER NOT NULL,
                    PRIMARY KEY (record, until, scope)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS record_parent (
                    record INTEGER NOT NULL,
                    parent INTEGER NOT NULL,
                    PRIMARY KEY (record, parent)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS record_parent_by_parent ON record_parent(parent);
                CREATE TABLE IF NOT EXISTS record_orphan (
                    record INTEGER NOT NULL,
                    type INTEGER NOT NULL,
                    identity BLOB NOT NULL,
                    PRIMARY KEY (record, type, identity)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS record_orphan_by_parent
                ON record_orphan(type, identity);
                CREATE TABLE IF NOT EXISTS scope_entry (
                    scope INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    record INTEGER NOT NULL,
                    position INTEGER NOT NULL,
                    PRIMARY KEY (scope, sequence, record)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS earlier_by_news ON earlier(since);
                CREATE INDEX IF NOT EXISTS quarantine_by_change ON quarantine(replica, counter);
                CREATE INDEX IF NOT EXISTS record_deleted ON record(number) WHERE lifecycle = 2;
                CREATE TABLE IF NOT EXISTS collection (
                    record INTEGER PRIMARY KEY,
                    last INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE IF NOT EXISTS roster (
                    replica INTEGER PRIMARY KEY,
                    since INTEGER NOT NULL,
                    contact INTEGER,
                    epoch TEXT NOT NULL,
                    cursor INTEGER NOT NULL,
                    seen INTEGER NOT NULL,
                    retired INTEGER
                ) STRICT;
                CREATE TABLE IF NOT EXISTS roster_event (
                    number INTEGER PRIMARY KEY,
                    replica INTEGER NOT NULL,
                    event TEXT NOT NULL,
                    at INTEGER NOT NULL,
                    reason TEXT NOT NULL
                ) STRICT;
                CREATE TABLE IF NOT EXISTS receipt_time (
                    sequence INTEGER PRIMARY KEY,
                    at INTEGER NOT NULL
                ) STRICT;
                """
        )
    }
}
