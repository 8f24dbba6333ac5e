import Replication

/// The texts of a batch, each once, in the order of first use.
///
/// A reference of 0 means "the next new text", so a column of texts that never repeat costs a run
/// of zeros; k > 0 means the text number k − 1.
struct StringTableWriter {
    private var numbers: [BytesOfString: UInt64] = [:]
    private(set) var strings: [String] = []

    mutating func reference(_ string: String) -> UInt64 {
        let key = BytesOfString(string)
        if let number = numbers[key] { return number + 1 }
        numbers[key] = UInt64(strings.count)
        strings.append(string)
        return 0
    }

    /// The lengths as a column, then all the bytes.
    func encode(into writer: inout ByteWriter) {
        writer.count(strings.count)
        IntegerColumn.encode(strings.map { UInt64($0.utf8.count) }, into: &writer)
        for string in strings { writer.raw(string.utf8) }
    }
}

/// A string that is equal only to the same bytes.
struct BytesOfString: Hashable {
    let string: String

    init(_ string: String) { self.string = string }

    static func == (lhs: BytesOfString, rhs: BytesOfString) -> Bool {
        #if FIELD_MUTANTS
        if Mutant.isOn(.m15) { return lhs.string == rhs.string }
        #endif
        return lhs.string.hasSameBytes(as: rhs.string)
    }

    func hash(into hasher: inout Hasher) {
        #if FIELD_MUTANTS
        if Mutant.isOn(.m15) { return hasher.combine(string) }
        #endif
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// Reads a batch's texts and gives them out in order of use.
struct StringTableReader {
    private let strings: [String]
    private var next = 0

    init(from reader: inout ByteReader, limits: WireLimits) throws(WireError) {
        // At most one text is empty, and it has a length: no fewer bytes than texts.
        let count = try reader.count(max: limits.operationsMax, bytesEach: 1, of: "texts")
        // Each stands in the table and in the set of those seen.
        try reader.expect(2 * count, of: BytesOfString.self)
        let lengths = try IntegerColumn.decode(count, from: &reader)
        var strings: [String] = []
        strings.reserveCapacity(count)
        var seen: Set<BytesOfString> = []
        for length in lengths {
            guard length <= UInt64(limits.valueBytesMax) else {
                throw reader.error(.limit, "a text of \(length) bytes is over the limit")
            }
            let text = try reader.text(bytes: Int(length))
            guard seen.insert(BytesOfString(text)).inserted else {
                throw reader.error(.notCanonical, "a text stands twice in the table")
            }
            strings.append(text)
        }
        self.strings = strings
    }

    mutating func string(
        _ reference: UInt64,
        _ reader: borrowing ByteReader
    ) throws(WireError) -> String {
        if reference == 0 {
            guard next < strings.count else {
                throw reader.error(.invalid, "a new text beyond the \(strings.count) of the table")
            }
            defer { next += 1 }
            return strings[next]
        }
        guard reference <= UInt64(next) else {
            throw reader.error(.invalid, "a reference to text \(reference - 1), not used before")
        }
        return strings[Int(reference - 1)]
    }

    /// Every text was used, or the table carries what nobody asked for.
    func finish(_ reader: borrowing ByteReader) throws(WireError) {
        guard next == strings.count else {
            throw reader.error(.trailing, "\(strings.count - next) texts are never used")
        }
    }
}
