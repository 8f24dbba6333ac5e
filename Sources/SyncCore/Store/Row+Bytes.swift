import Foundation
import GRDB

extension [UInt8] {
    /// The bytes as GRDB binds them.
    var data: Data { Data(self) }
}

extension Row {
    /// A blob column as bytes; empty for NULL.
    func bytes(_ index: Int) -> [UInt8] {
        guard let data = self[index] as Data? else { return [] }
        return [UInt8](data)
    }
}

extension Statement {
    /// Runs a statement whose arguments are known to be as many as its marks, without counting them
    /// again: these are the few that run for every record.
    func run(_ arguments: StatementArguments) throws {
        setUncheckedArguments(arguments)
        try execute()
    }
}
