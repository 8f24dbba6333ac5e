package import GRDB
package import Replication

/// The log and the records of one store, and what memory keeps of them.
///
/// It lives inside one connection's transactions: every method takes the `Database` of the
/// transaction it is part of, and after any error the owner calls `reload`, so that nothing in
/// memory outlives a rollback. The device's replica and the hub both stand on it.
package final class RecordStore {
    package let schema: Schema
    package var names = NameTable()
    let projections: [UInt32: Projection]
    /// Per replica, the highest counter in the log.
    package private(set) var knowledge = VersionVector()
    /// Per replica, the highest counter that came from a peer and not from the hub.
    package private(set) var peerMet = VersionVector()
    /// Per replica, the first peer-met change that came without its place since the hub was last
    /// asked: the cursor may have passed it already.
    package private(set) var unplaced = VersionVector()
    /// Replicas whose changes ship with the app: every store installs them for itself.
    package private(set) var bundles: Set<ReplicaID> = []
    /// Where the hub put the changes of replicas whose entries came in without a sequence.
    package private(set) var receipts: [ReplicaID: Receipts] = [:]
    /// The hub's earlier epochs, and what they numbered.
    package internal(set) var lives = EarlierLives()
    /// The epoch whose numbers the log's sequences and the receipts are; nil before there are any.
    package var epoch: Epoch?

    /// The replica whose counter is derived from the log instead of written with every change.
    private var ownReplica: ReplicaID?
    /// What `persistOwn` has written: an exchange in which nothing happened writes nothing.
    private var persisted: (counter: UInt64, through: Int64?)?
    /// What `knowledge` holds and the table does not yet.
    private var learned = VersionVector()

    package init(schema: Schema) {
        self.schema = schema
        projections = Dictionary(
            uniqueKeysWithValues: schema.records.map { ($0.number, Projection($0)) }
        )
    }

    /// Reads what memory keeps, at open and after every error.
    ///
    /// - `withReceipts`: false for a hub, whose entries all carry their sequence and whose
    ///   receipts of every replica would fill memory.
    package func reload(_ db: Database, withReceipts: Bool = true) throws {
        names = NameTable()
        knowledge = VersionVector()
        peerMet = VersionVector()
        unplaced = VersionVector()
        bundles = []
        learned = VersionVector()
        receipts = [:]
        persisted = nil
        lives = try RecordStore.lives(db)
        epoch = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'epoch'")
            .flatMap { Epoch($0) }
        let replicas = try Row.fetchAll(
            db,
            sql:
                "SELECT id, counter, peer_counter, is_bundle, unplaced FROM replica ORDER BY number"
        )
        for row in replicas {
            let replica = ReplicaID(UInt64(bitPattern: try row.value(0)))
            knowledge[replica] = try row.natural(1)
            peerMet[replica] = try row.natural(2)
            if (try row.value(3) as Int64) != 0 { bundles.insert(replica) }
            unplaced[replica] = try row.natural(4)
        }
        guard withReceipts else { return }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id, first, count, sequence, entries
                FROM receipt JOIN replica ON number = replica ORDER BY replica, first
                """
        )
        for row in rows {
            let replica = ReplicaID(UInt64(bitPattern: try row.value(0)))
            let run = Receipts.Run(
                first: try row.natural(1),
                count: try row.natural(2),
                sequence: try row.natural(3),
                entries: try row.natural(4)
            )
            do {
                try receipts[replica, default: Receipts()].append(run, allowingGap: true)
            } catch {
                throw StoreError(.corrupt, "the receipts of \(replica) are damaged: \(error)")
            }
        }
    }

    /// The schema of a type; a type that this version does not know keeps everything.
    package func recordSchema(_ type: UInt32) -> RecordSchema {
        schema.record(type) ?? RecordSchema(number: type, name: "type-\(type)", fields: [])
    }

    /// What an entry's writer had seen, with the receipts of changes that carry no sequence.
    package func past(of entry: LogEntry) -> ResolvedPast {
        resolved(entry.past)
    }

    /// A past with all that is known of the changes' numbers.
    package func resolved(_ past: CausalPast) -> ResolvedPast {
        ResolvedPast(past: past, receipts: receipts, lives: lives, epoch: epoch)
    }

    // MARK: Names and knowledge

    /// Takes a replica's counter from the log from now on, so that a local write need not touch the
    /// replica table.
    ///
    /// `persistOwn` writes it now and then, to keep the scan at open short.
    package func own(_ replica: ReplicaID, _ db: Database) throws {
        let number = try names.number(of: replica, db)
        let scanned = try db.meta("own_counter_log") as Int64?
        let counter = try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT max(counter) FROM log WHERE number > ? AND replica = ?"
            ),
            arguments: [scanned ?? 0, number]
        )
        if let counter { knowledge.insert(Dot(replica, try UInt64(stored: counter))) }
        ownReplica = replica
        persisted = nil
    }

    /// Writes the own counter, within a transaction that syncs.
    package func persistOwn(_ db: Database) throws {
        guard let ownReplica else { return }
        let counter = knowledge[ownReplica]
        if persisted?.counter != counter {
            let number = try names.number(of: ownReplica, db)
            try db.cachedStatement(sql: "UPDATE replica SET counter = ? WHERE number = ?")
                .run(BoundValue(counter), .integer(number))
        }
        // Asked and written by two statements: one that does both makes SQLite open a savepoint, for
        // which the full text tables write out what they have gathered.
        let last = try db.cachedStatement(sql: "SELECT max(number) FROM log")
            .first { try $0.integer(0) }
        if persisted?.through != last { try db.setMeta("own_counter_log", last ?? 0) }
        persisted = (counter, last)
    }

    /// Notes that `dot` is in the log.
    ///
    /// Counters only grow; `persistLearned` writes them, once for all entries of a transaction.
    package func learn(_ dot: Dot) {
        guard knowledge[dot.replica] < dot.counter else { return }
        knowledge.insert(dot)
        if dot.replica != ownReplica { learned.insert(dot) }
    }

    func persistLearned(_ db: Database) throws {
        for entry in learned.entries {
            let number = try names.number(of: entry.replica, db)
            try db.cachedStatement(sql: "UPDATE replica SET counter = ? WHERE number = ?")
                .run(BoundValue(entry.counter), .integer(number))
        }
        learned = VersionVector()
    }

    /// Notes that a replica's changes ship with the app, so that they are not sent to a hub.
    package func markBundle(_ replica: ReplicaID, _ db: Database) throws {
        guard !bundles.contains(replica) else { return }
        let number = try names.number(of: replica, db)
        try db.execute(
            sql: "UPDATE replica SET is_bundle = 1 WHERE number = ?",
            arguments: [number]
        )
        bundles.insert(replica)
    }

    /// Notes that `dot` came from a peer.
    package func learnFromPeer(_ dot: Dot, _ db: Database) throws {
        guard peerMet[dot.replica] < dot.counter else { return }
        let number = try names.number(of: dot.replica, db)
        try db.cachedStatement(sql: "UPDATE replica SET peer_counter = ? WHERE number = ?")
            .execute(arguments: [Int64(bitPattern: dot.counter), number])
        peerMet.insert(dot)
    }

    /// Notes that `dot` came from a peer that did not know its place in the hub's order.
    package func noteUnplaced(_ dot: Dot, _ db: Database) throws {
        guard unplaced[dot.replica] == 0 else { return }
        try setUnplaced(dot.counter, of: dot.replica, db)
    }

    /// The hub has told the places of what was asked for; what a peer brought meanwhile is new.
    package func placed(
        _ asked: VersionVector,
        through held: VersionVector,
        _ db: Database
    ) throws {
        for entry in asked.entries where unplaced[entry.replica] == entry.counter {
            let last = held[entry.replica]
            guard last >= entry.counter else { continue }
            let isAll = peerMet[entry.replica] <= last
            try setUnplaced(isAll ? 0 : last + 1, of: entry.replica, db)
        }
    }

    private func setUnplaced(_ counter: UInt64, of replica: ReplicaID, _ db: Database) throws {
        let number = try names.number(of: replica, db)
        try db.cachedStatement(sql: "UPDATE replica SET unplaced = ? WHERE number = ?")
            .execute(arguments: [Int64(bitPattern: counter), number])
        unplaced[replica] = counter
    }

    /// Adds receipts of a replica whose entries stand in the log without sequence.
    package func add(_ runs: [Receipts.Run], of replica: ReplicaID, _ db: Database) throws {
        guard !runs.isEmpty else { return }
        let number = try names.number(of: replica, db)
        let before = receipts[replica] ?? Receipts()
        var after = before
        for run in runs { try after.append(run, allowingGap: true) }
        // A receipt may fill a gap between others, so a run can grow at its start, or go into the one
        // before it.
        let changes = after.changes(since: before)
        for first in changes.removed {
            try db.cachedStatement(sql: "DELETE FROM receipt WHERE replica = ? AND first = ?")
                .run(.integer(number), BoundValue(first))
        }
        for run in changes.written {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?)"
            )
            .run(
                .integer(number),
                BoundValue(run.first),
                BoundValue(run.count),
                BoundValue(run.sequence),
                BoundValue(run.entries)
            )
        }
        receipts[replica] = after
    }

    // MARK: Records

    /// A record's number in this store, nil when it has none.
    package func number(of key: RecordKey, _ db: Database) throws -> Int64? {
        try db.cachedStatement(sql: "SELECT number FROM record WHERE type = ? AND identity = ?")
            .first(.integer(Int64(key.type)), .blob(ValueCodec.bytes(of: key.id))) {
                try $0.integer(0)
            }
    }

    /// The record with this number in this store.
    package func key(of number: Int64, _ db: Database) throws -> RecordKey? {
        try db.cachedStatement(sql: "SELECT type, identity FROM record WHERE number = ?")
            .first(.integer(number)) {
                try RecordStore.key(type: $0.integer(0), identity: $0.bytes(1))
            }
    }

    /// The record with this number at the hub.
    package func key(ofHubNumber number: UInt64, _ db: Database) throws -> RecordKey? {
        guard let number = Int64(exactly: number) else { return nil }
        return try db.cachedStatement(sql: "SELECT type, identity FROM record WHERE hub = ?")
            .first(.integer(number)) {
                try RecordStore.key(type: $0.integer(0), identity: $0.bytes(1))
            }
    }

    /// The hub's number of a record, nil while it is not known here.
    package func hubNumber(of key: RecordKey, _ db: Database) throws -> UInt64? {
        try db.cachedStatement(
            sql: "SELECT hub FROM record WHERE type = ? AND identity = ? AND hub IS NOT NULL"
        )
        .first(.integer(Int64(key.type)), .blob(ValueCodec.bytes(of: key.id))) {
            UInt64(bitPattern: try $0.integer(0))
        }
    }

    /// The address in two columns of a row, type and identity; nil where both are NULL.
    package static func key(of row: Row, at column: Int) throws -> RecordKey? {
        guard let type = try row.value(column) as Int64? else { return nil }
        return try key(type: type, identity: row.bytes(column + 1))
    }

    static func key(type: Int64, identity: [UInt8]) throws -> RecordKey {
        guard let type = UInt32(exactly: type) else {
            throw StoreError(.corrupt, "a record has the type \(type)")
        }
        var reader = ByteReader(identity, part: "record identity")
        let id = try ValueCodec.decodeID(from: &reader)
        try reader.finish()
        return RecordKey(type: type, id: id)
    }

    /// Reads a record whole.
    package func load(_ number: Int64, _ db: Database) throws -> LoadedRecord? {
        let row =
            try db.cachedStatement(
                sql: "SELECT type, identity, hub, last, state, number FROM record WHERE number = ?"
            )
            .first(.integer(number)) { try StoredRecord($0) }
        return try row.map { row in
            try loaded(row, key: RecordStore.key(type: row.type, identity: row.identity), db)
        }
    }

    /// Reads a record whole, by its address.
    package func load(_ key: RecordKey, _ db: Database) throws -> LoadedRecord? {
        let row =
            try db.cachedStatement(
                sql: """
                    SELECT type, identity, hub, last, state, number FROM record
                    WHERE type = ? AND identity = ?
                    """
            )
            .first(.integer(Int64(key.type)), .blob(ValueCodec.bytes(of: key.id))) {
                try StoredRecord($0)
            }
        return try row.map { try loaded($0, key: key, db) }
    }

    /// A record's row.
    private struct StoredRecord {
        let type: Int64
        let identity: [UInt8]
        let hub: Int64?
        let last: Int64
        /// Nil where the record's one entry stands for it.
        let state: [UInt8]?
        let number: Int64

        init(_ columns: QueriedColumns) throws {
            type = try columns.integer(0)
            identity = try columns.bytes(1)
            hub = columns.isNull(2) ? nil : try columns.integer(2)
            last = try columns.integer(3)
            state = columns.isNull(4) ? nil : try columns.bytes(4)
            number = try columns.integer(5)
        }
    }

    private func loaded(
        _ row: StoredRecord,
        key: RecordKey,
        _ db: Database
    ) throws -> LoadedRecord {
        var record = LoadedRecord(
            number: row.number,
            key: key,
            hub: row.hub,
            last: row.last,
            state: RecordState(),
            ancestors: [:],
            schema: recordSchema(key.type),
            timeZoneMinutes: schema.timeZoneMinutes
        )
        if let state = row.state {
            (record.state, record.ancestors) = try StateCodec.decode(state, names: &names, db)
        } else {
            (record.state, record.ancestors) =
                fold(try history(of: record, db), schema: record.schema)
        }
        return record
    }
}
