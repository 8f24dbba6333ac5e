/// One row of a CSV file.
public struct CSVRow: Hashable, Sendable {
    /// The number of the row, from 1, the header and blank lines not counted.
    public let number: Int
    /// The line of the file on which it starts, from 1.
    public let line: Int
    /// The values.
    public let fields: [String]
    /// The names of the fields, empty in a file without a header.
    public let names: [String]

    /// The value of the field with this name, nil when there is none.
    public subscript(name: String) -> String? {
        guard let index = names.firstIndex(where: { $0.hasSameBytes(as: name) }) else {
            return nil
        }
        return index < fields.count ? fields[index] : nil
    }

    /// An error about a field of this row, for callers that read meaning from the text.
    public func failure(
        _ code: InterchangeError.Code,
        _ message: String,
        expected: String,
        field: String
    ) -> InterchangeError {
        InterchangeError(
            code,
            "row \(number): " + message,
            expected: expected,
            line: line,
            field: field
        )
    }
}
