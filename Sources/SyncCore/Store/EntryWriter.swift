package import GRDB
package import Replication

/// Applies entries to the log and the records within one transaction.
///
/// A record that several entries touch is read once and written once, by `flush`. That is what makes
/// applying a page about as fast as a bulk insert.
package final class EntryWriter {
    private let store: RecordStore
    private var records: [RecordKey: Pending] = [:]
    private var order: [RecordKey] = []

    private struct Pending {
        var record: LoadedRecord
        let before: Projection.Content?
        let isNew: Bool
    }

    /// What an entry did.
    package struct Applied {
        package let key: RecordKey
        package let number: Int64
        package let isNewRecord: Bool
        package let logNumber: Int64
    }

    package init(_ store: RecordStore) {
        self.store = store
    }

    /// The records touched so far, in order.
    package var touched: [RecordKey] { order }

    /// A touched record as it stands now.
    package func record(_ key: RecordKey) -> LoadedRecord? { records[key]?.record }

    /// A record as it stands now, from this transaction or the store.
    package func current(_ key: RecordKey, _ db: Database) throws -> LoadedRecord? {
        if let pending = records[key] { return pending.record }
        return try store.load(key, db)
    }

    /// Applies one entry whose causal past is here and which is new here.
    ///
    /// - `sequence`: the hub's number; nil for own and peer-met entries.
    /// - `bound`: the hub's bound for the time.
    /// - `hubNumber`: the hub's number of the record, where it is told.
    /// - `logNumber`: the row's number; nil for the next one.
    @discardableResult
    package func apply(
        _ entry: LogEntry,
        sequence: UInt64? = nil,
        bound: HybridTimestamp? = nil,
        hubNumber: UInt64? = nil,
        logNumber: Int64? = nil,
        _ db: Database
    ) throws -> Applied {
        var pending = try open(entry.record, db)
        let blob = try EntryCodec.encode(entry, bound: bound, names: &store.names, db)
        try db.cachedStatement(sql: "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)")
            .execute(
                arguments: [
                    logNumber, try store.names.number(of: entry.dot.replica, db),
                    Int64(bitPattern: entry.dot.counter), pending.record.number,
                    pending.record.last,
                    Int64(bitPattern: sequence ?? 0), blob.data,
                ]
            )
        let row = RecordStore.LogRow(
            number: db.lastInsertedRowID,
            recordNumber: pending.record.number,
            sequence: sequence ?? 0,
            bound: bound,
            entry: entry
        )
        pending.record.last = row.number
        if let hubNumber { pending.record.hub = Int64(bitPattern: hubNumber) }
        pending.record.state.apply(
            entry.actions,
            stamp: store.stamp(of: row),
            past: store.past(of: entry),
            schema: pending.record.schema
        )
        records[entry.record] = pending
        store.learn(entry.dot)
        return Applied(
            key: entry.record,
            number: pending.record.number,
            isNewRecord: pending.isNew,
            logNumber: row.number
        )
    }

    /// Adds rows to a record's history that may lie before what is there, and folds it anew.
    package func insert(
        _ rows: [(entry: LogEntry, sequence: UInt64, bound: HybridTimestamp?)],
        hubNumber: UInt64,
        _ db: Database
    ) throws {
        guard let first = rows.first else { return }
        var pending = try open(first.entry.record, db)
        for row in rows {
            let blob = try EntryCodec.encode(row.entry, bound: row.bound, names: &store.names, db)
            try db.cachedStatement(sql: "INSERT INTO log VALUES (NULL, ?, ?, ?, ?, ?, ?)")
                .execute(
                    arguments: [
                        try store.names.number(of: row.entry.dot.replica, db),
                        Int64(bitPattern: row.entry.dot.counter), pending.record.number,
                        pending.record.last, Int64(bitPattern: row.sequence), blob.data,
                    ]
                )
            pending.record.last = db.lastInsertedRowID
            store.learn(row.entry.dot)
        }
        pending.record.hub = Int64(bitPattern: hubNumber)
        let history = try store.history(last: pending.record.last, db)
        (pending.record.state, pending.record.ancestors) =
            store.fold(history, schema: pending.record.schema)
        records[first.entry.record] = pending
    }

    /// Changes a record's state in place, for bounds and rebuilds.
    package func amend(
        _ key: RecordKey,
        _ db: Database,
        _ change: (inout LoadedRecord) throws -> Void
    ) throws {
        guard try current(key, db) != nil else { return }
        var pending = try open(key, db)
        try change(&pending.record)
        records[key] = pending
    }

    /// Writes every touched record and its query tables.
    package func flush(_ db: Database) throws {
        for key in order {
            guard var pending = records[key] else { continue }
            try refreshAncestors(&pending.record, db)
            let view = pending.record.view
            let blob = try StateCodec.encode(
                pending.record.state,
                ancestors: pending.record.ancestors,
                names: &store.names,
                db
            )
            try db.cachedStatement(
                sql: """
                    UPDATE record SET hub = ?, last = ?, lifecycle = ?, conflicts = ?, state = ?
                    WHERE number = ?
                    """
            )
            .execute(
                arguments: [
                    pending.record.hub, pending.record.last, view.lifecycle.code,
                    view.conflicts.count, blob.data, pending.record.number,
                ]
            )
            if let projection = store.projections[key.type] {
                try projection.update(
                    pending.record.number,
                    from: pending.before,
                    to: projection.content(of: view),
                    db
                )
            }
        }
        records = [:]
        order = []
        try store.persistLearned(db)
    }

    private func open(_ key: RecordKey, _ db: Database) throws -> Pending {
        if let pending = records[key] { return pending }
        let pending: Pending
        if let record = try store.load(key, db) {
            let projection = store.projections[key.type]
            let before =
                projection.flatMap { $0.isEmpty ? nil : $0.content(of: record.view) }
            pending = Pending(record: record, before: before, isNew: false)
        } else {
            try db.cachedStatement(
                sql: "INSERT INTO record VALUES (NULL, ?, ?, NULL, 0, 0, 0, x'')"
            )
            .execute(arguments: [Int64(key.type), ValueCodec.bytes(of: key.id).data])
            let record = LoadedRecord(
                number: db.lastInsertedRowID,
                key: key,
                hub: nil,
                last: 0,
                state: RecordState(),
                ancestors: [:],
                schema: store.recordSchema(key.type),
                timeZoneMinutes: store.schema.timeZoneMinutes
            )
            pending = Pending(record: record, before: nil, isNew: true)
        }
        records[key] = pending
        order.append(key)
        return pending
    }

    private func refreshAncestors(_ record: inout LoadedRecord, _ db: Database) throws {
        let needsHistory = record.state.slots.contains { slot in
            guard slot.siblings.count > 1, case .text = record.schema.policy(of: slot.key) else {
                return false
            }
            return slot.hasDistinctValues
        }
        guard needsHistory else {
            record.ancestors = [:]
            return
        }
        record.ancestors = store.ancestors(
            of: record.state,
            schema: record.schema,
            history: try store.history(last: record.last, db)
        )
    }
}

extension RecordView.Lifecycle {
    /// The number in the store's `lifecycle` column; it never changes meaning.
    package var code: Int64 {
        switch self {
        case .unknown: 0
        case .live: 1
        case .deleted: 2
        case .voided: 3
        case .contestedDeletion: 4
        case .disputed: 5
        }
    }

    /// The codes that queries show.
    static let visibleCodes = "1, 3, 4, 5"
}
