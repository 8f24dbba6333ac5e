/// Writes JSON values as text.
///
/// A `number` whose payload is not a JSON number, which only a programmer can make, is written as
/// a string: the text stays valid and the fault can be seen.
public struct JSONWriter: Sendable {
    /// How the text looks.
    public enum Style: Hashable, Sendable {
        /// No white space, members in their order.
        case compact
        /// Two spaces a level, one element or member a line, members in their order.
        case pretty
        /// No white space, keys sorted by UTF-8 bytes, shortest escapes: equal values have equal
        /// text. Only `"`, `\` and what is below U+0020 is escaped, and `\u` digits are lower
        /// case, as in RFC 8785; but numbers keep their lexeme and keys are not sorted by UTF-16.
        case canonical
    }

    /// How the text looks.
    public let style: Style

    /// Makes a writer.
    public init(style: Style = .compact) {
        self.style = style
    }

    /// The text of a value, as UTF-8 without an end of line.
    public func bytes(of value: JSONValue) -> [UInt8] {
        var result: [UInt8] = []
        write(value, to: &result)
        return result
    }

    /// The text of a value.
    public func text(of value: JSONValue) -> String {
        String(decoding: bytes(of: value), as: UTF8.self)
    }

    /// Appends the text of a value.
    public func write(_ value: JSONValue, to result: inout [UInt8]) {
        write(value, level: 0, to: &result)
    }

    private func write(_ value: JSONValue, level: Int, to result: inout [UInt8]) {
        switch value {
        case .null: result.append(contentsOf: "null".utf8)
        case .boolean(true): result.append(contentsOf: "true".utf8)
        case .boolean(false): result.append(contentsOf: "false".utf8)
        case .integer(let number): result.append(contentsOf: String(number).utf8)
        case .number(let lexeme):
            if JSONNumber(lexeme: lexeme) == nil {
                JSONWriter.write(lexeme, to: &result)
            } else {
                result.append(contentsOf: lexeme.utf8)
            }
        case .string(let string): JSONWriter.write(string, to: &result)
        case .array(let elements):
            writeList(elements, Byte.leftBracket, Byte.rightBracket, level, &result) {
                write($0, level: level + 1, to: &$1)
            }
        case .object(let object):
            let members = style == .canonical ? object.sortedMembers : object.members
            writeList(members, Byte.leftBrace, Byte.rightBrace, level, &result) {
                JSONWriter.write($0.key, to: &$1)
                $1.append(Byte.colon)
                if style == .pretty { $1.append(Byte.space) }
                write($0.value, level: level + 1, to: &$1)
            }
        }
    }

    private func writeList<Item>(
        _ items: [Item],
        _ opening: UInt8,
        _ closing: UInt8,
        _ level: Int,
        _ result: inout [UInt8],
        _ writeItem: (Item, inout [UInt8]) -> Void
    ) {
        result.append(opening)
        var isFirst = true
        for item in items {
            if !isFirst { result.append(Byte.comma) }
            isFirst = false
            indent(level + 1, &result)
            writeItem(item, &result)
        }
        if !isFirst { indent(level, &result) }
        result.append(closing)
    }

    private func indent(_ level: Int, _ result: inout [UInt8]) {
        guard style == .pretty else { return }
        result.append(Byte.lineFeed)
        result.append(contentsOf: repeatElement(Byte.space, count: 2 * level))
    }

    /// Appends a string in quotation marks with the shortest escapes.
    static func write(_ string: String, to result: inout [UInt8]) {
        result.append(Byte.quote)
        for byte in string.utf8 {
            switch byte {
            case Byte.quote, Byte.backslash:
                result.append(Byte.backslash)
                result.append(byte)
            case 0x08: result.append(contentsOf: "\\b".utf8)
            case 0x0C: result.append(contentsOf: "\\f".utf8)
            case Byte.lineFeed: result.append(contentsOf: "\\n".utf8)
            case Byte.carriageReturn: result.append(contentsOf: "\\r".utf8)
            case Byte.tab: result.append(contentsOf: "\\t".utf8)
            case 0x00..<Byte.space:
                result.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u001").utf8)
                result.append(contentsOf: String(byte & 0x0F, radix: 16).utf8)
            default: result.append(byte)
            }
        }
        result.append(Byte.quote)
    }
}
