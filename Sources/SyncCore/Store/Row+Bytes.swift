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
