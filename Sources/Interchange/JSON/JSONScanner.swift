/// The state of reading one JSON text.
///
/// Every access to `bytes` stands behind a comparison of the index with `end`.
struct JSONScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let end: Int
    let firstLine: Int
    let limits: JSONLimits
    let depthMax: Int
    var index = 0
    private var valuesLeft: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, firstLine: Int, limits: JSONLimits) {
        self.bytes = bytes
        self.firstLine = firstLine
        self.limits = limits
        end = bytes.count
        depthMax = min(limits.depthMax, JSONLimits.depthCeiling)
        valuesLeft = limits.valuesMax
    }

    mutating func document() throws(InterchangeError) -> JSONValue {
        if bytes.starts(with: Byte.byteOrderMark) {
            throw failure(.malformed, "the text starts with a byte order mark", "a text without it")
        }
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard index == end else {
            throw failure(
                .trailingData,
                "\(Byte.describe(bytes[index])) stands behind the value",
                "the end of the text"
            )
        }
        return value
    }

    private mutating func value(depth: Int) throws(InterchangeError) -> JSONValue {
        guard index < end else { throw truncated("a value") }
        valuesLeft -= 1
        guard valuesLeft >= 0 else {
            throw failure(
                .limitExceeded,
                "the text has too many values",
                "at most \(limits.valuesMax) values"
            )
        }
        switch bytes[index] {
        case Byte.quote: return .string(try string())
        case Byte.leftBrace: return .object(try object(depth: depth + 1))
        case Byte.leftBracket: return .array(try array(depth: depth + 1))
        case Byte.minus, Byte.zero...Byte.nine: return try number()
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default:
            throw failure(
                .malformed,
                "\(Byte.describe(bytes[index])) cannot start a value",
                "an object, array, string, number, true, false or null"
            )
        }
    }

    private mutating func array(depth: Int) throws(InterchangeError) -> [JSONValue] {
        try enter(depth)
        skipSpace()
        var elements: [JSONValue] = []
        if take(Byte.rightBracket) { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if take(Byte.comma) {
                skipSpace()
            } else if take(Byte.rightBracket) {
                return elements
            } else {
                throw unexpected("',' or ']' behind an element")
            }
        }
    }

    private mutating func object(depth: Int) throws(InterchangeError) -> JSONObject {
        let start = index
        try enter(depth)
        skipSpace()
        var members: [JSONObject.Member] = []
        if take(Byte.rightBrace) { return JSONObject() }
        members.reserveCapacity(4)
        while true {
            guard index < end, bytes[index] == Byte.quote else {
                throw unexpected("a key in quotation marks")
            }
            let key = try string()
            skipSpace()
            guard take(Byte.colon) else { throw unexpected("':' behind a key") }
            skipSpace()
            members.append(JSONObject.Member(key, try value(depth: depth)))
            skipSpace()
            if take(Byte.comma) {
                skipSpace()
            } else if take(Byte.rightBrace) {
                break
            } else {
                throw unexpected("',' or '}' behind a member")
            }
        }
        if let duplicate = JSONObject.duplicate(in: members) {
            throw failure(
                .duplicate,
                "the key \"\(members[duplicate].key.excerpt)\" stands twice in the object",
                "every key once",
                at: start,
                field: members[duplicate].key.excerpt
            )
        }
        return JSONObject(unique: members)
    }

    private mutating func enter(_ depth: Int) throws(InterchangeError) {
        guard depth <= depthMax else {
            throw failure(
                .limitExceeded,
                "arrays and objects are nested too deep",
                "at most \(depthMax) levels"
            )
        }
        index += 1
    }

    private mutating func number() throws(InterchangeError) -> JSONValue {
        let start = index
        switch JSONNumber.scan(bytes, from: index) {
        case .success(let number):
            index = number.end
            guard index - start <= limits.numberBytesMax else {
                throw failure(
                    .limitExceeded,
                    "a number has \(index - start) characters",
                    "at most \(limits.numberBytesMax)",
                    at: start
                )
            }
            return number.value
        case .failure(let fault):
            index = fault.offset
            if index == end { throw truncated("a digit") }
            let isZero = index > start && bytes[index].isDigit
            throw unexpected(isZero ? "no digit behind a leading zero" : "a digit")
        }
    }

    private mutating func word(
        _ word: StaticString,
        _ value: JSONValue
    ) throws(InterchangeError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard index < end else { throw truncated("\"\(word)\"") }
            guard bytes[index] == word.utf8Start[offset] else { throw unexpected("\"\(word)\"") }
            index += 1
        }
        return value
    }

    private mutating func skipSpace() {
        while index < end {
            switch bytes[index] {
            case Byte.space, Byte.lineFeed, Byte.carriageReturn, Byte.tab: index += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < end, bytes[index] == byte else { return false }
        index += 1
        return true
    }
}

extension JSONScanner {
    /// An error at an offset, by default at the current one.
    func failure(
        _ code: InterchangeError.Code,
        _ message: String,
        _ expected: String,
        at offset: Int? = nil,
        field: String? = nil
    ) -> InterchangeError {
        let position = TextPosition(of: offset ?? index, in: bytes, firstLine: firstLine)
        return InterchangeError(
            code,
            message,
            expected: expected,
            line: position.line,
            column: position.column,
            field: field
        )
    }

    func truncated(_ expected: String) -> InterchangeError {
        failure(.truncated, "the text ends too early", expected, at: end)
    }

    func unexpected(_ expected: String) -> InterchangeError {
        guard index < end else { return truncated(expected) }
        return failure(.malformed, "\(Byte.describe(bytes[index])) is not right here", expected)
    }
}
