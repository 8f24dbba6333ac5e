extension XMLPullParser {
    /// Reads text up to the next tag, nil when there is none; white space outside the root is none.
    mutating func readText() throws(InterchangeError) -> String? {
        var content: [UInt8] = []
        while index < bytes.count {
            if bytes[index] != Byte.less {
                try appendCharacters(to: &content, until: Byte.less)
            } else if follows("<![CDATA[") {
                try appendCharacterData(to: &content)
            } else if follows("<!--") {
                try skipComment()
            } else if follows("<?") {
                try skipInstruction()
            } else if follows("<!") {
                throw failure(
                    .unsupported,
                    "a document type or other declaration stands here",
                    "a document without <!DOCTYPE"
                )
            } else {
                break
            }
        }
        guard depth == 0 else {
            return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
        }
        guard content.allSatisfy(XMLCharacters.isSpace) else {
            throw failure(.malformed, "text stands outside the root element", "an element")
        }
        return nil
    }

    mutating func readAttributeValue() throws(InterchangeError) -> String {
        guard index < bytes.count,
            bytes[index] == Byte.quote || bytes[index] == Byte.apostrophe
        else { throw unexpected("a value in quotation marks") }
        let mark = bytes[index]
        index += 1
        var content: [UInt8] = []
        while index < bytes.count, bytes[index] != mark {
            guard bytes[index] != Byte.less else { throw unexpected("&lt; in a value") }
            try appendCharacters(to: &content, until: mark)
        }
        guard take(mark) else { throw unexpected("a quotation mark that ends the value") }
        return String(decoding: content, as: UTF8.self)
    }

    /// Reads a run of plain characters, an end of line or a reference.
    ///
    /// Ends of lines become LF, and in attributes white space becomes a space, as XML 1.0 §2.11 and
    /// §3.3.3 say.
    private mutating func appendCharacters(
        to content: inout [UInt8],
        until mark: UInt8
    ) throws(InterchangeError) {
        let isAttribute = mark != Byte.less
        let start = index
        while index < bytes.count, isPlain(bytes[index], until: mark) { index += 1 }
        content.append(contentsOf: bytes[start..<index])
        if index == start {
            let byte = bytes[index]
            switch byte {
            case Byte.ampersand:
                content.append(contentsOf: try readReference().utf8)
            case Byte.carriageReturn:
                index += 1
                if index < bytes.count, bytes[index] == Byte.lineFeed { index += 1 }
                content.append(isAttribute ? Byte.space : Byte.lineFeed)
            case Byte.rightBracket where !isAttribute && follows("]]>"):
                throw unexpected("]]&gt; in text")
            default:
                index += 1
                let isSpace = byte == Byte.lineFeed || byte == Byte.tab
                content.append(isAttribute && isSpace ? Byte.space : byte)
            }
        }
        try check(content)
    }

    private func isPlain(_ byte: UInt8, until mark: UInt8) -> Bool {
        byte >= Byte.space && byte != mark && byte != Byte.less && byte != Byte.ampersand
            && byte != Byte.rightBracket
    }

    private mutating func appendCharacterData(
        to content: inout [UInt8]
    ) throws(InterchangeError) {
        guard depth > 0 else { throw unexpected("an element before text") }
        index += "<![CDATA[".utf8.count
        while index < bytes.count {
            if follows("]]>") {
                index += 3
                return
            }
            var byte = bytes[index]
            index += 1
            if byte == Byte.carriageReturn {
                if index < bytes.count, bytes[index] == Byte.lineFeed { index += 1 }
                byte = Byte.lineFeed
            }
            content.append(byte)
            try check(content)
        }
        throw unexpected("]]> that ends the character data")
    }

    private func check(_ content: [UInt8]) throws(InterchangeError) {
        guard content.count <= limits.textBytesMax else {
            let expected = "at most \(limits.textBytesMax) bytes"
            throw failure(.limitExceeded, "a text or value is too long", expected)
        }
    }

    private mutating func readReference() throws(InterchangeError) -> Unicode.Scalar {
        let start = index
        index += 1
        let nameStart = index
        // The longest reference that means anything is &#x10FFFF;, with room for leading zeros.
        while index < bytes.count, bytes[index] != Byte.semicolon, index - nameStart < 16 {
            index += 1
        }
        let name = String(decoding: bytes[nameStart..<index], as: UTF8.self)
        guard take(Byte.semicolon), let scalar = XMLCharacters.scalar(ofReference: name) else {
            throw failure(
                .malformed,
                "\"&\(name.excerpt)\" is no reference that is read here",
                "&amp; &lt; &gt; &quot; &apos; or the number of a legal character",
                at: start
            )
        }
        return scalar
    }

    private mutating func skipComment() throws(InterchangeError) {
        let start = index
        index += 4
        while index < bytes.count {
            if follows("--") {
                index += 2
                guard take(Byte.greater) else { throw unexpected("no -- inside a comment") }
                return
            }
            index += 1
        }
        throw failure(.truncated, "a comment does not end", "-->", at: start)
    }

    private mutating func skipInstruction() throws(InterchangeError) {
        let start = index
        index += 2
        let target = try readName()
        guard target.lowercased() != "xml" else {
            throw failure(
                .malformed,
                "an XML declaration stands inside the document",
                "it at the very start, or not at all",
                at: start
            )
        }
        while index < bytes.count, !follows("?>") { index += 1 }
        guard index < bytes.count else {
            throw failure(.truncated, "a processing instruction does not end", "?>", at: start)
        }
        index += 2
    }

    /// Reads `<?xml version="1.0" encoding="UTF-8"?>` where there is one.
    mutating func readDeclaration() throws(InterchangeError) {
        guard follows("<?xml"), index + 5 < bytes.count,
            XMLCharacters.isSpace(bytes[index + 5])
        else { return }
        index += 5
        while true {
            skipSpace()
            if follows("?>") {
                index += 2
                return
            }
            let start = index
            let name = try readName()
            skipSpace()
            guard take(Byte.equals) else { throw unexpected("'=' in the XML declaration") }
            skipSpace()
            let value = try readAttributeValue()
            let isEncoding = name == "encoding"
            guard !isEncoding || ["utf-8", "us-ascii"].contains(value.lowercased()) else {
                throw failure(
                    .unsupported,
                    "the document says it is in \(value.excerpt)",
                    "UTF-8",
                    at: start
                )
            }
            guard name != "version" || value == "1.0" else {
                let message = "the document is XML \(value.excerpt)"
                throw failure(.unsupported, message, "XML 1.0", at: start)
            }
        }
    }
}

extension XMLPullParser {
    mutating func readName() throws(InterchangeError) -> String {
        let start = index
        while index < bytes.count, XMLCharacters.isName(bytes[index]) { index += 1 }
        guard index > start, XMLCharacters.isNameStart(bytes[start]) else {
            index = start
            throw unexpected("a name")
        }
        guard index - start <= limits.nameBytesMax else {
            let expected = "at most \(limits.nameBytesMax) bytes"
            throw failure(.limitExceeded, "a name is too long", expected, at: start)
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    @discardableResult
    mutating func skipSpace() -> Bool {
        let start = index
        while index < bytes.count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
        return index > start
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    func follows(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    func failure(
        _ code: InterchangeError.Code,
        _ message: String,
        _ expected: String,
        at offset: Int? = nil
    ) -> InterchangeError {
        let position = bytes.withUnsafeBufferPointer { TextPosition(of: offset ?? index, in: $0) }
        return InterchangeError(
            code,
            message,
            expected: expected,
            line: position.line,
            column: position.column
        )
    }

    func unexpected(_ expected: String) -> InterchangeError {
        guard index < bytes.count else {
            return failure(.truncated, "the document ends too early", expected)
        }
        return failure(.malformed, "\(Byte.describe(bytes[index])) is not right here", expected)
    }
}
