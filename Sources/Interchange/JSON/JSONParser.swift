/// Reads JSON texts by the letter of RFC 8259.
///
/// Beyond the grammar it refuses what the RFC leaves to the reader and what would make two readers
/// see two things: duplicate keys (by UTF-8 bytes, after escapes), bytes that are not UTF-8, lone
/// surrogates, a byte order mark, and anything behind the value. Errors carry line and column.
public struct JSONParser: Sendable {
    /// How large a text may be.
    public let limits: JSONLimits

    /// Makes a parser.
    public init(limits: JSONLimits = JSONLimits()) {
        self.limits = limits
    }

    /// Reads one value; `firstLine` is the line of the first byte, for texts that are part of a file.
    public func parse(
        _ bytes: [UInt8],
        firstLine: Int = 1
    ) throws(InterchangeError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { buffer throws(InterchangeError) in
            try parse(buffer, firstLine: firstLine)
        }
    }

    /// Reads one value from a slice.
    public func parse(
        _ bytes: ArraySlice<UInt8>,
        firstLine: Int = 1
    ) throws(InterchangeError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { buffer throws(InterchangeError) in
            try parse(buffer, firstLine: firstLine)
        }
    }

    /// Reads one value from a string.
    public func parse(_ text: String, firstLine: Int = 1) throws(InterchangeError) -> JSONValue {
        try parse(Array(text.utf8), firstLine: firstLine)
    }

    /// Reads one value from memory that stays valid during the call.
    public func parse(
        _ bytes: UnsafeBufferPointer<UInt8>,
        firstLine: Int = 1
    ) throws(InterchangeError) -> JSONValue {
        guard bytes.count <= limits.bytesMax else {
            throw InterchangeError(
                .limitExceeded,
                "the JSON text has \(bytes.count) bytes",
                expected: "at most \(limits.bytesMax) bytes",
                line: firstLine
            )
        }
        var scanner = JSONScanner(bytes, firstLine: firstLine, limits: limits)
        return try scanner.document()
    }
}
