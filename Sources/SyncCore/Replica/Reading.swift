import GRDB
public import Replication

/// Reads within one consistent view.
///
/// It is valid inside `Replica.read`'s body only.
public final class Reading {
    private let core: ReplicaCore
    private var db: Database?

    init(core: ReplicaCore, db: Database) {
        self.core = core
        self.db = db
    }

    func end() { db = nil }

    private func database() -> Database {
        guard let db else {
            misuse("a reading is valid inside the body of Replica.read only")
        }
        return db
    }

    /// A record; nil when it does not exist or is deleted.
    public func record<Target: Replication.Record>(_ reference: Reference<Target>) throws -> Target?
    {
        guard let view = try view(reference.key), view.lifecycle.isVisible else { return nil }
        return Target.mapping.record(from: view)
    }

    /// What is shown of a record; nil when it was never written here.
    public func view(_ key: RecordKey) throws -> RecordView? {
        try core.store.load(key, database())?.view
    }

    /// Everything that is kept of a record.
    public func state(_ key: RecordKey) throws -> RecordState? {
        try core.store.load(key, database())?.state
    }

    /// The records that a query finds, in its order.
    public func records(_ query: RecordQuery) throws -> [RecordKey] {
        try query.run(core.store, database())
    }

    /// The records of a type that a query finds.
    public func all<Target: Replication.Record>(
        _ type: Target.Type,
        where query: RecordQuery? = nil
    ) throws -> [(reference: Reference<Target>, record: Target)] {
        let query = query ?? RecordQuery(Target.mapping.schema)
        return try records(query)
            .compactMap { key in
                let reference = Reference<Target>(key.id)
                return try record(reference).map { (reference, $0) }
            }
    }

    /// Every record that was ever written here and has not left, by type and arrival: also deleted
    /// ones.
    public func allRecords() throws -> [RecordKey] {
        try Row.fetchAll(
            database()
                .cachedStatement(
                    sql: """
                        SELECT type, identity FROM record WHERE last > 0 AND lifecycle <> 0
                        ORDER BY type, number
                        """
                )
        )
        .map { try RecordStore.key(type: try $0.value(0), identity: $0.bytes(1)) }
    }

    /// How many records of a type are visible.
    public func count(type: UInt32) throws -> Int {
        try Int.fetchOne(
            database(),
            sql: """
                SELECT count(*) FROM record
                WHERE type = ? AND lifecycle IN (\(RecordView.Lifecycle.visibleCodes))
                """,
            arguments: [Int64(type)]
        ) ?? 0
    }

    /// Every entry of a record's history, in causal order.
    public func history(_ key: RecordKey) throws -> [HistoryEntry] {
        try core.store.history(of: key, database()).map { historyEntry($0) }
    }

    /// The reasons of a record's history, in no order that means anything.
    package func reasons(of key: RecordKey) throws -> [String] {
        try core.store.reasons(of: key, database())
    }

    /// The causal story of one field.
    public func why(_ key: RecordKey, field: UInt32) throws -> Explanation? {
        let db = database()
        guard let record = try core.store.load(key, db) else { return nil }
        let history = try core.store.history(of: record, db).map { historyEntry($0) }
        let store = core.store
        return Explanation(
            of: field,
            in: record.schema,
            history: history,
            state: record.state,
            view: record.view,
            knowing: { store.resolved($0.past) }
        )
    }

    /// The causal story of a record's existence: who created, ended or revived it, and who edited or
    /// sealed it without having seen that.
    public func whyLifecycle(_ key: RecordKey) throws -> LifecycleExplanation? {
        let db = database()
        guard let record = try core.store.load(key, db) else { return nil }
        let history = try core.store.history(of: record, db).map { historyEntry($0) }
        let store = core.store
        return LifecycleExplanation(
            history: history,
            state: record.state,
            view: record.view,
            knowing: { store.resolved($0.past) }
        )
    }

    /// The open conflicts, of all records or of one type.
    public func conflicts(type: UInt32? = nil) throws -> [OpenConflict] {
        let db = database()
        let numbers = try Int64.fetchAll(
            db,
            sql: """
                SELECT number FROM record WHERE conflicts > 0
                \(type.map { "AND type = \($0)" } ?? "") ORDER BY type, number
                """
        )
        return try numbers.flatMap { number -> [OpenConflict] in
            guard let record = try core.store.load(number, db) else { return [] }
            return record.view.conflicts.map {
                OpenConflict(record: record.key, schema: record.schema, conflict: $0)
            }
        }
    }

    /// The last changes of the log, newest first.
    public func log(limit: Int) throws -> [LoggedEntry] {
        let db = database()
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT number, replica, counter, record, sequence, entry FROM log
                ORDER BY number DESC LIMIT ?
                """,
            arguments: [limit]
        )
        return try rows.map { loggedEntry(try core.store.logRow($0, db)) }
    }

    /// What tells whether rows up to a number are still those that were read before.
    package struct LogMark: Hashable, Sendable {
        /// The number of the last row.
        package let last: Int64
        private let rows: Int64
        private let sum: Int64

        fileprivate init(last: Int64, rows: Int64, sum: Int64) {
            self.last = last
            self.rows = rows
            self.sum = sum
        }
    }

    /// The mark of the rows up to a number: another one when a row has gone or got another name.
    ///
    /// Entries are not looked into.
    package func logMark(through last: Int64) throws -> LogMark {
        let row = try Row.fetchOne(
            database()
                .cachedStatement(
                    sql: """
                        SELECT count(*), coalesce(sum(
                            ((replica * 8191 + counter) & 1048575) * (number & 1048575)), 0)
                        FROM log WHERE number <= ?
                        """
                ),
            arguments: [last]
        )
        return LogMark(last: last, rows: row?[0] ?? 0, sum: row?[1] ?? 0)
    }

    /// The entries of the rows after a number, oldest first, and the last row's number.
    package func log(after number: Int64) throws -> (entries: [LogEntry], last: Int64) {
        let db = database()
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number > ? ORDER BY number
                    """
            ),
            arguments: [number]
        )
        var entries: [LogEntry] = []
        var keys: [Int64: RecordKey] = [:]
        var last = number
        while let row = try rows.next() {
            last = try row.value(0)
            let read = try core.store.logRow(row.copy(), of: keys[try row.value(3)], db)
            keys[read.recordNumber] = read.entry.record
            entries.append(read.entry)
        }
        return (entries, last)
    }

    /// The entries of a change that waits here, or of a peer's change.
    package func entries(of dot: Dot) throws -> [LogEntry] {
        try core.rows(of: dot, database()).map(\.entry)
    }

    /// The last entries of a record's history, newest first; O(entries of this record).
    public func log(of key: RecordKey, limit: Int) throws -> [LoggedEntry] {
        let db = database()
        guard let record = try core.store.load(key, db) else { return [] }
        return try core.store.history(of: record, db).suffix(limit).reversed()
            .map { loggedEntry($0) }
    }

    /// The entries that the hub has not acknowledged, oldest first.
    public func outbox(limit: Int = .max) throws -> [LoggedEntry] {
        let db = database()
        return try core.outboxRows(limit: limit, db).map { loggedEntry($0) }
    }

    /// Where the replica stands.
    public func status() throws -> ReplicaStatus {
        let db = database()
        func count(_ sql: String) throws -> Int {
            try Int.fetchOne(db.cachedStatement(sql: sql)) ?? 0
        }
        let store = core.store
        let acknowledged = core.acknowledged
        return ReplicaStatus(
            replica: core.replica,
            records: try count(
                """
                SELECT count(*) FROM record
                WHERE lifecycle IN (\(RecordView.Lifecycle.visibleCodes))
                """
            ),
            entries: try count("SELECT count(*) FROM log"),
            waitingChanges: Int(clamping: store.knowledge[core.replica] - acknowledged),
            conflicts: try count("SELECT coalesce(sum(conflicts), 0) FROM record"),
            quarantined: try count("SELECT count(*) FROM quarantine"),
            cursor: core.hub.cursor,
            epoch: core.hub.epoch,
            scopes: core.hub.scopes,
            lastSyncAt: core.hub.lastSyncAt,
            knowledge: store.knowledge
        )
    }

    private func historyEntry(_ row: RecordStore.LogRow) -> HistoryEntry {
        var stamp = core.store.stamp(of: row)
        stamp.sequence = core.store.sequence(of: row)
        return HistoryEntry(
            stamp: stamp,
            writtenAt: row.entry.timestamp,
            context: row.entry.context,
            reason: row.entry.reason,
            actions: row.entry.actions
        )
    }

    private func loggedEntry(_ row: RecordStore.LogRow) -> LoggedEntry {
        LoggedEntry(
            entry: row.entry,
            sequence: core.store.sequence(of: row),
            bound: row.bound
        )
    }
}

/// An entry of the log with what the hub said of it.
public struct LoggedEntry: Hashable, Sendable {
    /// The entry.
    public let entry: LogEntry
    /// The hub's number; nil while the hub has not acknowledged it.
    public let sequence: UInt64?
    /// The hub's bound for the time, where the writer's clock was ahead.
    public let bound: HybridTimestamp?
}

/// Where a replica stands.
public struct ReplicaStatus: Hashable, Sendable {
    /// The store's identity.
    public let replica: ReplicaID
    /// Visible records.
    public let records: Int
    /// Entries in the log.
    public let entries: Int
    /// Own changes that the hub has not acknowledged.
    public let waitingChanges: Int
    /// Open conflicts.
    public let conflicts: Int
    /// Own changes that the hub holds apart.
    public let quarantined: Int
    /// The hub sequence up to which everything in scope is here.
    public let cursor: UInt64
    /// The hub's epoch; nil before the first sync.
    public let epoch: Epoch?
    /// The scopes subscribed to; empty for everything.
    public let scopes: [String]
    /// When the last exchange succeeded, by this device's clock.
    public let lastSyncAt: Int64?
    /// Per replica, the highest counter in the log.
    public let knowledge: VersionVector
}
