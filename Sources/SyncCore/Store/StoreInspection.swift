import GRDB
public import Replication

/// What stands in a store's file, read without the lock and without writing a byte.
///
/// For looking at a store that another process uses, or that is damaged: as much as can be read is
/// given, and what cannot be read is named in `problems`.
public struct StoreInspection: Sendable {
    /// One value of the store's settings.
    public struct Setting: Hashable, Sendable {
        /// The name.
        public let key: String
        /// The value, as text.
        public let value: String
    }

    /// How far one replica's changes are here.
    public struct ReplicaRow: Hashable, Sendable {
        /// The replica.
        public let replica: ReplicaID
        /// The highest counter.
        public let counter: UInt64
    }

    /// How many records of a type there are.
    public struct TypeRow: Hashable, Sendable {
        /// The type's number.
        public let type: UInt32
        /// All records of it.
        public let records: Int
        /// Those with an open conflict.
        public let inConflict: Int
    }

    /// The mark of a SQLite file's owner; a store has 46 53 59 4e.
    public private(set) var applicationID: Int32 = 0
    /// The version of the tables.
    public private(set) var formatVersion: Int32 = 0
    /// Whether this is a store of this product.
    public var isStore: Bool { applicationID == StoreSchema.applicationID }
    /// The format that this program writes.
    public static var currentFormatVersion: Int32 { StoreSchema.version }
    /// The settings, by name.
    public private(set) var settings: [Setting] = []
    /// The rows of each table, by name.
    public private(set) var tables: [(name: String, rows: Int)] = []
    /// The replicas whose changes are here.
    public private(set) var replicas: [ReplicaRow] = []
    /// The records by type.
    public private(set) var types: [TypeRow] = []
    /// The last entries of the log, newest first.
    public private(set) var log: [LoggedEntry] = []
    /// What could not be read.
    public private(set) var problems: [String] = []

    /// The version of the SQLite library in use.
    public static var libraryVersion: String { Database.sqliteLibVersionNumberText }

    /// Whether the library has the WAL fault of 3.7.0 to 3.51.2, which the store's lock guards
    /// against.
    public static var libraryHasWALFault: Bool {
        (3_007_000...3_051_002).contains(Database.sqliteLibVersionNumber)
    }

    /// Reads the file of a store's folder.
    ///
    /// - Parameters:
    ///   - folder: the store's folder.
    ///   - schema: the record types, to read the log.
    ///   - logLimit: how many entries of the log to read.
    ///
    /// - Throws: `StoreError` when there is no file or it is no database.
    public init(folder: String, schema: Schema, logLimit: Int = 20) throws {
        let path = folder + "/store.sqlite"
        guard try StoreFile.exists(path) else {
            throw StoreError(.missing, "\(folder) holds no store")
        }
        do {
            if try StoreHeader.isEmpty(path) {
                problems.append("the store's file is empty; its records are not in it")
                return
            }
            let queue = try StoreInspection.open(path)
            try StoreInspection.read(queue) { db in
                try read(db, schema: schema, logLimit: logLimit)
            }
        } catch {
            throw StoreFile.translate(error, path: path)
        }
    }

    static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "field inspection"
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            _ = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
            return queue
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
        {
            // A write-ahead log cannot be shared from a folder that cannot be written; a file that
            // nobody writes can be read as it stands.
            return try DatabaseQueue(
                path: "file:\(path)?immutable=1",
                configuration: configuration
            )
        }
    }

    /// Reads as of one moment, whatever of it cannot be read.
    ///
    /// SQLite does not commit a transaction that has met damage; one that only reads need not be.
    static func read<T>(_ queue: DatabaseQueue, _ body: (Database) throws -> T) throws -> T {
        try queue.unsafeRead { db in
            try db.beginTransaction(.deferred)
            defer { try? db.rollback() }
            return try body(db)
        }
    }

    private mutating func read(_ db: Database, schema: Schema, logLimit: Int) throws {
        applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        formatVersion = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let names = try String.fetchAll(
            db,
            sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
        for name in names where !name.contains("\"") {
            attempt("table \(name)") {
                let rows = try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(name)\"") ?? 0
                $0.tables.append((name, rows))
            }
        }
        guard isStore else {
            problems.append("the file is a SQLite database, but not a field store")
            return
        }
        attempt("settings") {
            $0.settings =
                try Row.fetchAll(
                    db,
                    sql: "SELECT key, CAST(value AS TEXT) FROM meta ORDER BY key"
                )
                .map { Setting(key: try $0.value(0), value: try $0.value(1) ?? "") }
        }
        attempt("replicas") {
            $0.replicas =
                try Row.fetchAll(db, sql: "SELECT id, counter FROM replica ORDER BY number")
                .map {
                    ReplicaRow(
                        replica: ReplicaID(UInt64(bitPattern: try $0.value(0))),
                        counter: try $0.natural(1)
                    )
                }
        }
        attempt("records") {
            $0.types =
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT type, count(*), coalesce(sum(conflicts > 0), 0)
                        FROM record GROUP BY type ORDER BY type
                        """
                )
                .map {
                    TypeRow(
                        type: UInt32(truncatingIfNeeded: try $0.value(0) as Int64),
                        records: try $0.value(1),
                        inConflict: try $0.value(2)
                    )
                }
        }
        attempt("log") { try $0.readLog(db, schema: schema, limit: logLimit) }
    }

    private mutating func readLog(_ db: Database, schema: Schema, limit: Int) throws {
        let store = RecordStore(schema: schema)
        try store.reload(db)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT number, replica, counter, record, sequence, entry FROM log
                ORDER BY number DESC LIMIT ?
                """,
            arguments: [limit]
        )
        for row in rows {
            do {
                let read = try store.logRow(row, db)
                log.append(
                    LoggedEntry(
                        entry: read.entry,
                        sequence: store.sequence(of: read),
                        bound: read.bound
                    )
                )
            } catch {
                problems.append("log entry \((try? row.value(0) as Int64) ?? 0): \(error)")
            }
        }
    }

    private mutating func attempt(_ part: String, _ body: (inout StoreInspection) throws -> Void) {
        do { try body(&self) } catch { problems.append("\(part): \(error)") }
    }
}

extension Database {
    fileprivate static var sqliteLibVersionNumber: Int {
        // "3.40.1" is 3040001, as sqlite3_libversion_number gives it.
        let parts = sqliteLibVersionNumberText.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 3 else { return 0 }
        return parts[0] * 1_000_000 + parts[1] * 1_000 + parts[2]
    }

    fileprivate static var sqliteLibVersionNumberText: String {
        let queue = try? DatabaseQueue()
        let version = try? queue?.read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
        return version.flatMap { $0 } ?? ""
    }
}
