/// Reads XML 1.0, one event a call, without anything that makes XML dangerous.
///
/// There is no document type: `<!DOCTYPE` is refused, and with it entities of any kind but the five
/// of the language and numbers, so that nothing can be expanded or fetched. Encoding is UTF-8. It
/// checks what well-formed means: one root, tags that match, attributes once, legal characters.
/// Names are checked by the ASCII rules; every character above ASCII is taken as a letter.
/// Comments and processing instructions are passed over. Namespaces are the caller's.
public struct XMLPullParser: Sendable {
    /// How large a document may be.
    public let limits: XMLLimits

    let bytes: [UInt8]
    var index = 0
    private var open: [String] = []
    private var pendingEnd: String?
    private var hasRoot = false
    private var isOver = false
    private var countedTo = 0
    private var countedLine = 1

    /// Makes a parser of a document; refuses one that is too large or has illegal characters.
    public init(
        _ bytes: [UInt8],
        limits: XMLLimits = XMLLimits()
    ) throws(InterchangeError) {
        self.bytes = bytes
        self.limits = limits
        guard bytes.count <= limits.bytesMax else {
            throw InterchangeError(
                .limitExceeded,
                "the document has \(bytes.count) bytes",
                expected: "at most \(limits.bytesMax) bytes"
            )
        }
        if let fault = XMLCharacters.firstIllegal(in: bytes) {
            throw failure(
                fault.code,
                fault.message,
                "legal XML characters in UTF-8",
                at: fault.offset
            )
        }
        if bytes.starts(with: Byte.byteOrderMark) { index = Byte.byteOrderMark.count }
        try readDeclaration()
    }

    /// How many elements are open.
    public var depth: Int { open.count }

    /// The line that has been read to, from 1.
    public var line: Int {
        TextPosition.line(of: index, in: bytes, countedTo: countedTo, line: countedLine)
    }

    /// The next event.
    public mutating func next() throws(InterchangeError) -> XMLEvent {
        if let name = pendingEnd {
            pendingEnd = nil
            close()
            return .end(name: name)
        }
        guard !isOver else { return .endOfDocument }
        if let text = try readText() { return .text(text) }
        guard index < bytes.count else { return try finish() }
        if index + 1 < bytes.count, bytes[index + 1] == Byte.slash { return try readEndTag() }
        return try readStartTag()
    }

    /// Reads up to the end of the innermost open element and forgets what is inside.
    public mutating func skipElement() throws(InterchangeError) {
        let target = depth - 1
        while depth > target, !isOver { _ = try next() }
    }

    private mutating func finish() throws(InterchangeError) -> XMLEvent {
        if let name = open.last {
            throw failure(.truncated, "the document ends inside <\(name.excerpt)>", "its end tag")
        }
        guard hasRoot else {
            throw failure(.truncated, "the document has no element", "an element")
        }
        isOver = true
        return .endOfDocument
    }

    private mutating func close() { open.removeLast() }

    private mutating func readStartTag() throws(InterchangeError) -> XMLEvent {
        let line = countLine()
        guard !open.isEmpty || !hasRoot else {
            throw failure(.trailingData, "a second root element starts", "the end of the document")
        }
        guard open.count < limits.depthMax else {
            let expected = "at most \(limits.depthMax) levels"
            throw failure(.limitExceeded, "the elements are nested too deep", expected)
        }
        index += 1
        let name = try readName()
        let attributes = try readAttributes()
        hasRoot = true
        open.append(name)
        if take(Byte.slash) { pendingEnd = name }
        guard take(Byte.greater) else { throw unexpected("'>' that ends the tag") }
        return .start(XMLElement(name: name, attributes: attributes, line: line))
    }

    private mutating func readEndTag() throws(InterchangeError) -> XMLEvent {
        let start = index
        index += 2
        let name = try readName()
        guard let expected = open.last, name.hasSameBytes(as: expected) else {
            throw failure(
                .mismatch,
                "</\(name.excerpt)> ends no open element",
                open.last.map { "</\($0.excerpt)>" } ?? "no end tag",
                at: start
            )
        }
        skipSpace()
        guard take(Byte.greater) else { throw unexpected("'>' that ends the tag") }
        close()
        return .end(name: name)
    }

    private mutating func readAttributes() throws(InterchangeError) -> [XMLAttribute] {
        var attributes: [XMLAttribute] = []
        while true {
            let hadSpace = skipSpace()
            guard index < bytes.count else { throw unexpected("'>' that ends the tag") }
            if bytes[index] == Byte.greater || bytes[index] == Byte.slash { return attributes }
            guard hadSpace else { throw unexpected("white space before an attribute") }
            let start = index
            let name = try readName()
            guard !attributes.contains(where: { $0.name.hasSameBytes(as: name) }) else {
                throw failure(
                    .duplicate,
                    "the attribute \(name.excerpt) stands twice",
                    "every attribute once",
                    at: start
                )
            }
            guard attributes.count < limits.attributesMax else {
                let expected = "at most \(limits.attributesMax)"
                throw failure(.limitExceeded, "an element has too many attributes", expected)
            }
            skipSpace()
            guard take(Byte.equals) else { throw unexpected("'=' behind an attribute's name") }
            skipSpace()
            let value = try readAttributeValue()
            attributes.append(XMLAttribute(name: name, value: value))
        }
    }

    /// Counts lines from where it last stopped, so that all elements together cost O(n).
    private mutating func countLine() -> Int {
        countedLine = line
        countedTo = index
        return countedLine
    }
}
