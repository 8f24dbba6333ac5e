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
    private var order: [RecordKey] = []
    private var working: [RecordKey: Working] = [:]
    private var created: UInt32 = 0
    private let past: ResolvedPast
    private let stamp: Stamp
    /// Shared by the changes of one commit; it flushes when they are all written.
    private let writer: EntryWriter
    private let ownsWriter: Bool
    /// The first edit that was refused: whoever catches it, the change is dropped.
    private var refusal: (any Error)?

    private struct Working {
        var record: LoadedRecord
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
        past = core.store.resolved(CausalPast(of: dot, context: core.context))
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
        try open(key) != nil ? workingView(key) : nil
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
        if try open(key) == nil {
            guard edits.contains(.create) else { throw Transaction.missing(key, schema) }
            order.append(key)
            working[key] = Working(
                record: LoadedRecord(
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
        bringUp(key)
        guard var item = working[key] else { return }
        if !item.record.isEditable(evenDeleted: evenDeleted),
            !edits.contains(where: Transaction.begins)
        {
            throw Transaction.missing(key, schema)
        }
        let resolution = EditResolution(schema: schema, replica: core.replica)
        // The view is made only where an edit needs it: for the rest of a group, for a seal.
        var record = item.record
        item.actions += try resolution.actions(for: edits, on: record.state, in: dot) {
            record.state = $0
            return record.view
        }
        working[key] = item
    }

    /// Whether an edit makes a record be there.
    private static func begins(_ edit: Edit) -> Bool {
        switch edit {
        case .create, .undelete: true
        default: false
        }
    }

    private func open(_ key: RecordKey) throws -> Working? {
        if let item = working[key] { return item }
        // A record that this very change creates cannot be in the store yet: entries that name one
        // which this store has not made are refused.
        if key.isCreated(by: dot) { return nil }
        guard let db else {
            preconditionFailure("a transaction is valid inside the body of Replica.write only")
        }
        guard let record = try writer.current(key, db) else { return nil }
        order.append(key)
        working[key] = Working(record: record)
        return working[key]
    }

    private func workingView(_ key: RecordKey) -> RecordView? {
        bringUp(key)
        return working[key]?.record.view
    }

    /// Brings the working state up to the actions so far.
    private func bringUp(_ key: RecordKey) {
        guard var item = working[key], item.applied < item.actions.count else { return }
        item.record.state.apply(
            item.actions[item.applied...],
            stamp: stamp,
            past: past,
            schema: item.record.schema
        )
        item.applied = item.actions.count
        working[key] = item
    }

    // MARK: Commit

    func commit() throws -> [RecordKey] {
        guard let db else { return [] }
        if let refusal { throw refusal }
        let keys = order.filter { working[$0]?.actions.isEmpty == false }
        guard !keys.isEmpty else { return [] }
        try checkSize(keys)
        try checkTexts(keys)
        let timestamp = core.clock.now(at: core.environment.now())
        for (index, key) in keys.enumerated() {
            let entry = LogEntry(
                dot: dot,
                part: UInt32(index),
                parts: UInt32(keys.count),
                context: past.past.context,
                timestamp: timestamp,
                author: author,
                reason: reason,
                record: key,
                actions: Transaction.coalesced(working[key]?.actions ?? [])
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

    private func checkSize(_ keys: [RecordKey]) throws {
        let name = core.store.recordSchema(keys[0].type).name
        if keys.count > Transaction.recordsMax {
            throw EditError(
                .value,
                record: name,
                "\(keys.count) records in one change; at most \(Transaction.recordsMax) are "
                    + "allowed; write many changes with writeAll"
            )
        }
        var bytes = ChangeLimits.bytes(author: author, reason: reason)
        for key in keys {
            let actions = working[key]?.actions ?? []
            bytes += ChangeLimits.bytes(of: actions, on: key)
            if actions.count > ChangeLimits.actionsMax {
                throw EditError(
                    .value,
                    record: name,
                    "\(actions.count) edits of one record in one change; at most "
                        + "\(ChangeLimits.actionsMax) are allowed"
                )
            }
        }
        if bytes > Transaction.bytesMax {
            throw EditError(
                .value,
                record: name,
                "\(bytes) bytes in one change; at most \(Transaction.bytesMax) are allowed"
            )
        }
    }

    private func checkTexts(_ keys: [RecordKey]) throws(EditError) {
        for (index, key) in keys.enumerated() {
            let limits = TextLimits(record: core.store.recordSchema(key.type).name)
            if index == 0 {
                try limits.check(author: author)
                try limits.check(reason: reason)
            }
            try limits.check(key.id)
            for action in working[key]?.actions ?? [] { try limits.check(action) }
        }
    }

    /// Whether two writes may be of one slot.
    ///
    /// Typed edits never are, so this is the usual end.
    private static func hasRepeats(_ actions: [Operation.Action]) -> Bool {
        var plain: UInt64 = 0
        var elements: [SlotKey] = []
        for case .write(let slot, _) in actions {
            if slot.element != nil {
                guard elements.count < 8, !elements.contains(slot) else { return true }
                elements.append(slot)
            } else {
                guard slot.field < 64, plain & 1 << UInt64(slot.field) == 0 else { return true }
                plain |= 1 << UInt64(slot.field)
            }
        }
        return false
    }

    /// Of several writes of one slot in one change only the last one is recorded.
    private static func coalesced(_ actions: [Operation.Action]) -> [Operation.Action] {
        guard hasRepeats(actions) else { return actions }
        var seen: Set<SlotKey> = []
        var result: [Operation.Action] = []
        for action in actions.reversed() {
            if case .write(let slot, _) = action, !seen.insert(slot).inserted { continue }
            result.append(action)
        }
        return result.reversed()
    }
}

extension LoadedRecord {
    /// Whether edits that neither create nor bring back go to it.
    fileprivate func isEditable(evenDeleted: Bool) -> Bool {
        if state.isSettled { return true }
        let lifecycle = view.lifecycle
        return lifecycle.isVisible || (evenDeleted && lifecycle == .deleted)
    }
}
