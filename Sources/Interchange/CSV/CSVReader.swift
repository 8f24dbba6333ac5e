/// Reads CSV by RFC 4180 from chunks of any size, one row in memory at a time.
///
/// ```swift
/// var reader = CSVReader(dialect: .spreadsheet)
/// reader.append(chunk)
/// while let row = try reader.next() { … }
/// reader.finish()
/// while let row = try reader.next() { … }
/// ```
///
/// Lines end in CRLF or LF; a byte order mark is passed over. Blank lines are no rows. Strict where
/// guessing would shift fields: a quotation mark inside a bare field, text behind a closing mark, a
/// lone CR, and a row with more or fewer fields than the first are errors. So are U+0000 and bytes
/// that are not UTF-8. An error is final: every later call throws it again.
public struct CSVReader: Sendable {
    private enum State: Sendable {
        case start, fieldStart, bare, quoted, quoteInQuoted, afterReturn
    }

    /// How the file is written.
    public let dialect: CSVDialect
    /// How large it may be.
    public let limits: CSVLimits
    /// The names of the fields, nil until the header has been read.
    public private(set) var names: [String]?

    private let hasHeader: Bool
    private var buffer: [UInt8] = []
    private var index = 0
    private var isFinished = false
    private var state = State.start
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var fieldCount: Int?
    private var rowBytes = 0
    private var rowCount = 0
    private var line = 1
    private var rowLine = 1
    private var fault: InterchangeError?

    /// Makes a reader of a file that has a header, or has none.
    public init(
        dialect: CSVDialect = .plain,
        hasHeader: Bool = true,
        limits: CSVLimits = CSVLimits()
    ) {
        self.dialect = dialect
        self.hasHeader = hasHeader
        self.limits = limits
    }

    /// Adds a chunk.
    ///
    /// Take all rows with `next()` before adding another.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if index > 0, index >= buffer.count / 2 {
            buffer.removeFirst(index)
            index = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Says that no chunk follows.
    public mutating func finish() { isFinished = true }

    /// Reads all rows of a file that is in memory.
    public static func rows(
        of bytes: [UInt8],
        dialect: CSVDialect = .plain,
        hasHeader: Bool = true,
        limits: CSVLimits = CSVLimits()
    ) throws(InterchangeError) -> [CSVRow] {
        var reader = CSVReader(dialect: dialect, hasHeader: hasHeader, limits: limits)
        reader.append(bytes)
        reader.finish()
        var rows: [CSVRow] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    /// The next row, nil when another chunk is needed or all is read.
    public mutating func next() throws(InterchangeError) -> CSVRow? {
        if let fault { throw fault }
        do {
            while try readRecord() {
                if let row = try takeRow() { return row }
            }
            return nil
        } catch {
            fault = error
            throw error
        }
    }

    /// Makes a row of the fields that were read, nil when they were the header or a blank line.
    private mutating func takeRow() throws(InterchangeError) -> CSVRow? {
        let values = dialect.isProtected ? fields.map(CSVProtection.value(of:)) : fields
        fields.removeAll(keepingCapacity: true)
        let startLine = rowLine
        rowLine = line
        rowBytes = 0
        if values.isEmpty { return nil }
        if let fieldCount, values.count != fieldCount {
            throw InterchangeError(
                .mismatch,
                "row \(rowCount + 1) has \(values.count) fields",
                expected: "\(fieldCount) fields as in the first line",
                line: startLine
            )
        }
        if fieldCount == nil {
            fieldCount = values.count
            if hasHeader {
                try takeHeader(values, line: startLine)
                return nil
            }
        }
        rowCount += 1
        guard rowCount <= limits.rowsMax else {
            throw InterchangeError(
                .limitExceeded,
                "the file has too many rows",
                expected: "at most \(limits.rowsMax) rows",
                line: startLine
            )
        }
        return CSVRow(number: rowCount, line: startLine, fields: values, names: names ?? [])
    }

    private mutating func takeHeader(
        _ values: [String],
        line: Int
    ) throws(InterchangeError) {
        let members = values.filter { !$0.isEmpty }.map { JSONObject.Member($0, .null) }
        if let duplicate = JSONObject.duplicate(in: members) {
            let name = members[duplicate].key.excerpt
            throw InterchangeError(
                .duplicate,
                "the header has the name \"\(name)\" twice",
                expected: "every name once",
                line: line,
                field: name
            )
        }
        names = values
    }
}

extension CSVReader {
    /// Reads to the end of a record; false when the chunk ends before it.
    private mutating func readRecord() throws(InterchangeError) -> Bool {
        // A second reference, so that the loop may change other properties; nothing is copied.
        let bytes = buffer
        while index < bytes.count {
            let byte = bytes[index]
            switch state {
            case .start:
                guard try skipByteOrderMark(bytes) else { return false }
            case .fieldStart where byte == Byte.quote:
                index += 1
                state = .quoted
            case .fieldStart:
                state = .bare
            case .bare:
                if try readBare(bytes) { return true }
            case .quoted:
                try readQuoted(bytes)
            case .quoteInQuoted:
                index += 1
                if byte == Byte.quote {
                    try appendToField(bytes[index - 1..<index])
                    state = .quoted
                } else if try separates(byte, isQuoted: true) {
                    return true
                }
            case .afterReturn:
                guard byte == Byte.lineFeed else { throw loneReturn }
                index += 1
                line += 1
                state = .fieldStart
                return true
            }
        }
        guard isFinished else { return false }
        return try endOfFile()
    }

    private mutating func skipByteOrderMark(_ bytes: [UInt8]) throws(InterchangeError) -> Bool {
        let mark = Byte.byteOrderMark
        let isMark = bytes.count >= mark.count && bytes.prefix(mark.count).elementsEqual(mark)
        if !isMark, !isFinished, mark.starts(with: bytes) { return false }
        if isMark { index = mark.count }
        state = .fieldStart
        return true
    }

    /// Reads a bare field to its end or the chunk's; true at the end of the record.
    private mutating func readBare(_ bytes: [UInt8]) throws(InterchangeError) -> Bool {
        let start = index
        let delimiter = dialect.delimiter
        while index < bytes.count {
            let byte = bytes[index]
            if byte == delimiter || byte == Byte.lineFeed || byte == Byte.carriageReturn { break }
            guard byte != Byte.null, byte != Byte.quote else { throw badByte(byte) }
            index += 1
        }
        try appendToField(bytes[start..<index])
        guard index < bytes.count else { return false }
        index += 1
        return try separates(bytes[index - 1], isQuoted: false)
    }

    private mutating func readQuoted(_ bytes: [UInt8]) throws(InterchangeError) {
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Byte.quote { break }
            guard byte != Byte.null else { throw badByte(byte) }
            if byte == Byte.lineFeed { line += 1 }
            index += 1
        }
        try appendToField(bytes[start..<index])
        guard index < bytes.count else { return }
        index += 1
        state = .quoteInQuoted
    }

    /// Acts on the byte behind a field; true at the end of the record.
    private mutating func separates(
        _ byte: UInt8,
        isQuoted: Bool
    ) throws(InterchangeError) -> Bool {
        switch byte {
        case dialect.delimiter:
            try endField()
            state = .fieldStart
            return false
        case Byte.carriageReturn:
            try endRecord(isQuoted: isQuoted)
            state = .afterReturn
            return false
        case Byte.lineFeed:
            try endRecord(isQuoted: isQuoted)
            line += 1
            state = .fieldStart
            return true
        default:
            throw failure(
                .malformed,
                "\(Byte.describe(byte)) stands behind the closing quotation mark",
                "a delimiter or the end of the line"
            )
        }
    }

    private mutating func endOfFile() throws(InterchangeError) -> Bool {
        switch state {
        case .quoted:
            throw failure(.truncated, "the file ends in a quoted field", "a quotation mark")
        case .afterReturn:
            throw loneReturn
        case .bare, .quoteInQuoted:
            try endRecord(isQuoted: state == .quoteInQuoted)
        case .fieldStart:
            // After a delimiter an empty field is still due; after a line nothing is.
            guard !fields.isEmpty else { return false }
            try endField()
        case .start:
            return false
        }
        state = .fieldStart
        return true
    }

    /// Ends the last field; a line without any byte stays without fields.
    private mutating func endRecord(isQuoted: Bool) throws(InterchangeError) {
        if isQuoted || !fields.isEmpty || !field.isEmpty { try endField() }
    }

    private mutating func endField() throws(InterchangeError) {
        guard fields.count < limits.fieldsMax else {
            throw failure(
                .limitExceeded,
                "row \(rowCount + 1) has too many fields",
                "at most \(limits.fieldsMax) fields"
            )
        }
        guard let value = UTF8Check.string(field) else { throw notUTF8 }
        fields.append(value)
        field.removeAll(keepingCapacity: true)
    }

    private mutating func appendToField(_ bytes: ArraySlice<UInt8>) throws(InterchangeError) {
        let size = bytes.count
        guard field.count + size <= limits.fieldBytesMax, rowBytes + size <= limits.rowBytesMax
        else {
            throw failure(
                .limitExceeded,
                "row \(rowCount + 1) or one of its fields is too long",
                "at most \(limits.fieldBytesMax) bytes a field, \(limits.rowBytesMax) a row"
            )
        }
        rowBytes += size
        field.append(contentsOf: bytes)
    }
}

extension CSVReader {
    private func failure(
        _ code: InterchangeError.Code,
        _ message: String,
        _ expected: String,
        line: Int? = nil
    ) -> InterchangeError {
        let column = fields.count
        let name = names.flatMap { column < $0.count ? $0[column].excerpt : nil }
        return InterchangeError(
            code,
            message,
            expected: expected,
            line: line ?? self.line,
            field: name ?? "#\(column + 1)"
        )
    }

    private var loneReturn: InterchangeError {
        InterchangeError(
            .malformed,
            "a carriage return stands alone",
            expected: "lines that end in CRLF or LF",
            line: line
        )
    }

    private var notUTF8: InterchangeError {
        let offset = UTF8Check.firstInvalid(field) ?? 0
        let before = field.prefix(offset).reduce(0) { $0 + ($1 == Byte.lineFeed ? 1 : 0) }
        let inside = field.reduce(0) { $0 + ($1 == Byte.lineFeed ? 1 : 0) }
        return failure(
            .invalidEncoding,
            "row \(rowCount + 1): \(Byte.describe(field[offset])) is not UTF-8",
            "UTF-8; files from Excel may be GBK: save them as \"CSV UTF-8\"",
            line: line - inside + before
        )
    }

    private func badByte(_ byte: UInt8) -> InterchangeError {
        if byte == Byte.null {
            return failure(
                .forbiddenCharacter,
                "row \(rowCount + 1): the field holds U+0000",
                "text without U+0000"
            )
        }
        return failure(
            .malformed,
            "a quotation mark stands inside a field that does not start with one",
            "the whole field in quotation marks, and those inside doubled"
        )
    }
}
