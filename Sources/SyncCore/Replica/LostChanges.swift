import GRDB
import Replication

/// Changes of others that an earlier epoch of the hub had numbered and this one has not: what this
/// device holds of them goes up again.
///
/// Kept in the table `lost` until the device's cursor has passed the change's new number. A change
/// waits to be brought, or was brought; one that is here in part is never brought.
struct LostChanges {
    /// Whether each waits to be brought.
    private var changes: [ReplicaID: [UInt64: Bool]] = [:]
    /// The highest counter of each replica.
    private(set) var last: [ReplicaID: UInt64] = [:]
    /// How many wait to be brought.
    private(set) var countToBring = 0

    init() {}

    init(_ store: RecordStore, _ db: Database) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT id, lost.counter, waits FROM lost JOIN replica ON number = replica"
        )
        while let row = try rows.next() {
            let replica = ReplicaID(UInt64(bitPattern: try row.value(0)))
            set(Dot(replica, try row.natural(1)), try row.value(2) as Int64 == 1)
        }
    }

    private mutating func set(_ dot: Dot, _ waits: Bool?) {
        if changes[dot.replica]?[dot.counter] == true { countToBring -= 1 }
        if waits == true { countToBring += 1 }
        changes[dot.replica, default: [:]][dot.counter] = waits
        if waits != nil {
            last[dot.replica] = max(last[dot.replica] ?? 0, dot.counter)
        } else if changes[dot.replica]?.isEmpty ?? true {
            changes[dot.replica] = nil
            last[dot.replica] = nil
        } else if last[dot.replica] == dot.counter {
            last[dot.replica] = changes[dot.replica]?.keys.max()
        }
    }

    /// Whose changes wait.
    var replicasToBring: [ReplicaID] {
        changes.filter { $0.value.values.contains(true) }.keys.sorted()
    }

    /// Whether this is one of them.
    func contains(_ dot: Dot) -> Bool { changes[dot.replica]?[dot.counter] != nil }

    /// Whether it waits to be brought.
    func isToBring(_ dot: Dot) -> Bool { changes[dot.replica]?[dot.counter] == true }

    /// Notes a lost change.
    mutating func add(_ dot: Dot, waits: Bool, _ store: RecordStore, _ db: Database) throws {
        set(dot, waits)
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO lost VALUES (?, ?, ?)")
            .execute(
                arguments: [
                    try store.names.number(of: dot.replica, db), Int64(bitPattern: dot.counter),
                    waits ? 1 : 0,
                ]
            )
    }

    /// Forgets what has come back, within the transaction that applies an answer.
    ///
    /// The hub takes a replica's changes without a gap only. What was brought and is not there waits
    /// for what came before it: when that has come, it is brought again.
    ///
    /// - `brought`: what the request held.
    /// - `before`: the receipts before the answer.
    mutating func settle(
        _ brought: [Dot],
        before: [ReplicaID: Receipts],
        _ core: ReplicaCore,
        _ db: Database
    ) throws {
        guard !changes.isEmpty else { return }
        for dot in brought where contains(dot) { try add(dot, waits: false, core.store, db) }
        for replica in changes.keys.sorted() {
            guard let receipts = core.store.receipts[replica] else { continue }
            let counters = (changes[replica] ?? [:]).keys.sorted()
            for counter in counters {
                let dot = Dot(replica, counter)
                guard let number = receipts.sequence(of: counter) else {
                    let isNext =
                        counter > 1 && receipts.sequence(of: counter - 1) != nil
                        && before[replica]?.sequence(of: counter - 1) == nil
                    if isNext, try core.isWhole(dot, db) {
                        try add(dot, waits: true, core.store, db)
                    }
                    continue
                }
                if number <= core.hub.cursor {
                    try remove(dot, core.store, db)
                } else if isToBring(dot) {
                    try add(dot, waits: false, core.store, db)
                }
            }
        }
    }

    /// Forgets a replica's changes from this one on, which another branch replaces.
    mutating func forget(from first: Dot, _ store: RecordStore, _ db: Database) throws {
        let counters = (changes[first.replica] ?? [:]).keys.filter { $0 >= first.counter }
        for counter in counters.sorted() { try remove(Dot(first.replica, counter), store, db) }
    }

    private mutating func remove(_ dot: Dot, _ store: RecordStore, _ db: Database) throws {
        set(dot, nil)
        try db.cachedStatement(sql: "DELETE FROM lost WHERE replica = ? AND counter = ?")
            .execute(
                arguments: [
                    try store.names.number(of: dot.replica, db), Int64(bitPattern: dot.counter),
                ]
            )
    }
}
