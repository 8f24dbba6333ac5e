import GRDB
public import Replication

/// One change in the making.
///
/// It is valid inside `Replica.write`'s body only.
public final class Transaction {
    private let core: ReplicaCore
    private var db: Database?
    private let author: String
    private let reason: String
    /// The change that is being made.
    public let dot: Dot
    /// The records of this change in the order in which they were met; `places` finds them once they
    /// are more than a few.
    ///
    /// They are changed in place: a copy of one would cost as much as its edit.
    private var working: [Working] = []
    private var places: [RecordKey: Int] = [:]
    private var created: UInt32 = 0
    /// What the change has seen; of single records it may be less.
    private let context: CausalContext
    private let stamp: Stamp
    /// Shared by the changes of one commit; it flushes when they are all written.
    private let writer: EntryWriter
    private let ownsWriter: Bool
    /// The first edit that was refused: whoever catches it, the change is dropped.
    private var refusal: (any Error)?

    private struct Working {
        var record: LoadedRecord
        let context: CausalContext
        var actions: [Operation.Action] = []
        /// How many of the actions the state holds already.
        var applied = 0
    }

    init(
        core: ReplicaCore,
        db: Database,
        author: String,
        reason: String,
        writer: EntryWriter? = nil
    ) {
        self.writer = writer ?? EntryWriter(core.store)
        ownsWriter = writer == nil
        self.core = core
        self.db = db
        self.author = author
        self.reason = reason
        dot = Dot(core.replica, core.store.knowledge[core.replica] + 1)
        context = core.context
        stamp = Stamp(dot: dot, sequence: nil, timestamp: core.clock.latest, author: author)
    }

    // MARK: Typed records

    /// Inserts a new record.
    @discardableResult
    public func insert<Target: Replication.Record>(_ record: Target) throws -> Reference<Target> {
        let reference = Reference<Target>(.created(by: dot, index: created))
        created += 1
        try edit(reference.key, Target.mapping.edits(inserting: record))
        return reference
    }

    /// Inserts a record under a name of its own.
    ///
    /// Where the name exists already, here or on a device that is out of reach, the fields merge.
    @discardableResult
    public func insert<Target: Replication.Record>(
        _ record: Target,
        named name: String
    ) throws -> Reference<Target> {
        let reference = Reference<Target>(.named(name))
        try edit(reference.key, Target.mapping.edits(inserting: record))
        return reference
    }

    /// Changes a record's fields.
    ///
    /// Only the fields that the body changes are written.
    public func update<Target: Replication.Record>(
        _ reference: Reference<Target>,
        _ body: (inout Target) throws -> Void
    ) throws {
        guard let old = try self.record(reference) else {
            throw refuse(Transaction.missing(reference.key, Target.mapping.schema))
        }
        var new = old
        try body(&new)
        let edits = Target.mapping.edits(from: old, to: new)
        if !edits.isEmpty { try edit(reference.key, edits) }
    }

    /// Reads a record as this transaction sees it; nil when it does not exist or is deleted.
    public func record<Target: Replication.Record>(_ reference: Reference<Target>) throws -> Target?
    {
        guard let view = try view(reference.key), view.lifecycle.isVisible else { return nil }
        return Target.mapping.record(from: view)
    }

    /// Deletes a record; a legal fact is refused, see `void`.
    public func delete<Target: Replication.Record>(
        _ reference: Reference<Target>,
        reason: String = ""
    ) throws {
        try edit(reference.key, [.delete(reason: reason)])
    }

    /// Declares a record void (作废): it stays readable.
    public func void<Target: Replication.Record>(
        _ reference: Reference<Target>,
        reason: String
    ) throws {
        try edit(reference.key, [.void(reason: reason)])
    }

    // MARK: Any record

    /// Makes the identity of a record that this change will create.
    public func newRecord(type: UInt32) -> RecordKey {
        defer { created += 1 }
        return RecordKey(type: type, id: .created(by: dot, index: created))
    }

    /// What is shown of a record as this transaction sees it; nil when it was never written here.
    public func view(_ key: RecordKey) throws -> RecordView? {
        guard let place = try open(key) else { return nil }
        bringUp(place)
        return working[place].record.view
    }

    /// Edits a record.
    ///
    /// - Throws: `EditError` when an edit is refused, `.missing` for a record that is not here or is
    ///   deleted, unless it is created or brought back; the whole change is dropped then, also when
    ///   the body goes on.
    public func edit(_ key: RecordKey, _ edits: [Edit]) throws {
        try edit(key, edits, evenDeleted: false)
    }

    /// Edits a record, with `evenDeleted` also one that is deleted and stays so: for histories that
    /// are replayed.
    package func edit(_ key: RecordKey, _ edits: [Edit], evenDeleted: Bool) throws {
        do { try add(edits, to: key, evenDeleted: evenDeleted) } catch { throw refuse(error) }
    }

    private func refuse(_ error: any Error) -> any Error {
        refusal = refusal ?? error
        return error
    }

    private static func missing(_ key: RecordKey, _ schema: RecordSchema) -> EditError {
        EditError(
            .missing,
            record: schema.name,
            "\(key.id) does not exist here, or is deleted"
        )
    }

    private func add(_ edits: [Edit], to key: RecordKey, evenDeleted: Bool) throws {
        guard let schema = core.store.schema.record(key.type) else {
            throw EditError(.field, record: "type \(key.type)", "is no record type of the schema")
        }
        let place: Int
        if let known = try open(key) {
            place = known
        } else {
            guard edits.contains(where: Transaction.creates) else {
                throw Transaction.missing(key, schema)
            }
            place = try begin(
                LoadedRecord(
                    number: 0,
                    key: key,
                    hub: nil,
                    last: 0,
                    state: RecordState(),
                    ancestors: [:],
                    schema: schema,
                    timeZoneMinutes: core.store.schema.timeZoneMinutes
                )
            )
        }
        bringUp(place)
        if !edits.contains(where: Transaction.begins),
            !working[place].record.isEditable(evenDeleted: evenDeleted)
        {
            throw Transaction.missing(key, schema)
        }
        let resolution = EditResolution(schema: schema, replica: core.replica)
        // The view is made only where an edit needs it: for the rest of a group, for a seal.
        let ancestors = working[place].record.ancestors
        let timeZoneMinutes = core.store.schema.timeZoneMinutes
        let actions = try resolution.actions(
            for: edits,
            on: working[place].record.state,
            in: dot
        ) {
            RecordView(
                of: $0,
                schema: schema,
                timeZoneMinutes: timeZoneMinutes,
                ancestors: ancestors
            )
        }
        if working[place].actions.isEmpty {
            working[place].actions = actions
        } else {
            working[place].actions += actions
        }
    }

    private static func creates(_ edit: Edit) -> Bool {
        if case .create = edit { true } else { false }
    }

    /// Whether an edit makes a record be there.
    private static func begins(_ edit: Edit) -> Bool {
        switch edit {
        case .create, .undelete: true
        default: false
        }
    }

    /// Where a record stands; nil for one that is not in the store.
    private func open(_ key: RecordKey) throws -> Int? {
        if let place = place(of: key) { return place }
        // A record that this very change creates cannot be in the store yet: entries that name one
        // which this store has not made are refused.
        if key.isCreated(by: dot) { return nil }
        guard let record = try writer.current(key, database()) else { return nil }
        return try begin(record)
    }

    private func database() -> Database {
        guard let db else {
            misuse("a transaction is valid inside the body of Replica.write only")
        }
        return db
    }

    private func begin(_ record: LoadedRecord) throws -> Int {
        var context = context
        context.onlySeen = try core.onlySeen(of: record, database())
        var record = record
        if context.onlySeen != nil { try core.recallOwn(&record, database()) }
        let place = working.count
        working.append(Working(record: record, context: context))
        if place >= Transaction.comparedMax {
            for new in places.count...place { places[working[new].record.key] = new }
        }
        return place
    }

    private func place(of key: RecordKey) -> Int? {
        if working.count > Transaction.comparedMax { return places[key] }
        for place in working.indices.reversed() where working[place].record.key == key {
            return place
        }
        return nil
    }

    /// How many records are compared one by one: a change is nearly always of one or two.
    private static let comparedMax = 8

    /// Brings the working state up to the actions so far.
    private func bringUp(_ place: Int) {
        let applied = working[place].applied
        guard applied < working[place].actions.count else { return }
        let actions = working[place].actions
        working[place].record.state
            .apply(
                applied == 0 ? actions : Array(actions[applied...]),
                stamp: stamp,
                past: core.store.resolved(
                    CausalPast(of: dot, context: working[place].context)
                ),
                schema: working[place].record.schema
            )
        working[place].applied = actions.count
    }

    // MARK: Commit

    func commit() throws -> [RecordKey] {
        guard let db else { return [] }
        if let refusal { throw refusal }
        let edited = working.indices.filter { !working[$0].actions.isEmpty }
        guard !edited.isEmpty else { return [] }
        try check(edited)
        let timestamp = core.clock.now(at: core.environment.now())
        var keys: [RecordKey] = []
        keys.reserveCapacity(edited.count)
        for (index, place) in edited.enumerated() {
            let key = working[place].record.key
            keys.append(key)
            let entry = LogEntry(
                dot: dot,
                part: UInt32(index),
                parts: UInt32(edited.count),
                context: working[place].context,
                timestamp: timestamp,
                author: author,
                reason: reason,
                record: key,
                actions: working[place].actions
            )
            try writer.apply(entry, isMinted: key.isCreated(by: dot), db)
        }
        if ownsWriter { try writer.flush(db) }
        if dot.counter % Transaction.counterPersistedEvery == 0 { try core.store.persistOwn(db) }
        return keys
    }

    func end() { db = nil }

    /// How many changes the next open may have to look for in the log.
    private static let counterPersistedEvery: UInt64 = 1_000
    /// The most records that one change may touch, so that a page of the hub always holds it whole.
    public static let recordsMax = 10_000
    /// The most bytes that one change may hold, so that a message always holds it whole.
    public static let bytesMax = 4 << 20

    private func check(_ edited: [Int]) throws(EditError) {
        let name = working[edited[0]].record.schema.name
        if edited.count > Transaction.recordsMax {
            throw EditError(
                .value,
                record: name,
                "\(edited.count) records in one change; at most \(Transaction.recordsMax) are "
                    + "allowed; write many changes with writeAll"
            )
        }
        var check = try ChangeCheck(author: author, reason: reason, record: name)
        for place in edited {
            let hasRepeats = try check.add(
                working[place].actions,
                on: working[place].record.key,
                onlySeen: working[place].context.onlySeen,
                record: working[place].record.schema.name
            )
            if hasRepeats { coalesce(place) }
        }
        try check.finish(record: name)
    }

    /// Of several writes of one slot in one change only the last one is recorded.
    private func coalesce(_ place: Int) {
        var seen: Set<SlotKey> = []
        var result: [Operation.Action] = []
        for action in working[place].actions.reversed() {
            if case .write(let slot, _) = action, !seen.insert(slot).inserted { continue }
            result.append(action)
        }
        working[place].actions = result.reversed()
    }
}

extension LoadedRecord {
    /// Whether edits that neither create nor bring back go to it.
    fileprivate func isEditable(evenDeleted: Bool) -> Bool {
        if state.isSettled { return true }
        // The hub is putting it away, or has: what would be written now would go with it.
        if state.isClosed || state.isCollected { return false }
        let lifecycle = view.lifecycle
        return lifecycle.isVisible || (evenDeleted && lifecycle == .deleted)
    }
}
