/// Writes CSV by RFC 4180, row by row.
///
/// A field is put in quotation marks when it holds the delimiter, a quotation mark, CR or LF, or
/// starts or ends with a space or a mark of `CSVProtection`; and so is an empty field that is alone
/// in its row, which would be a blank line. Nothing else is changed, so a reader with the same
/// dialect gets the same values. A spreadsheet dialect adds the marks of `CSVProtection`.
public struct CSVWriter: Sendable {
    /// How the file is written.
    public let dialect: CSVDialect

    private var bytes: [UInt8] = []
    private var isStarted = false
    private var rowCount = 0
    private var fieldCount: Int?

    /// Makes a writer.
    public init(dialect: CSVDialect = .spreadsheet) {
        self.dialect = dialect
    }

    /// Writes a whole file.
    public static func bytes(
        of rows: [[String]],
        names: [String]? = nil,
        dialect: CSVDialect = .spreadsheet
    ) throws(InterchangeError) -> [UInt8] {
        var writer = CSVWriter(dialect: dialect)
        if let names { try writer.append(names) }
        for row in rows { try writer.append(row) }
        return writer.takeBytes()
    }

    /// Adds a row; the header is the first one.
    ///
    /// Refuses what could not be read back: U+0000, a row without fields, and rows of unequal
    /// length.
    public mutating func append(_ row: [String]) throws(InterchangeError) {
        rowCount += 1
        guard !row.isEmpty, row.count == fieldCount ?? row.count else {
            throw InterchangeError(
                .mismatch,
                "the row has \(row.count) fields",
                expected: "\(fieldCount ?? 1) fields",
                line: rowCount
            )
        }
        if let index = row.firstIndex(where: { $0.utf8.contains(Byte.null) }) {
            throw InterchangeError(
                .unrepresentable,
                "a field holds U+0000",
                expected: "text without U+0000",
                line: rowCount,
                field: "#\(index + 1)"
            )
        }
        fieldCount = row.count
        if !isStarted, dialect.hasByteOrderMark { bytes.append(contentsOf: Byte.byteOrderMark) }
        for (index, value) in row.enumerated() {
            if index > 0 { bytes.append(dialect.delimiter) }
            let field = dialect.isProtected ? CSVProtection.marked(value) : value
            // A first field that starts with U+FEFF would pass for the byte order mark.
            let isMark = !isStarted && field.utf8.starts(with: Byte.byteOrderMark)
            write(field, isQuoted: needsQuotes(field, isAlone: row.count == 1) || isMark)
            isStarted = true
        }
        if dialect.endsLinesWithReturn { bytes.append(Byte.carriageReturn) }
        bytes.append(Byte.lineFeed)
    }

    /// What has been written since the last call, to be put behind what was taken before.
    public mutating func takeBytes() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    private func needsQuotes(_ field: String, isAlone: Bool) -> Bool {
        guard let first = field.utf8.first, let last = field.utf8.last else { return isAlone }
        // Some programs trim bare fields.
        if first == Byte.space || first == Byte.tab || last == Byte.space { return true }
        return field.utf8.contains {
            $0 == dialect.delimiter || $0 == Byte.quote || $0 == Byte.carriageReturn
                || $0 == Byte.lineFeed
        }
    }

    private mutating func write(_ field: String, isQuoted: Bool) {
        guard isQuoted else {
            bytes.append(contentsOf: field.utf8)
            return
        }
        bytes.append(Byte.quote)
        for byte in field.utf8 {
            if byte == Byte.quote { bytes.append(Byte.quote) }
            bytes.append(byte)
        }
        bytes.append(Byte.quote)
    }
}
