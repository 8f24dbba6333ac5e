package import GRDB
import GRDBSQLite

extension Statement {
    /// Runs a statement with values that are bound as they are, without boxing each of them: for the
    /// few statements that run for every record.
    ///
    /// - Precondition: the values are as many as the statement's marks.
    package func run(_ values: BoundValue...) throws { try run(values) }

    /// The same with values that were gathered before.
    package func run(_ values: [BoundValue]) throws {
        // Tells GRDB that what is bound from here on is ours.
        setUncheckedArguments(StatementArguments())
        try bind(values)
        try execute()
    }

    /// Reads a query's first row in place, without making a row of it: for the few queries that run
    /// for every record.
    ///
    /// - Precondition: the values are as many as the statement's marks, and the query changes nothing.
    package func first<Value>(
        _ values: BoundValue...,
        read: (QueriedColumns) throws -> Value
    ) throws -> Value? {
        sqlite3_reset(sqliteStatement)
        try bind(values)
        // Its locks end here, and the bytes of its row.
        defer { sqlite3_reset(sqliteStatement) }
        switch sqlite3_step(sqliteStatement) {
        case SQLITE_ROW: return try read(QueriedColumns(statement: sqliteStatement))
        case SQLITE_DONE: return nil
        case let code:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(sqlite3_db_handle(sqliteStatement))),
                sql: sql
            )
        }
    }

    private func bind(_ values: [BoundValue]) throws {
        for (offset, value) in values.enumerated() {
            let code = value.bind(to: sqliteStatement, at: CInt(offset + 1))
            guard code == SQLITE_OK else {
                throw DatabaseError(resultCode: ResultCode(rawValue: code))
            }
        }
    }
}

/// The columns of a query's row, valid inside `Statement.first`'s body only.
package struct QueriedColumns {
    fileprivate let statement: OpaquePointer

    /// Whether a column is NULL.
    func isNull(_ index: Int) -> Bool {
        sqlite3_column_type(statement, CInt(index)) == SQLITE_NULL
    }

    /// A whole number; 0 for NULL.
    ///
    /// - Throws: `StoreError` for a value of another kind, as a damaged file may hold.
    package func integer(_ index: Int) throws -> Int64 {
        try check(index, is: SQLITE_INTEGER)
        return sqlite3_column_int64(statement, CInt(index))
    }

    /// A blob; empty for NULL.
    ///
    /// - Throws: `StoreError` for a value of another kind.
    func bytes(_ index: Int) throws -> [UInt8] {
        try check(index, is: SQLITE_BLOB)
        let count = Int(sqlite3_column_bytes(statement, CInt(index)))
        guard count > 0, let start = sqlite3_column_blob(statement, CInt(index)) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension QueriedColumns {
    private func check(_ index: Int, is wanted: CInt) throws {
        let kind = sqlite3_column_type(statement, CInt(index))
        guard kind != wanted, kind != SQLITE_NULL else { return }
        throw StoreError.damagedRow(nil)
    }
}

/// A value on its way into a statement.
package enum BoundValue {
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
    case null

    init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }

    package init(_ value: UInt64) { self = .integer(Int64(bitPattern: value)) }

    init(_ value: [UInt8]?) { self = value.map { .blob($0) } ?? .null }

    package init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let value): .integer(value)
            case .double(let value): .real(value)
            case .string(let value): .text(value)
            case .blob(let value): .blob([UInt8](value))
            }
    }

    fileprivate func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        switch self {
        case .integer(let value): sqlite3_bind_int64(statement, index, value)
        case .real(let value): sqlite3_bind_double(statement, index, value)
        case .null: sqlite3_bind_null(statement, index)
        case .text(var text):
            text.withUTF8 { bytes in
                // A text of no bytes may have no address, which SQLite would take for NULL.
                bytes.isEmpty
                    ? sqlite3_bind_text(statement, index, "", 0, BoundValue.copied)
                    : sqlite3_bind_text64(
                        statement,
                        index,
                        UnsafeRawPointer(bytes.baseAddress)?
                            .assumingMemoryBound(to: CChar.self),
                        UInt64(bytes.count),
                        BoundValue.copied,
                        UInt8(SQLITE_UTF8)
                    )
            }
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
