import Foundation
package import GRDB

extension [UInt8] {
    /// The bytes as GRDB binds them.
    var data: Data { Data(self) }
}

extension Row {
    /// A column's value.
    ///
    /// A file that was damaged can hold a text where the table wants a number: SQLite checks what is
    /// written, not what is there. GRDB's subscript would end the process.
    ///
    /// - Throws: `StoreError` for a value of another kind.
    package func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ index: Int
    ) throws -> Value {
        do {
            return try decode(Value.self, atIndex: index)
        } catch let error as RowDecodingError {
            throw StoreError.damagedRow(error)
        }
    }

    /// A column's counter, sequence or the like.
    ///
    /// - Throws: `StoreError` for a number that none of these can be.
    package func natural(_ index: Int) throws -> UInt64 {
        try UInt64(stored: try value(index))
    }

    /// A blob column as bytes; empty for NULL.
    ///
    /// - Throws: `StoreError` for a value of another kind.
    func bytes(_ index: Int) throws -> [UInt8] {
        guard let data = try value(index) as Data? else { return [] }
        return [UInt8](data)
    }
}

extension UInt64 {
    /// A counter, sequence or the like as SQLite keeps it: from 0 on, and with a successor.
    ///
    /// - Throws: `StoreError` for a number that none of these can be.
    package init(stored number: Int64) throws {
        guard number >= 0, number < Int64.max else {
            throw StoreError(
                .corrupt,
                "the store holds \(number) where a count from 0 on belongs; it is damaged: keep the "
                    + "file and run `field doctor`"
            )
        }
        self = UInt64(number)
    }
}

extension StoreError {
    /// A row that holds a value of another kind than its table wants.
    static func damagedRow(_ error: RowDecodingError?) -> StoreError {
        StoreError(
            .corrupt,
            "the store holds a value of another kind than its table wants; it is damaged: keep the "
                + "file and run `field doctor`",
            underlying: error
        )
    }
}
