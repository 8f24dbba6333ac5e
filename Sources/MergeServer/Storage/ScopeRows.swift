import GRDB
import SyncCore

/// What is listed under any of several scopes, in the hub's order, each row once.
///
/// A few rows of each scope are read at a time, so that a page costs what it holds and not what
/// follows it.
struct ScopeRows {
    typealias Row = (sequence: UInt64, record: Int64)

    private struct Source {
        let scope: Int64
        var rows: [Row] = []
        var next = 0
        var isEnded = false
    }

    private static let rowsFirst = 64
    private static let rowsNext = 1_024

    private var sources: [Source]
    private let cursor: UInt64
    private var last: Row

    init(scopes: [Int64], after cursor: UInt64) {
        sources = scopes.map { Source(scope: $0) }
        self.cursor = cursor
        last = (cursor, .max)
    }

    /// The next row; nil at the end.
    mutating func next(_ db: Database) throws -> Row? {
        var least: Row?
        for index in sources.indices {
            guard let row = try head(of: index, db) else { continue }
            if let found = least, found <= row { continue }
            least = row
        }
        sources.removeAll { $0.isEnded }
        if let least { last = least }
        return least
    }

    /// A scope's first row after the last one given.
    private mutating func head(of index: Int, _ db: Database) throws -> Row? {
        while true {
            while sources[index].next < sources[index].rows.count {
                let row = sources[index].rows[sources[index].next]
                if row > last { return row }
                sources[index].next += 1
            }
            guard !sources[index].isEnded else { return nil }
            try fill(index, db)
        }
    }

    private mutating func fill(_ index: Int, _ db: Database) throws {
        let after = sources[index].rows.last ?? (cursor, .max)
        let limit = sources[index].rows.isEmpty ? Self.rowsFirst : Self.rowsNext
        let rows = try GRDB.Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT sequence, record FROM scope_entry
                    WHERE scope = ? AND (sequence, record) > (?, ?)
                    ORDER BY sequence, record LIMIT ?
                    """
            ),
            arguments: [
                sources[index].scope, Int64(bitPattern: after.sequence), after.record, limit,
            ]
        )
        var found: [Row] = []
        while let row = try rows.next() {
            found.append((try row.natural(0), try row.value(1)))
        }
        sources[index].rows = found
        sources[index].next = 0
        sources[index].isEnded = found.isEmpty
    }
}

/// Which records a device's scopes hold, now and from its cursor on.
struct ScopeMembership {
    /// Whether a record is in the scopes now, and whether it has been since the cursor.
    enum Visibility {
        case held, left
        case entered(since: UInt64)

        /// Whether it is in the scopes at a sequence from the cursor on.
        func isIn(at sequence: UInt64) -> Bool {
            switch self {
            case .held: true
            case .left: false
            case .entered(let since): since <= sequence
            }
        }
    }

    private let scopes: Set<Int64>
    private let cursor: UInt64

    init(scopes: [Int64], cursor: UInt64) {
        self.scopes = Set(scopes)
        self.cursor = cursor
    }

    func visibility(of record: Int64, _ db: Database) throws -> Visibility {
        guard let since = try since(record, db) else { return .left }
        return since <= cursor ? .held : .entered(since: since)
    }

    /// From which sequence on a record has been in the scopes without a gap; nil when it is in none.
    ///
    /// A record that moves from one of a device's scopes to another of them stays on the device.
    private func since(_ record: Int64, _ db: Database) throws -> UInt64? {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT scope, since FROM record_scope WHERE record = ?"),
            arguments: [record]
        )
        var since: UInt64?
        while let row = try rows.next() {
            guard scopes.contains(try row.value(0)) else { continue }
            let found = try row.natural(1)
            since = min(since ?? found, found)
        }
        // What is before the cursor is not asked for.
        guard let since, since > cursor else { return since }
        return try held(record, before: since, db)
    }

    /// Goes back over the scopes that the record has left, for as long as each ends no earlier than
    /// what follows it began.
    private func held(_ record: Int64, before end: UInt64, _ db: Database) throws -> UInt64 {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT scope, since, until FROM record_scope_past
                    WHERE record = ? ORDER BY until DESC
                    """
            ),
            arguments: [record]
        )
        var since = end
        while since > cursor, let row = try rows.next() {
            guard scopes.contains(try row.value(0)) else { continue }
            guard try row.natural(2) >= since else { break }
            since = min(since, try row.natural(1))
        }
        return since
    }
}
