import GRDB
import GRDBSQLite

extension Statement {
    /// Runs a statement with values that are bound as they are, without boxing each of them: for the
    /// few statements that run for every record.
    ///
    /// - Precondition: the values are as many as the statement's marks.
    func run(_ values: BoundValue...) throws {
        // Tells GRDB that what is bound from here on is ours.
        setUncheckedArguments(StatementArguments())
        for (offset, value) in values.enumerated() {
            let code = value.bind(to: sqliteStatement, at: CInt(offset + 1))
            guard code == SQLITE_OK else {
                throw DatabaseError(resultCode: ResultCode(rawValue: code))
            }
        }
        try execute()
    }
}

/// A value on its way into a statement.
enum BoundValue {
    case integer(Int64)
    case blob([UInt8])
    case null

    init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }

    init(_ value: UInt64) { self = .integer(Int64(bitPattern: value)) }

    init(_ value: [UInt8]?) { self = value.map { .blob($0) } ?? .null }

    fileprivate func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        switch self {
        case .integer(let value): sqlite3_bind_int64(statement, index, value)
        case .null: sqlite3_bind_null(statement, index)
        case .blob(let bytes):
            bytes.withUnsafeBufferPointer { buffer in
                // A blob of no bytes has no address, which SQLite would take for NULL.
                buffer.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob64(
                        statement,
                        index,
                        buffer.baseAddress,
                        UInt64(buffer.count),
                        BoundValue.copied
                    )
            }
        }
    }

    /// SQLITE_TRANSIENT, a cast macro that Swift does not import: SQLite copies the bytes at once.
    private static var copied: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}
