package import GRDB
package import Replication

/// Applies entries to the log and the records within one transaction.
///
/// A record that several entries touch is read once and written once, by `flush`. That is what makes
/// applying a page about as fast as a bulk insert.
package final class EntryWriter {
    private let store: RecordStore
    /// The records touched so far, in order; `places` says where each stands.
    ///
    /// They are changed in place: a copy of a state would cost as much as the change.
    private var pending: [Pending] = []
    private var places: [RecordKey: Int] = [:]
    private var nextRecordNumber: Int64?
    /// The addresses of the new records, which are numbered on from `newFirst`.
    private var newKeys: [RecordKey] = []
    private var newFirst: Int64 = 0
    /// Records that were read and not touched: the edit that follows a look need not read again.
    private var seen: [RecordKey: LoadedRecord] = [:]
    /// By how many bytes collections have made the log smaller.
    package private(set) var bytesCollected = 0
    /// Where rows are packed, one after the other.
    private var packed = ByteWriter(reserving: 512)

    private struct Pending {
        var record: LoadedRecord
        let before: Projection.Content?
        let isNew: Bool
        /// The one entry of a new record that is a plain creation.
        ///
        /// Its state is neither made nor stored before somebody asks: the entry holds the same
        /// values and folds to it in one step.
        var creation: RecordStore.LogRow?
        /// Whether the record must be folded anew, because a change came that others had seen.
        var isStale = false
        /// Whether content was let go of: its row is written anew, to share a page with others.
        var isCollected = false
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

    /// How many records it holds in memory.
    package var count: Int { pending.count + seen.count }

    /// The records touched so far, in order.
    package var touched: [RecordKey] { pending.map(\.record.key) }

    /// A touched record as it stands now.
    package func record(_ key: RecordKey, _ db: Database) throws -> LoadedRecord? {
        guard let place = places[key] else { return nil }
        try unfold(place, db)
        return pending[place].record
    }

    /// The number of a touched record; nil for one that is not touched.
    package func number(of key: RecordKey) -> Int64? {
        places[key].map { pending[$0].record.number }
    }

    /// The address of a record that this transaction makes and has not written yet.
    func key(ofRecord number: Int64) -> RecordKey? {
        let place = Int(clamping: number &- newFirst)
        return newKeys.indices.contains(place) ? newKeys[place] : nil
    }

    /// A record as it stands now, from this transaction or the store.
    package func current(_ key: RecordKey, _ db: Database) throws -> LoadedRecord? {
        if let record = try record(key, db) ?? seen[key] { return record }
        let record = try store.load(key, db)
        seen[key] = record
        return record
    }

    /// Applies one entry whose causal past is here and which is new here.
    ///
    /// - `sequence`: the hub's number; nil for own and peer-met entries.
    /// - `bound`: the hub's bound for the time.
    /// - `hubNumber`: the hub's number of the record, where it is told.
    /// - `logNumber`: the row's number; nil for the next one.
    /// - `isMinted`: this store makes the record with this entry, so it need not be looked for.
    @discardableResult
    package func apply(
        _ entry: LogEntry,
        sequence: UInt64? = nil,
        bound: HybridTimestamp? = nil,
        hubNumber: UInt64? = nil,
        logNumber: Int64? = nil,
        isMinted: Bool = false,
        _ db: Database
    ) throws -> Applied {
        let place = try open(entry.record, isMinted: isMinted, db)
        #if FIELD_MUTANTS
        let entry = Mutant.isOn(.m8) ? known(entry) : entry
        #endif
        packed.reset()
        try EntryCodec.encode(entry, bound: bound, names: &store.names, into: &packed, db)
        try db.cachedStatement(sql: "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)")
            .run(
                BoundValue(logNumber),
                .integer(try store.names.number(of: entry.dot.replica, db)),
                BoundValue(entry.dot.counter),
                .integer(pending[place].record.number),
                .integer(pending[place].record.last),
                BoundValue(sequence ?? 0),
                .blob(packed.bytes)
            )
        let row = RecordStore.LogRow(
            number: db.lastInsertedRowID,
            recordNumber: pending[place].record.number,
            sequence: sequence ?? 0,
            bound: bound,
            entry: entry
        )
        let isFirst = pending[place].isNew && pending[place].record.last == 0
        pending[place].record.last = row.number
        if let hubNumber { pending[place].record.hub = Int64(bitPattern: hubNumber) }
        if isFirst, entry.isPlainCreation {
            pending[place].creation = row
        } else if entry.isCollection {
            try foldAnew(place, db)
        } else if pending[place].isStale || store.lives.hasNumbered(entry.dot) {
            pending[place].isStale = true
        } else {
            try unfold(place, db)
            apply(row, at: place)
        }
        store.learn(entry.dot)
        return Applied(
            key: entry.record,
            number: pending[place].record.number,
            isNewRecord: pending[place].isNew,
            logNumber: row.number
        )
    }

    #if FIELD_MUTANTS
    /// An entry as this version's schema knows it.
    private func known(_ entry: LogEntry) -> LogEntry {
        guard let schema = store.schema.record(entry.record.type) else { return entry }
        var entry = entry
        entry.actions.removeAll {
            if case .write(let slot, _) = $0 { schema.field(slot.field) == nil } else { false }
        }
        return entry
    }
    #endif

    private func apply(_ row: RecordStore.LogRow, at place: Int) {
        pending[place].record.state
            .apply(
                row.entry.actions,
                stamp: store.stamp(of: row),
                past: store.past(of: row.entry),
                schema: pending[place].record.schema
            )
    }

    /// Makes the state that was put off.
    private func unfold(_ place: Int, _ db: Database) throws {
        if pending[place].isStale { try foldAnew(place, db) }
        guard let row = pending[place].creation else { return }
        pending[place].creation = nil
        apply(row, at: place)
    }

    /// Adds rows to a record's history that may lie before what is there, and folds it anew.
    package func insert(
        _ rows: [(entry: LogEntry, sequence: UInt64, bound: HybridTimestamp?)],
        hubNumber: UInt64,
        _ db: Database
    ) throws {
        guard let first = rows.first else { return }
        let place = try open(first.entry.record, db)
        for row in rows {
            packed.reset()
            try EntryCodec.encode(
                row.entry,
                bound: row.bound,
                names: &store.names,
                into: &packed,
                db
            )
            try db.cachedStatement(sql: "INSERT INTO log VALUES (NULL, ?, ?, ?, ?, ?, ?)")
                .run(
                    .integer(try store.names.number(of: row.entry.dot.replica, db)),
                    BoundValue(row.entry.dot.counter),
                    .integer(pending[place].record.number),
                    .integer(pending[place].record.last),
                    BoundValue(row.sequence),
                    .blob(packed.bytes)
                )
            pending[place].record.last = db.lastInsertedRowID
            store.learn(row.entry.dot)
        }
        pending[place].record.hub = Int64(bitPattern: hubNumber)
        try foldAnew(place, db)
    }

    /// Folds a record anew from its history.
    package func refold(_ key: RecordKey, _ db: Database) throws {
        guard try current(key, db) != nil else { return }
        try foldAnew(try open(key, db), db)
    }

    /// Lets go of what is collected, and folds the record anew from what stays.
    private func foldAnew(_ place: Int, _ db: Database) throws {
        pending[place].isStale = false
        pending[place].creation = nil
        let freed = try store.collectRows(of: pending[place].record, db)
        bytesCollected += freed
        if freed > 0 { pending[place].isCollected = true }
        let history = try store.history(of: pending[place].record, db)
        (pending[place].record.state, pending[place].record.ancestors) =
            store.fold(history, schema: pending[place].record.schema)
    }

    /// Changes a record's state in place, for bounds and rebuilds.
    package func amend(
        _ key: RecordKey,
        _ db: Database,
        _ change: (inout LoadedRecord) throws -> Void
    ) throws {
        guard try current(key, db) != nil else { return }
        let place = try open(key, db)
        try unfold(place, db)
        try change(&pending[place].record)
    }

    /// Writes every touched record and its query tables.
    package func flush(_ db: Database) throws {
        for place in pending.indices { try write(place, db) }
        pending = []
        places = [:]
        seen = [:]
        nextRecordNumber = nil
        newKeys = []
        try store.persistLearned(db)
    }

    private func write(_ place: Int, _ db: Database) throws {
        if pending[place].isStale { try unfold(place, db) }
        let projection = store.projections[pending[place].record.key.type]
        var blob: [UInt8]?
        var lifecycle = RecordView.Lifecycle.live
        var conflicts = 0
        var content: Projection.Content?
        if let row = pending[place].creation {
            if let projection, !projection.isEmpty {
                apply(row, at: place)
                content = projection.content(of: pending[place].record.view)
            }
        } else {
            try refreshAncestors(&pending[place].record, db)
            blob = try StateCodec.encode(
                pending[place].record.state,
                ancestors: pending[place].record.ancestors,
                names: &store.names,
                db
            )
            if !pending[place].record.state.isSettled || projection?.isEmpty == false {
                let view = pending[place].record.view
                lifecycle = view.lifecycle
                conflicts = view.conflicts.count
                content = projection.flatMap { $0.content(of: view) }
            }
        }
        let number = pending[place].record.number
        try writeRow(pending[place], lifecycle.code, conflicts: conflicts, blob, db)
        try projection?.update(number, from: pending[place].before, to: content, db)
    }

    private func writeRow(
        _ item: Pending,
        _ lifecycle: Int64,
        conflicts: Int,
        _ blob: [UInt8]?,
        _ db: Database
    ) throws {
        if item.isCollected {
            try db.cachedStatement(sql: "DELETE FROM record WHERE number = ?")
                .execute(arguments: [item.record.number])
        }
        if item.isNew || item.isCollected {
            packed.reset()
            ValueCodec.encode(item.record.key.id, into: &packed)
            try db.cachedStatement(sql: "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
                .run(
                    .integer(item.record.number),
                    .integer(Int64(item.record.key.type)),
                    .blob(packed.bytes),
                    BoundValue(item.record.hub),
                    .integer(item.record.last),
                    .integer(lifecycle),
                    .integer(Int64(conflicts)),
                    BoundValue(blob)
                )
        } else {
            try db.cachedStatement(
                sql: """
                    UPDATE record SET hub = ?, last = ?, lifecycle = ?, conflicts = ?, state = ?
                    WHERE number = ?
                    """
            )
            .run(
                BoundValue(item.record.hub),
                .integer(item.record.last),
                .integer(lifecycle),
                .integer(Int64(conflicts)),
                BoundValue(blob),
                .integer(item.record.number)
            )
        }
    }

    /// Brings a record into this transaction.
    private func open(
        _ key: RecordKey,
        isMinted: Bool = false,
        _ db: Database
    ) throws -> Int {
        if let place = places[key] { return place }
        let item: Pending
        if !isMinted, let record = try current(key, db) {
            seen[key] = nil
            let projection = store.projections[key.type]
            let before =
                projection.flatMap { $0.isEmpty ? nil : $0.content(of: record.view) }
            item = Pending(record: record, before: before, isNew: false)
        } else {
            let record = LoadedRecord(
                number: try newRecordNumber(of: key, db),
                key: key,
                hub: nil,
                last: 0,
                state: RecordState(),
                ancestors: [:],
                schema: store.recordSchema(key.type),
                timeZoneMinutes: store.schema.timeZoneMinutes
            )
            item = Pending(record: record, before: nil, isNew: true)
        }
        places[key] = pending.count
        pending.append(item)
        return pending.count - 1
    }

    private func newRecordNumber(of key: RecordKey, _ db: Database) throws -> Int64 {
        let number: Int64
        if let next = nextRecordNumber {
            number = next
        } else {
            let last = try db.cachedStatement(sql: "SELECT max(number) FROM record")
                .first { try $0.integer(0) }
            number = Int64(try UInt64(stored: last ?? 0)) + 1
        }
        if newKeys.isEmpty { newFirst = number }
        newKeys.append(key)
        nextRecordNumber = number &+ 1
        return number
    }

    private func refreshAncestors(_ record: inout LoadedRecord, _ db: Database) throws {
        guard !record.state.mergedTexts(in: record.schema).isEmpty else {
            record.ancestors = [:]
            return
        }
        record.ancestors = store.ancestors(
            of: record.state,
            schema: record.schema,
            history: try store.history(of: record, db)
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

extension RecordKey {
    /// Whether this record is made by the change at `dot` and by no other.
    func isCreated(by dot: Dot) -> Bool {
        if case .created(let creator, _) = id { creator == dot } else { false }
    }
}
