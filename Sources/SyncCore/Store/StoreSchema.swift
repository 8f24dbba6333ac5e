package import GRDB

/// The tables of a store, device's and hub's alike.
///
/// `docs/schema.md` tells every column's why.
package enum StoreSchema {
    /// "FSYN": marks the file as ours.
    package static let applicationID: Int32 = 0x4653_594E
    /// Grows with every migration; a store of a newer version is refused.
    package static let version: Int32 = 1

    /// Refuses a file that is not ours, or newer than this program.
    package static func check(_ db: Database) throws {
        try check(
            application: try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
            version: try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
            isEmpty: try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        )
    }

    static func check(application: Int32, version: Int32, isEmpty: Bool) throws {
        if application != applicationID, application != 0 || !isEmpty {
            throw StoreError(.foreign, "the file is a SQLite database, but not a field store")
        }
        guard version <= Self.version else {
            throw StoreError(
                .newerSchema,
                "the store has format \(version), this program knows up to \(Self.version); "
                    + "use the newer program"
            )
        }
    }

    package static func migrate(_ db: Database) throws {
        try check(db)
        let found = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if found < 1 { try createFirst(db) }
    }

    private static func createFirst(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE meta (
                    key TEXT PRIMARY KEY, value ANY
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE replica (
                    number INTEGER PRIMARY KEY,
                    id INTEGER NOT NULL UNIQUE,
                    counter INTEGER NOT NULL,
                    peer_counter INTEGER NOT NULL DEFAULT 0,
                    is_bundle INTEGER NOT NULL DEFAULT 0,
                    unplaced INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE TABLE author (
                    number INTEGER PRIMARY KEY,
                    name BLOB NOT NULL UNIQUE
                ) STRICT;
                CREATE TABLE record (
                    number INTEGER PRIMARY KEY,
                    type INTEGER NOT NULL,
                    identity BLOB NOT NULL,
                    hub INTEGER,
                    last INTEGER NOT NULL,
                    lifecycle INTEGER NOT NULL,
                    conflicts INTEGER NOT NULL,
                    state BLOB
                ) STRICT;
                CREATE UNIQUE INDEX record_by_identity ON record(type, identity);
                CREATE UNIQUE INDEX record_by_hub ON record(hub) WHERE hub IS NOT NULL;
                CREATE INDEX record_in_conflict ON record(type, number) WHERE conflicts > 0;
                CREATE TABLE log (
                    number INTEGER PRIMARY KEY,
                    replica INTEGER NOT NULL,
                    counter INTEGER NOT NULL,
                    record INTEGER NOT NULL,
                    previous INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    entry BLOB NOT NULL
                ) STRICT;
                CREATE TABLE departure (
                    record INTEGER PRIMARY KEY,
                    after INTEGER NOT NULL,
                    through INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE epoch (
                    number INTEGER PRIMARY KEY,
                    id TEXT NOT NULL UNIQUE,
                    is_born INTEGER NOT NULL DEFAULT 0,
                    parent TEXT,
                    head INTEGER NOT NULL DEFAULT 0,
                    records INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE TABLE earlier (
                    epoch INTEGER NOT NULL,
                    replica INTEGER NOT NULL,
                    first INTEGER NOT NULL,
                    count INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    entries INTEGER NOT NULL,
                    since INTEGER NOT NULL,
                    PRIMARY KEY (epoch, replica, first)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE lost (
                    replica INTEGER NOT NULL,
                    counter INTEGER NOT NULL,
                    waits INTEGER NOT NULL,
                    PRIMARY KEY (replica, counter)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE receipt (
                    replica INTEGER NOT NULL,
                    first INTEGER NOT NULL,
                    count INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    entries INTEGER NOT NULL,
                    PRIMARY KEY (replica, first)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE quarantine (
                    number INTEGER PRIMARY KEY,
                    replica INTEGER NOT NULL,
                    counter INTEGER NOT NULL,
                    reason TEXT NOT NULL,
                    entry BLOB NOT NULL
                ) STRICT;
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = 1;
                """
        )
    }
}
