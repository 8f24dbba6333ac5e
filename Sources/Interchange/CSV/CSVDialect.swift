/// How a CSV file is written, and so how it must be read to get the same values back.
///
/// A reader and a writer with one dialect are inverse to each other for every text without U+0000.
public struct CSVDialect: Hashable, Sendable {
    /// What parts the fields: an ASCII character other than quotation mark, CR and LF.
    public let delimiter: UInt8
    /// Whether the file starts with U+FEFF, by which Excel knows UTF-8; readers take both.
    public let hasByteOrderMark: Bool
    /// Whether lines end in CRLF or LF; readers take both.
    public let endsLinesWithReturn: Bool
    /// Whether fields carry the marks of `CSVProtection`.
    public let isProtected: Bool

    /// Makes a dialect; a delimiter that cannot part fields becomes a comma.
    public init(
        delimiter: UInt8 = 0x2C,
        hasByteOrderMark: Bool = false,
        endsLinesWithReturn: Bool = true,
        isProtected: Bool = false
    ) {
        let canPart =
            delimiter == Byte.tab
            || delimiter >= Byte.space && delimiter < 0x7F && delimiter != Byte.quote
        self.delimiter = canPart ? delimiter : Byte.comma
        self.hasByteOrderMark = hasByteOrderMark
        self.endsLinesWithReturn = endsLinesWithReturn
        self.isProtected = isProtected
    }

    /// RFC 4180 as it stands: for other programs and for files of others.
    public static let plain = CSVDialect()
    /// For people with Excel or WPS: byte order mark, CRLF, protected fields.
    public static let spreadsheet = CSVDialect(hasByteOrderMark: true, isProtected: true)
}
