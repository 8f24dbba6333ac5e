import Foundation
import GRDB
import SyncCore

/// Reads a hub's file on a connection of its own, so that reading does not wait for writing.
///
/// In WAL mode a reader sees the last commit as it was when it began. This connection is read-only: it
/// never writes and never checkpoints, which is what makes a second one safe with every version of
/// SQLite. It is closed before the writer's. What its memory keeps are names of committed rows,
/// which never change.
final class HubReader {
    let queue: DatabaseQueue
    let store: RecordStore
    private let folder: String

    init(folder: String, schema: Schema, disk: StoreDisk) throws {
        self.folder = folder
        store = RecordStore(schema: schema)
        var configuration = Configuration()
        configuration.label = "field hub reader"
        configuration.readonly = true
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA query_only = ON;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -8000;
                    """
            )
        }
        do {
            queue = try DatabaseQueue(
                path: disk.address(of: folder + "/store.sqlite"),
                configuration: configuration
            )
        } catch {
            throw StoreFile.translate(error, path: folder)
        }
    }

    /// Reads as of one moment.
    func read<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try queue.unsafeRead { db in
                // As the queue's own `read`, which prepares these statements anew every time.
                try db.cachedStatement(sql: "BEGIN DEFERRED TRANSACTION").execute()
                defer {
                    // It has read only: how it ends makes no difference.
                    try? db.cachedStatement(sql: "COMMIT TRANSACTION").execute()
                    if db.isInsideTransaction { try? db.rollback() }
                }
                return try body(db)
            }
        } catch {
            throw StoreFile.translate(error, path: folder)
        }
    }

    /// Reads by one statement, which sees one moment by itself: a transaction around it would cost as
    /// much again.
    private func readOnce<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try queue.unsafeRead { try body($0) }
        } catch {
            throw StoreFile.translate(error, path: folder)
        }
    }

    /// The last sequence.
    func head(_ db: Database) throws -> UInt64 {
        try UInt64(
            stored: db.cachedStatement(sql: "SELECT max(number) FROM log")
                .first { try $0.integer(0) } ?? 0
        )
    }

    /// A replica's number in the tables; nil when nothing of it was ever met.
    func number(of replica: ReplicaID, _ db: Database) throws -> Int64? {
        try db.cachedStatement(sql: "SELECT number FROM replica WHERE id = ?")
            .first(BoundValue(replica.rawValue)) { try $0.integer(0) }
    }

    func position(of replica: ReplicaID) throws -> HubPosition {
        try readOnce { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT coalesce((SELECT max(number) FROM log), 0),
                               coalesce((SELECT counter FROM replica WHERE id = ?), 0)
                        """
                ),
                arguments: [Int64(bitPattern: replica.rawValue)]
            )
            guard let row else { throw StoreError(.database, "no result") }
            return HubPosition(
                head: try row.natural(0),
                counter: UInt64(bitPattern: try row.value(1) as Int64)
            )
        }
    }

    func registered(number: UInt64, tag: UInt32) throws -> RegisteredReplica? {
        guard let number = Int64(exactly: number) else { return nil }
        return try readOnce { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT replica, tag, scopes, dictionary FROM registration
                        WHERE number = ?
                        """
                ),
                arguments: [number]
            )
            guard let row, (try row.value(1) as Int64) == Int64(tag) else { return nil }
            return RegisteredReplica(
                number: UInt64(number),
                tag: tag,
                replica: ReplicaID(UInt64(bitPattern: try row.value(0))),
                scopes: try ScopeList.decode(try row.value(2)),
                dictionaryVersion: UInt8(truncatingIfNeeded: try row.value(3) as Int64)
            )
        }
    }

    func statistics() throws -> HubStatistics {
        try read { db in
            let figures = try HubFigures.load(db)
            var statistics = HubStatistics()
            statistics.head = try head(db)
            statistics.records = figures.records
            statistics.conflicts = figures.conflicts
            statistics.quarantined = figures.quarantined
            func value(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
            // Registrations are numbered from 1 and never deleted.
            statistics.replicas = try value("SELECT coalesce(max(number), 0) FROM registration")
            let pages = try value("PRAGMA page_count")
            statistics.bytes = UInt64(pages) * UInt64(try value("PRAGMA page_size"))
            return statistics
        }
    }

    func ping() throws {
        try read { db in _ = try Int.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM meta")) }
    }

    // MARK: Rows

    /// A row of the log, and whether it is its record's first.
    struct Entry {
        let row: RecordStore.LogRow
        let isFirst: Bool
        /// About how many bytes it takes.
        let size: Int

        /// As it goes to a device.
        func item(introducesRecord: Bool) -> Batch.Item {
            Batch.Item(
                entry: row.entry,
                recordNumber: UInt64(bitPattern: row.recordNumber),
                introducesRecord: introducesRecord,
                sequence: row.sequence,
                bound: row.bound
            )
        }

        /// Whether the receiver may see the record for the first time here.
        ///
        /// Not every record begins with its creation: a named one may be written without.
        var introducesRecord: Bool { isFirst || row.entry.actions.contains(.create) }
    }

    /// Rows of the log with their records' addresses, for `entry`.
    static let entries = """
        SELECT log.number, replica, counter, record, sequence, entry, previous, type, identity
        FROM log LEFT JOIN record ON record.number = record
        """

    /// Reads a row of `entries`.
    func entry(_ row: Row, _ db: Database) throws -> Entry {
        Entry(
            row: try store.logRow(row, of: RecordStore.key(of: row, at: 7), db),
            isFirst: (try row.value(6) as Int64) == 0,
            size: try row.withUnsafeData(atIndex: 5) { $0?.count ?? 0 } + 16
        )
    }

    /// A record's whole history, and which of it the device does not have.
    struct History {
        let rows: [RecordStore.LogRow]
        let wanted: [RecordStore.LogRow]
        /// Whether the first row is sent to a device that has all of them.
        private(set) var isEchoed = false

        init(rows: [RecordStore.LogRow], isWanted: (Dot) -> Bool) {
            self.rows = rows
            wanted = rows.filter { isWanted($0.entry.dot) }
        }

        /// About how many bytes it takes.
        var size: Int { wanted.reduce(0) { $0 + $1.entry.approximateSize } }

        /// A record that was there before it came to the device's scopes may have left them before:
        /// a row that the device has itself tells it that the record is back, when there is no other.
        func echoing(ifBefore since: UInt64) -> History {
            var history = self
            history.isEchoed = rows.first.map { $0.sequence < since } ?? false
            return history
        }
    }

    func history(
        of number: Int64,
        isWanted: (Dot) -> Bool,
        _ db: Database
    ) throws -> History {
        guard let record = try store.load(number, db) else {
            return History(rows: [], isWanted: isWanted)
        }
        return History(rows: try store.history(of: record, db), isWanted: isWanted)
    }
}

extension HubPage {
    /// Sends a record's history up to a sequence.
    mutating func introduce(_ history: HubReader.History, through: UInt64) {
        var rows = history.wanted.filter { $0.sequence <= through }
        if rows.isEmpty, history.isEchoed {
            rows = history.rows.prefix(1).filter { $0.sequence <= through }
        }
        for row in rows {
            let entry = HubReader.Entry(row: row, isFirst: false, size: 0)
            entries.entries.append(entry.item(introducesRecord: true))
        }
    }
}
