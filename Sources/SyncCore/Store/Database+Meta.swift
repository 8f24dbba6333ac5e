package import GRDB
import Replication

extension Database {
    /// A value of the table `meta`; nil where none stands there, or NULL.
    package func meta<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ key: String
    ) throws -> Value? {
        try Value.fetchOne(
            cachedStatement(sql: "SELECT value FROM meta WHERE key = ?"),
            arguments: [key]
        )
    }

    /// Writes a value of the table `meta`.
    package func setMeta(_ key: String, _ value: (any DatabaseValueConvertible)?) throws {
        try cachedStatement(sql: "INSERT OR REPLACE INTO meta VALUES (?, ?)")
            .run(.text(key), BoundValue(value?.databaseValue ?? .null))
    }
}

extension DatabaseValue {
    /// Whether both are one value, texts byte for byte.
    func hasSameBytes(as other: DatabaseValue) -> Bool {
        if case .string(let mine) = storage, case .string(let theirs) = other.storage {
            return mine.hasSameBytes(as: theirs)
        }
        return self == other
    }
}
