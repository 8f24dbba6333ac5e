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
    /// Where the hub put the changes of replicas whose entries came in without a sequence.
    package private(set) var receipts: [ReplicaID: Receipts] = [:]

    /// The replica whose counter is derived from the log instead of written with every change.
    private var ownReplica: ReplicaID?
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
        learned = VersionVector()
        receipts = [:]
        let replicas = try Row.fetchAll(
            db,
            sql: "SELECT id, counter, peer_counter FROM replica ORDER BY number"
        )
        for row in replicas {
            let replica = ReplicaID(UInt64(bitPattern: row[0]))
            knowledge[replica] = UInt64(bitPattern: row[1] as Int64)
            peerMet[replica] = UInt64(bitPattern: row[2] as Int64)
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
            let replica = ReplicaID(UInt64(bitPattern: row[0]))
            let run = Receipts.Run(
                first: UInt64(bitPattern: row[1]),
                count: UInt64(bitPattern: row[2]),
                sequence: UInt64(bitPattern: row[3]),
                entries: UInt64(bitPattern: row[4])
            )
            try receipts[replica, default: Receipts()].append(run, allowingGap: true)
        }
    }

    /// The schema of a type; a type that this version does not know keeps everything.
    package func recordSchema(_ type: UInt32) -> RecordSchema {
        schema.record(type) ?? RecordSchema(number: type, name: "type-\(type)", fields: [])
    }

    /// What an entry's writer had seen, with the receipts of changes that carry no sequence.
    package func past(of entry: LogEntry) -> ResolvedPast {
        ResolvedPast(past: entry.past, receipts: receipts)
    }

    // MARK: Names and knowledge

    /// Takes a replica's counter from the log from now on, so that a local write need not touch the
    /// replica table.
    ///
    /// `persistOwn` writes it now and then, to keep the scan at open short.
    package func own(_ replica: ReplicaID, _ db: Database) throws {
        let number = try names.number(of: replica, db)
        let scanned = try Int64.fetchOne(
            db,
            sql: "SELECT value FROM meta WHERE key = 'own_counter_log'"
        )
        let counter = try Int64.fetchOne(
            db,
            sql: "SELECT max(counter) FROM log WHERE number > ? AND replica = ?",
            arguments: [scanned ?? 0, number]
        )
        if let counter { knowledge.insert(Dot(replica, UInt64(bitPattern: counter))) }
        ownReplica = replica
    }

    /// Writes the own counter, within a transaction that syncs.
    package func persistOwn(_ db: Database) throws {
        guard let ownReplica else { return }
        let number = try names.number(of: ownReplica, db)
        try db.cachedStatement(sql: "UPDATE replica SET counter = ? WHERE number = ?")
            .execute(arguments: [Int64(bitPattern: knowledge[ownReplica]), number])
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO meta
                SELECT 'own_counter_log', coalesce(max(number), 0) FROM log
                """
        )
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
                .execute(arguments: [Int64(bitPattern: entry.counter), number])
        }
        learned = VersionVector()
    }

    /// Notes that `dot` came from a peer.
    package func learnFromPeer(_ dot: Dot, _ db: Database) throws {
        guard peerMet[dot.replica] < dot.counter else { return }
        let number = try names.number(of: dot.replica, db)
        try db.cachedStatement(sql: "UPDATE replica SET peer_counter = ? WHERE number = ?")
            .execute(arguments: [Int64(bitPattern: dot.counter), number])
        peerMet.insert(dot)
    }

    /// Adds receipts of a replica whose entries stand in the log without sequence.
    package func add(_ runs: [Receipts.Run], of replica: ReplicaID, _ db: Database) throws {
        guard !runs.isEmpty else { return }
        let number = try names.number(of: replica, db)
        let before = receipts[replica] ?? Receipts()
        var after = before
        for run in runs {
            let tail = Receipts.tail(of: run, after: after.acknowledged)
            try after.append(tail, allowingGap: true)
        }
        // Appending lengthens the last run or adds new ones.
        for run in after.runs.dropFirst(max(0, before.runs.count - 1)) {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?)"
            )
            .execute(
                arguments: [
                    number, Int64(bitPattern: run.first), Int64(bitPattern: run.count),
                    Int64(bitPattern: run.sequence), Int64(bitPattern: run.entries),
                ]
            )
        }
        receipts[replica] = after
    }

    // MARK: Records

    /// A record's number in this store, nil when it has none.
    package func number(of key: RecordKey, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT number FROM record WHERE type = ? AND identity = ?"
            ),
            arguments: [Int64(key.type), ValueCodec.bytes(of: key.id).data]
        )
    }

    /// The record with this number in this store.
    package func key(of number: Int64, _ db: Database) throws -> RecordKey? {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT type, identity FROM record WHERE number = ?"),
            arguments: [number]
        )
        return try row.map { try RecordStore.key(type: $0[0], identity: $0.bytes(1)) }
    }

    /// The record with this number at the hub.
    package func key(ofHubNumber number: UInt64, _ db: Database) throws -> RecordKey? {
        guard let number = Int64(exactly: number) else { return nil }
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT type, identity FROM record WHERE hub = ?"),
            arguments: [number]
        )
        return try row.map { try RecordStore.key(type: $0[0], identity: $0.bytes(1)) }
    }

    /// The hub's number of a record, nil while it is not known here.
    package func hubNumber(of key: RecordKey, _ db: Database) throws -> UInt64? {
        let number = try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT hub FROM record WHERE type = ? AND identity = ? AND hub IS NOT NULL"
            ),
            arguments: [Int64(key.type), ValueCodec.bytes(of: key.id).data]
        )
        return number.map { UInt64(bitPattern: $0) }
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
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT type, identity, hub, last, state FROM record WHERE number = ?"
            ),
            arguments: [number]
        )
        return try row.map { try loaded($0, number: number, db) }
    }

    /// Reads a record whole, by its address.
    package func load(_ key: RecordKey, _ db: Database) throws -> LoadedRecord? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT type, identity, hub, last, state, number FROM record
                    WHERE type = ? AND identity = ?
                    """
            ),
            arguments: [Int64(key.type), ValueCodec.bytes(of: key.id).data]
        )
        return try row.map { try loaded($0, number: $0[5], db) }
    }

    private func loaded(_ row: Row, number: Int64, _ db: Database) throws -> LoadedRecord {
        let key = try RecordStore.key(type: row[0], identity: row.bytes(1))
        let (state, ancestors) = try StateCodec.decode(row.bytes(4), names: &names, db)
        return LoadedRecord(
            number: number,
            key: key,
            hub: row[2],
            last: row[3],
            state: state,
            ancestors: ancestors,
            schema: recordSchema(key.type),
            timeZoneMinutes: schema.timeZoneMinutes
        )
    }

    // MARK: Log

    /// A row of the log, read.
    package struct LogRow {
        package var number: Int64
        package var recordNumber: Int64
        package var sequence: UInt64
        package var bound: HybridTimestamp?
        package var entry: LogEntry
    }

    /// Reads log rows that a statement selects: number, replica, counter, record, sequence, entry.
    package func logRow(
        _ row: Row,
        of known: RecordKey? = nil,
        _ db: Database
    ) throws -> LogRow {
        let recordNumber: Int64 = row[3]
        guard let key = try known ?? key(of: recordNumber, db) else {
            throw StoreError(
                .corrupt,
                "log entry \(row[0] as Int64) names a record that is not there"
            )
        }
        let dot = Dot(
            try names.replica(row[1], db),
            UInt64(bitPattern: row[2] as Int64)
        )
        let (entry, bound) = try EntryCodec.decode(
            row.bytes(5),
            dot: dot,
            record: key,
            names: &names,
            db
        )
        return LogRow(
            number: row[0],
            recordNumber: recordNumber,
            sequence: UInt64(bitPattern: row[4] as Int64),
            bound: bound,
            entry: entry
        )
    }

    /// A record's history in causal order: the hub's order, then what it has not numbered.
    ///
    /// The rows are chained from the record's last one; O(entries of this record).
    package func history(of record: LoadedRecord, _ db: Database) throws -> [LogRow] {
        var rows: [LogRow] = []
        var next = record.last
        while next != 0 {
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT number, replica, counter, record, sequence, entry, previous
                            FROM log WHERE number = ?
                            """
                    ),
                    arguments: [next]
                )
            else {
                throw StoreError(.corrupt, "log entry \(next) is missing from a record's chain")
            }
            let previous: Int64 = row[6]
            guard previous < next else {
                throw StoreError(.corrupt, "log entry \(next) is chained to a later one")
            }
            rows.append(try logRow(row, of: record.key, db))
            next = previous
        }
        return rows.reversed().enumerated()
            .sorted { left, right in
                let l = sequence(of: left.element)
                let r = sequence(of: right.element)
                switch (l, r) {
                case (let l?, let r?) where l != r: return l < r
                case (_?, nil): return true
                case (nil, _?): return false
                default: return left.offset < right.offset
                }
            }
            .map(\.element)
    }

    /// The hub's number of an entry, from its row or from the receipts.
    package func sequence(of row: LogRow) -> UInt64? {
        if row.sequence != 0 { return row.sequence }
        guard let first = receipts[row.entry.dot.replica]?.sequence(of: row.entry.dot.counter)
        else { return nil }
        return first + UInt64(row.entry.part)
    }

    /// The stamp that an entry's writes carry in the state.
    package func stamp(of row: LogRow) -> Stamp {
        var stamp = Stamp(
            dot: row.entry.dot,
            sequence: row.sequence == 0 ? nil : row.sequence,
            timestamp: row.entry.timestamp,
            author: row.entry.author
        )
        if let bound = row.bound { stamp.timestamp = min(stamp.timestamp, bound) }
        return stamp
    }

    /// The state that a history adds up to: the projection from scratch.
    package func fold(
        _ history: [LogRow],
        schema: RecordSchema
    ) -> (state: RecordState, ancestors: [SlotKey: String]) {
        var state = RecordState()
        for row in history {
            state.apply(
                row.entry.actions,
                stamp: stamp(of: row),
                past: past(of: row.entry),
                schema: schema
            )
        }
        return (state, ancestors(of: state, schema: schema, history: history))
    }

    /// The common ancestors of the state's text slots with concurrent edits.
    func ancestors(
        of state: RecordState,
        schema: RecordSchema,
        history: [LogRow]
    ) -> [SlotKey: String] {
        var result: [SlotKey: String] = [:]
        for slot in state.slots where slot.siblings.count > 1 {
            guard case .text = schema.policy(of: slot.key), slot.hasDistinctValues else { continue }
            var writes: [TextWrite] = []
            for row in history {
                for case .write(slot.key, .text(let text)) in row.entry.actions {
                    writes.append(
                        TextWrite(stamp: stamp(of: row), past: past(of: row.entry), text: text)
                    )
                }
            }
            result[slot.key] = TextAncestry.ancestor(
                of: slot.siblings.map(\.stamp.dot),
                in: writes
            )
        }
        return result
    }
}

/// What an entry's writer had seen; changes without a sequence are looked up in the receipts.
package struct ResolvedPast: CausalKnowledge, Sendable {
    let past: CausalPast
    let receipts: [ReplicaID: Receipts]

    package func contains(_ dot: Dot, sequence: UInt64?) -> Bool {
        past.contains(dot, sequence: sequence ?? receipts[dot.replica]?.sequence(of: dot.counter))
    }
}

/// A record as a transaction holds it.
package struct LoadedRecord {
    package var number: Int64
    package let key: RecordKey
    package var hub: Int64?
    package var last: Int64
    package var state: RecordState
    package var ancestors: [SlotKey: String]
    package let schema: RecordSchema
    let timeZoneMinutes: Int

    /// What is shown of it.
    package var view: RecordView {
        RecordView(
            of: state,
            schema: schema,
            timeZoneMinutes: timeZoneMinutes,
            ancestors: ancestors
        )
    }
}
