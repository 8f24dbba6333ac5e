import GRDB
import SyncCore

/// Which records the changes of one push bring into scopes and take out of them.
///
/// Each touched record's scopes are computed anew from all values that stand in its scope fields,
/// siblings included, and those of the records that follow it as well. Its entries are listed under
/// the scopes before the push and those after it, so that those who lose the record learn of it too.
struct ScopeMoves {
    /// An entry that was applied.
    struct Touched {
        let key: RecordKey
        let number: Int64
        let isNew: Bool
        let writer: ReplicaID
        let cause: Cause
    }

    /// What made a record move.
    struct Cause {
        /// The place of the change in the push.
        let change: Int
        let sequence: UInt64
    }

    /// A record whose scopes have changed.
    struct Move {
        let record: Int64
        let before: [Int64]
        let after: [Int64]
        let sequence: UInt64

        var entered: [Int64] { after.filter { !before.contains($0) } }
        var left: [Int64] { before.filter { !after.contains($0) } }
    }

    /// The scope that everyone has.
    static let everyone = "*"
    /// How often a record's scopes are computed in one push at most; references in a circle end here.
    private static let visitsMax = 32

    private let core: SQLiteHubCore
    private let writer: EntryWriter
    /// The touched records' addresses.
    private var keys: [Int64: RecordKey] = [:]
    private var before: [Int64: [Int64]] = [:]
    private var after: [Int64: [Int64]] = [:]
    private var causes: [Int64: Cause] = [:]
    /// The first entries of the new records.
    private var firstSequences: [Int64: UInt64] = [:]
    /// The records in the order in which they were met.
    private var order: [Int64] = []
    private var ownScopes: OwnScopes
    /// The scopes under which something was listed.
    private(set) var listed: Set<Int64> = []

    /// - `keepsMakers`: whether writers keep seeing what they make, as devices do.
    init(core: SQLiteHubCore, writer: EntryWriter, keepsMakers: Bool) {
        self.core = core
        self.writer = writer
        ownScopes = OwnScopes(core: core, writer: writer, isIdle: !keepsMakers)
    }

    /// Brings the scope tables up to the entries just applied.
    ///
    /// - Returns: records whose histories are too much for one page under the change that moved
    ///   them, in groups that are not: each group enters its scopes under a sequence of its own.
    mutating func settle(_ touched: [Touched], _ db: Database) throws -> [[Move]] {
        var isNew: Set<Int64> = []
        for entry in touched {
            keys[entry.number] = entry.key
            if entry.isNew, isNew.insert(entry.number).inserted {
                firstSequences[entry.number] = entry.cause.sequence
            }
            try meet(entry.number, isNew: entry.isNew, db)
            causes[entry.number] = entry.cause
        }
        var queue = order
        for number in order {
            try link(number, isNew: isNew.contains(number), db)
            guard isNew.contains(number), let key = keys[number] else { continue }
            for orphan in try adoptOrphans(of: key, number, db) {
                try follow(orphan, causes[number], &queue, db)
            }
        }
        try spread(&queue, db)
        for entry in touched {
            let scopes = after[entry.number] ?? []
            if let own = try ownScopes.scope(for: entry, standingIn: scopes, db) {
                after[entry.number] = (scopes + [own]).sorted()
            }
        }
        let moves = order.compactMap(move)
        let groups = try deferred(moves, isNew: isNew, db)
        let late = Set(groups.flatMap { $0.map(\.record) })
        var listing = ScopeListing()
        for move in moves {
            try replace(move, isLate: late.contains(move.record), &listing, db)
        }
        for entry in touched {
            let listed = before[entry.number] ?? []
            let also = late.contains(entry.number) ? [] : after[entry.number] ?? []
            listing.add(entry.cause.sequence, entry.number, in: listed + also)
        }
        listed.formUnion(try listing.write(db))
        return groups
    }

    /// Brings deferred records into their scopes.
    mutating func place(_ group: [Move], at sequence: UInt64, _ db: Database) throws {
        var listing = ScopeListing()
        for move in group {
            try core.enter(move.record, move.entered, at: sequence, db)
            listing.add(sequence, move.record, in: move.after)
        }
        listed.formUnion(try listing.write(db))
    }

    private func move(_ record: Int64) -> Move? {
        guard let before = before[record], let after = after[record], before != after,
            let cause = causes[record]
        else { return nil }
        // Nobody can have had a new record before: it is in its scopes from its first entry on.
        let sequence = firstSequences[record] ?? cause.sequence
        return Move(record: record, before: before, after: after, sequence: sequence)
    }

    // MARK: Computing

    private mutating func meet(_ record: Int64, isNew: Bool, _ db: Database) throws {
        guard before[record] == nil else { return }
        let scopes = isNew ? [] : try core.scopes(of: record, db)
        before[record] = scopes
        after[record] = scopes
        order.append(record)
    }

    /// A record that follows one that moved, or was found, is computed next.
    private mutating func follow(
        _ record: Int64,
        _ cause: Cause?,
        _ queue: inout [Int64],
        _ db: Database
    ) throws {
        try meet(record, isNew: false, db)
        // Its own entry in this push may be later than what moves it.
        if let cause, causes[record].map({ $0.sequence < cause.sequence }) ?? true {
            causes[record] = cause
        }
        queue.append(record)
    }

    private mutating func spread(_ queue: inout [Int64], _ db: Database) throws {
        var visits: [Int64: Int] = [:]
        var next = 0
        while next < queue.count {
            let record = queue[next]
            next += 1
            visits[record, default: 0] += 1
            guard visits[record, default: 0] <= ScopeMoves.visitsMax else { continue }
            let scopes = try scopes(of: record, db)
            guard scopes != after[record] else { continue }
            after[record] = scopes
            let children = try Int64.fetchAll(
                db.cachedStatement(
                    sql: "SELECT record FROM record_parent WHERE parent = ? ORDER BY record"
                ),
                arguments: [record]
            )
            for child in children { try follow(child, causes[record], &queue, db) }
        }
    }

    /// What the schema says, and the own scopes of those who put it outside theirs.
    private mutating func scopes(of number: Int64, _ db: Database) throws -> [Int64] {
        let target = try target(of: number, db)
        let own = try (before[number] ?? []).filter { try ownScopes.contains($0, db) }
        return own.isEmpty ? target : Set(target + own).sorted()
    }

    private mutating func target(of number: Int64, _ db: Database) throws -> [Int64] {
        if let record = try keys[number].flatMap({ try writer.record($0, db) }) {
            switch record.schema.scope {
            case .everyone: return [try core.scopeNumber(Self.everyone, db)]
            case .fields(let fields):
                return try scopeNames(record, fields).map { try core.scopeNumber($0, db) }.sorted()
            case .parent: break
            }
        }
        var scopes: Set<Int64> = []
        let parents = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT parent FROM record_parent WHERE record = ?"),
            arguments: [number]
        )
        for parent in parents {
            // Who made the parent does not therefore see what others add to it.
            for scope in try after[parent] ?? core.scopes(of: parent, db)
            where try !ownScopes.contains(scope, db) {
                scopes.insert(scope)
            }
        }
        return scopes.sorted()
    }

    private func scopeNames(_ record: LoadedRecord, _ fields: [UInt32]) -> [String] {
        var names: Set<String> = []
        for field in fields {
            guard let name = record.schema.field(field)?.name else { continue }
            for case .text(let value) in values(of: field, record) {
                names.insert("\(name)=\(value)")
            }
        }
        return names.sorted()
    }

    /// All values that stand in a field, by itself or as a member of its group.
    private func values(of field: UInt32, _ record: LoadedRecord) -> [FieldValue] {
        let group = record.schema.group(of: field)
        let siblings = record.state.slot(SlotKey(group?.first ?? field))?.siblings ?? []
        guard let group, let place = group.firstIndex(of: field) else {
            return siblings.map(\.value)
        }
        return siblings.compactMap { sibling in
            guard case .group(let members) = sibling.value, place < members.count else {
                return nil
            }
            return members[place]
        }
    }

    // MARK: Parents

    /// Writes down which records a record follows: all that its reference names, siblings included.
    private func link(_ number: Int64, isNew: Bool, _ db: Database) throws {
        guard let record = try keys[number].flatMap({ try writer.record($0, db) }),
            case .parent(let field) = record.schema.scope
        else { return }
        if !isNew {
            for table in ["record_parent", "record_orphan"] {
                try db.cachedStatement(sql: "DELETE FROM \(table) WHERE record = ?")
                    .execute(arguments: [number])
            }
        }
        for case .reference(let key) in values(of: field, record) {
            if let parent = try writer.number(of: key) ?? core.store.number(of: key, db) {
                try db.cachedStatement(sql: "INSERT OR IGNORE INTO record_parent VALUES (?, ?)")
                    .execute(arguments: [number, parent])
            } else {
                // The parent's author has not synced yet.
                try db.cachedStatement(sql: "INSERT OR IGNORE INTO record_orphan VALUES (?, ?, ?)")
                    .execute(arguments: [number, Int64(key.type), core.store.identity(of: key)])
            }
        }
    }

    /// The records that came before this one, their parent, are its children now.
    private func adoptOrphans(
        of key: RecordKey,
        _ parent: Int64,
        _ db: Database
    ) throws -> [Int64] {
        let address: StatementArguments = [Int64(key.type), core.store.identity(of: key)]
        let orphans = try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT record FROM record_orphan WHERE type = ? AND identity = ?
                    ORDER BY record
                    """
            ),
            arguments: address
        )
        guard !orphans.isEmpty else { return [] }
        for record in orphans {
            try db.cachedStatement(sql: "INSERT OR IGNORE INTO record_parent VALUES (?, ?)")
                .execute(arguments: [record, parent])
        }
        try db.cachedStatement(sql: "DELETE FROM record_orphan WHERE type = ? AND identity = ?")
            .execute(arguments: address)
        return orphans
    }

    // MARK: Deferring

    /// The entering records beyond what one page carries, in groups.
    private func deferred(
        _ moves: [Move],
        isNew: Set<Int64>,
        _ db: Database
    ) throws -> [[Move]] {
        var sizes: [Int: Int] = [:]
        var groups: [[Move]] = []
        var groupSize = Int.max
        for move in moves where !move.entered.isEmpty && !isNew.contains(move.record) {
            guard let change = causes[move.record]?.change else { continue }
            let size = try historySize(of: move.record, db)
            let before = sizes[change, default: 0]
            sizes[change] = before + size
            if before == 0 || before + size <= core.enteringBytesMax { continue }
            if groupSize > core.enteringBytesMax - size {
                groups.append([])
                groupSize = 0
            }
            groups[groups.count - 1].append(move)
            groupSize += size
        }
        return groups
    }

    private func historySize(of record: Int64, _ db: Database) throws -> Int {
        var size = 0
        var next =
            try keys[record].flatMap { try writer.record($0, db)?.last }
            ?? Int64.fetchOne(
                db.cachedStatement(sql: "SELECT last FROM record WHERE number = ?"),
                arguments: [record]
            ) ?? 0
        while next != 0 {
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT previous, length(entry) FROM log WHERE number = ?"),
                arguments: [next]
            )
            guard let row else { break }
            let previous: Int64 = try row.value(0)
            guard previous < next else {
                throw StoreError(.corrupt, "log entry \(next) is chained to a later one")
            }
            next = previous
            size += try (row.value(1) as Int) + 24
        }
        return size
    }

    // MARK: Tables

    /// - `isLate`: whether the record enters its scopes under a later sequence.
    private func replace(
        _ move: Move,
        isLate: Bool,
        _ listing: inout ScopeListing,
        _ db: Database
    ) throws {
        try core.leave(move.record, move.left, at: move.sequence, db)
        listing.add(move.sequence, move.record, in: move.before)
        guard !isLate else { return }
        try core.enter(move.record, move.entered, at: move.sequence, db)
        listing.add(move.sequence, move.record, in: move.after)
    }
}
