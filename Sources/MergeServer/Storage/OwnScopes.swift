import GRDB
import SyncCore

/// Who goes on seeing what it made and put outside its scopes.
///
/// Each such record is also in a scope of its maker's own, which every subscription of that replica
/// includes. Only its maker gets there: an edit never opens a record to a device. A device that sees
/// everything needs none.
struct OwnScopes {
    private struct Making: Hashable {
        let record: Int64
        let replica: ReplicaID
    }

    private let core: SQLiteHubCore
    private let writer: EntryWriter
    private let isIdle: Bool
    /// What each replica sees; nil for everything.
    private var views: [ReplicaID: Set<Int64>?] = [:]
    private var isOwn: [Int64: Bool] = [:]
    private var made: [Making: Bool] = [:]

    init(core: SQLiteHubCore, writer: EntryWriter, isIdle: Bool) {
        self.core = core
        self.writer = writer
        self.isIdle = isIdle
    }

    /// The own scope that an entry's writer needs to go on seeing the record; nil for none.
    mutating func scope(
        for entry: ScopeMoves.Touched,
        standingIn scopes: [Int64],
        _ db: Database
    ) throws -> Int64? {
        guard !isIdle, let seen = try view(of: entry.writer, db), seen.isDisjoint(with: scopes),
            try isMaker(of: entry, db)
        else { return nil }
        let own = try core.scopeNumber(entry.writer.ownScope, db)
        isOwn[own] = true
        views[entry.writer] = .some(seen.union([own]))
        return own
    }

    /// Whether this is a replica's own scope and no scope of the schema's.
    mutating func contains(_ scope: Int64, _ db: Database) throws -> Bool {
        if let known = isOwn[scope] { return known }
        let name = try String.fetchOne(
            db.cachedStatement(sql: "SELECT name FROM scope WHERE number = ?"),
            arguments: [scope]
        )
        let found = name?.isOwnScope ?? false
        isOwn[scope] = found
        return found
    }

    /// The scopes that a replica sees, nil for all.
    ///
    /// Of one whose changes a peer brought before it came itself the subscription is not known: it
    /// keeps what it made.
    private mutating func view(of replica: ReplicaID, _ db: Database) throws -> Set<Int64>? {
        if let known = views[replica] { return known }
        var view: Set<Int64>?
        let names = try core.subscription(of: replica, db)
        if names?.isEmpty != true {
            var numbers: Set<Int64> = []
            for name in (names ?? []) + [ScopeMoves.everyone, replica.ownScope] {
                let number = try Int64.fetchOne(
                    db.cachedStatement(sql: "SELECT number FROM scope WHERE name = ?"),
                    arguments: [name]
                )
                if let number { numbers.insert(number) }
            }
            view = numbers
        }
        views[replica] = .some(view)
        return view
    }

    private mutating func isMaker(of entry: ScopeMoves.Touched, _ db: Database) throws -> Bool {
        if case .created(let maker, _) = entry.key.id { return maker.replica == entry.writer }
        let making = Making(record: entry.number, replica: entry.writer)
        if let known = made[making] { return known }
        let record = try writer.current(entry.key, db)
        let first = try record.flatMap { try core.store.history(of: $0, db).first }
        let found = first?.entry.dot.replica == entry.writer
        made[making] = found
        return found
    }
}

extension SQLiteHubCore {
    /// What a replica subscribes to, empty for everything; nil when it has never said.
    func subscription(of replica: ReplicaID, _ db: Database) throws -> [String]? {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT scopes FROM registration WHERE replica = ?"),
            arguments: [Int64(bitPattern: replica.rawValue)]
        )
        return try row.map { try ScopeList.decode(try $0.value(0)) }
    }
}
