// Strings without escapes, nearly all of them, are found by one scan and made by one copy that
// checks UTF-8. Only strings with escapes are put together piece by piece.

extension JSONScanner {
    /// Reads a string that starts with a quotation mark at the current index.
    mutating func string() throws(InterchangeError) -> String {
        let start = index + 1
        let stop = endOfPlainRun(from: start)
        guard stop < end else { throw truncated("a quotation mark that ends the string") }
        guard stop - start <= limits.stringBytesMax else { throw tooLong(start) }
        guard bytes[stop] == Byte.quote else {
            return try stringWithEscapes(start: start, firstStop: stop)
        }
        index = stop + 1
        let slice = UnsafeBufferPointer(rebasing: bytes[start..<stop])
        guard let string = UTF8Check.string(slice) else {
            throw invalidEncoding(from: start, to: stop)
        }
        return string
    }

    /// The first offset that is a quotation mark, a backslash or a control character, or the end.
    private func endOfPlainRun(from start: Int) -> Int {
        var index = start
        while index < end {
            let byte = bytes[index]
            if byte == Byte.quote || byte == Byte.backslash || byte < Byte.space { return index }
            index += 1
        }
        return end
    }

    private mutating func stringWithEscapes(
        start: Int,
        firstStop: Int
    ) throws(InterchangeError) -> String {
        var content: [UInt8] = []
        var runStart = start
        var stop = firstStop
        while true {
            guard stop < end else { throw truncated("a quotation mark that ends the string") }
            guard stop - start <= limits.stringBytesMax else { throw tooLong(start) }
            index = stop
            let byte = bytes[stop]
            guard byte == Byte.quote || byte == Byte.backslash else {
                throw failure(
                    .forbiddenCharacter,
                    "\(Byte.describe(byte)) stands bare in a string",
                    "an escape such as \\n or \\u0009"
                )
            }
            let run = UnsafeBufferPointer(rebasing: bytes[runStart..<stop])
            // Checked run by run: an escape never completes a cut UTF-8 sequence.
            if UTF8Check.firstInvalid(run) != nil {
                throw invalidEncoding(from: runStart, to: stop)
            }
            content.append(contentsOf: run)
            index = stop + 1
            if byte == Byte.quote { return String(decoding: content, as: UTF8.self) }
            try appendEscape(to: &content)
            runStart = index
            stop = endOfPlainRun(from: index)
        }
    }

    /// Reads an escape whose backslash has been read.
    private mutating func appendEscape(to content: inout [UInt8]) throws(InterchangeError) {
        guard index < end else { throw truncated("an escape") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case Byte.quote, Byte.backslash, Byte.slash: content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(Byte.lineFeed)
        case UInt8(ascii: "r"): content.append(Byte.carriageReturn)
        case UInt8(ascii: "t"): content.append(Byte.tab)
        case UInt8(ascii: "u"): content.append(contentsOf: try escapedScalar().utf8)
        default:
            index -= 1
            throw unexpected("one of \" \\ / b f n r t u behind a backslash")
        }
    }

    private mutating func escapedScalar() throws(InterchangeError) -> Unicode.Scalar {
        let start = index - 2
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, index + 1 < end, bytes[index] == Byte.backslash,
            bytes[index + 1] == UInt8(ascii: "u")
        else { throw loneSurrogate(start) }
        index += 2
        let second = try fourDigits()
        guard second >= 0xDC00, second <= 0xDFFF else { throw loneSurrogate(start) }
        let value = 0x1_0000 + ((UInt32(first) - 0xD800) << 10) + (UInt32(second) - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { throw loneSurrogate(start) }
        return scalar
    }

    private mutating func fourDigits() throws(InterchangeError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard index < end, let digit = Byte.hexadecimalValue(bytes[index]) else {
                throw unexpected("four hexadecimal digits behind \\u")
            }
            value = value << 4 | UInt16(digit)
            index += 1
        }
        return value
    }

    private func loneSurrogate(_ offset: Int) -> InterchangeError {
        failure(
            .invalidEncoding,
            "a \\u escape is half of a surrogate pair",
            "a high surrogate followed at once by a low one, or the character itself",
            at: offset
        )
    }

    private func tooLong(_ start: Int) -> InterchangeError {
        failure(
            .limitExceeded,
            "a string is too long",
            "at most \(limits.stringBytesMax) bytes",
            at: start
        )
    }

    private func invalidEncoding(from start: Int, to stop: Int) -> InterchangeError {
        let slice = UnsafeBufferPointer(rebasing: bytes[start..<stop])
        let offset = start + (UTF8Check.firstInvalid(slice) ?? 0)
        return failure(
            .invalidEncoding,
            "the string is not UTF-8 at \(Byte.describe(bytes[min(offset, end - 1)]))",
            "UTF-8",
            at: offset
        )
    }
}
