import GRDB
import SyncCore

/// The tables that say which records are in which scopes, and have been.
extension SQLiteHubCore {
    /// The scopes that a record is in, by growing number.
    func scopes(of record: Int64, _ db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT scope FROM record_scope WHERE record = ? ORDER BY scope"
            ),
            arguments: [record]
        )
    }

    /// A scope's number, a new one for a scope that is met for the first time.
    func scopeNumber(_ name: String, _ db: Database) throws -> Int64 {
        if let number = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM scope WHERE name = ?"),
            arguments: [name]
        ) {
            return number
        }
        try db.execute(sql: "INSERT INTO scope(name) VALUES (?)", arguments: [name])
        return db.lastInsertedRowID
    }

    /// Puts a record into scopes from this sequence on.
    func enter(_ record: Int64, _ scopes: [Int64], at sequence: UInt64, _ db: Database) throws {
        for scope in scopes {
            try db.cachedStatement(sql: "INSERT INTO record_scope VALUES (?, ?, ?)")
                .execute(arguments: [record, scope, Int64(bitPattern: sequence)])
        }
    }

    /// Takes a record out of scopes from this sequence on.
    ///
    /// Until when it was there is kept: whoever has the scope that it goes to as well goes on
    /// holding it.
    func leave(_ record: Int64, _ scopes: [Int64], at sequence: UInt64, _ db: Database) throws {
        for scope in scopes {
            try db.cachedStatement(
                sql: """
                    INSERT INTO record_scope_past
                    SELECT record, ?, scope, since FROM record_scope
                    WHERE record = ? AND scope = ?
                    """
            )
            .execute(arguments: [Int64(bitPattern: sequence), record, scope])
            try db.cachedStatement(sql: "DELETE FROM record_scope WHERE record = ? AND scope = ?")
                .execute(arguments: [record, scope])
        }
    }
}
