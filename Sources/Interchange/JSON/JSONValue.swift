/// A JSON value that has lost nothing of what stood in the text but white space and escapes.
///
/// Whole numbers that fit are `integer`; every other number keeps its lexeme, so that 0.1 stays
/// 0.1 and a 30-digit number keeps its 30 digits. Object members keep their order.
///
/// Equality goes by content and UTF-8 bytes. Members of an object may stand in any order; numbers
/// are equal when their lexemes are, so `1.0` and `1.00` differ. Two values are equal exactly when
/// their canonical texts are, as long as `number` holds only what `init(lexeme:)` puts there.
public enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number without point and exponent that fits.
    case integer(Int64)
    /// The lexeme of any other number, as it stood in the text: `0.50`, `1e400`, `-0`.
    case number(String)
    /// A string; it may hold U+0000, see `containsNull`.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

extension JSONValue {
    /// Makes a number from its lexeme, nil when that is not a JSON number.
    public init?(lexeme: String) {
        guard let number = JSONNumber(lexeme: lexeme) else { return nil }
        self = number.value
    }

    /// Makes a number with the shortest lexeme that reads back the same, nil for NaN and infinity.
    public init?(_ double: Double) {
        guard double.isFinite else { return nil }
        self.init(lexeme: double.description)
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The truth value, nil when this is something else.
    public var boolean: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The whole number, nil when this is something else.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The nearest binary number; nil when this is no number or is beyond the range of `Double`.
    public var double: Double? {
        switch self {
        case .integer(let value):
            return Double(value)
        case .number(let lexeme):
            guard let value = Double(lexeme), value.isFinite else { return nil }
            return value
        default:
            return nil
        }
    }

    /// The text of the number as it is written, nil when this is something else.
    public var lexeme: String? {
        switch self {
        case .integer(let value): String(value)
        case .number(let lexeme): lexeme
        default: nil
        }
    }

    /// The string, nil when this is something else.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements, nil when this is something else.
    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The object, nil when this is something else.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The value of a member, nil when this is no object or has no such key.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// Whether a string or key anywhere in the value holds U+0000, which SQL texts cannot.
    ///
    /// O(n).
    public var containsNull: Bool {
        switch self {
        case .null, .boolean, .integer, .number: false
        case .string(let value): value.utf8.contains(Byte.null)
        case .array(let elements): elements.contains { $0.containsNull }
        case .object(let object):
            object.members.contains { $0.key.utf8.contains(Byte.null) || $0.value.containsNull }
        }
    }

    /// What kind of value this is, for messages.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension JSONValue: Hashable {
    /// Whether both are the same kind with the same content, byte for byte.
    public static func == (lhs: JSONValue, rhs: JSONValue) -> Bool {
        switch (lhs, rhs) {
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left.hasSameBytes(as: right)
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Hashes the content that `==` compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(UInt8(0))
        case .boolean(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .number(let value): hasher.combineBytes(of: value)
        case .string(let value): hasher.combineBytes(of: value)
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Makes `null`.
    public init(nilLiteral: ()) { self = .null }

    /// Makes a boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    /// Makes a whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// Makes an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Makes an object; of members with one key the last one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}

extension JSONValue: CustomStringConvertible {
    /// The compact text.
    public var description: String { JSONWriter(style: .compact).text(of: self) }
}
