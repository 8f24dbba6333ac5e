import Foundation
public import Interchange
public import Replication

/// A JSON value that does not fit a field's kind.
public struct FieldValueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found.
    public let found: String
    /// What would be right.
    public let expected: String

    /// Makes an error.
    public init(found: String, expected: String) {
        self.found = found
        self.expected = expected
    }

    /// `found …; expected …`.
    public var description: String { "found \(found); expected \(expected)" }
}

extension FieldValue {
    /// Reads a value of this kind from JSON; `null` is the cleared value for every kind.
    ///
    /// Nothing is rounded: a decimal with more digits than its scale and a fraction where a whole
    /// number belongs are errors. Decimals may also stand in quotation marks, for writers whose
    /// numbers are binary. JSON documents are kept in canonical form.
    public init(json value: JSONValue, kind: FieldKind) throws(FieldValueError) {
        if value.isNull {
            self = .null
            return
        }
        func failure(_ expected: String) -> FieldValueError {
            FieldValueError(found: FieldValue.excerpt(value), expected: expected)
        }
        switch kind {
        case .text:
            guard let text = value.string, !text.utf8.contains(0) else {
                throw failure("a string without U+0000")
            }
            self = .text(text)
        case .integer:
            guard let number = FieldValue.whole(value) else {
                throw failure("a whole number of 64 bits")
            }
            self = .integer(number)
        case .timestamp:
            guard let number = FieldValue.whole(value) else {
                throw failure("whole milliseconds since 1970")
            }
            self = .timestamp(number)
        case .real:
            guard let number = value.double else { throw failure("a number within binary64") }
            self = .real(number)
        case .scaled(let scale):
            guard let units = FieldValue.units(value, scale: Int(scale)) else {
                throw failure("a number of at most \(scale) digits after the point")
            }
            self = .scaled(units)
        case .boolean:
            guard let flag = value.boolean else { throw failure("true or false") }
            self = .boolean(flag)
        case .bytes:
            guard let text = value.string, let data = Data(base64Encoded: text) else {
                throw failure("bytes as a base64 string")
            }
            self = .bytes([UInt8](data))
        case .json:
            self = .json(JSONWriter(style: .canonical).text(of: value))
        case .reference(let type):
            guard let id = value.string.flatMap({ RecordID($0) }) else {
                throw failure("a record's identity, as \"=name\"")
            }
            self = .reference(RecordKey(type: type, id: id))
        }
    }

    /// The value as JSON; `init(json:kind:)` reads it back the same.
    ///
    /// - `kind`: the field's kind, which knows a decimal's scale.
    public func json(kind: FieldKind) -> JSONValue {
        switch self {
        case .null: return .null
        case .boolean(let flag): return .boolean(flag)
        case .integer(let number), .timestamp(let number): return .integer(number)
        case .real(let number): return JSONValue(number) ?? .null
        case .scaled(let units):
            guard case .scaled(let scale) = kind else { return .integer(units) }
            let text = ScaledDecimal(units: units, scale: Int(scale)).text
            return JSONValue(lexeme: text) ?? .integer(units)
        case .text(let text): return .string(text)
        case .bytes(let bytes): return .string(Data(bytes).base64EncodedString())
        case .json(let text):
            // What came over the wire need not be JSON; it is shown as it is.
            return (try? JSONParser().parse(text)) ?? .string(text)
        case .reference(let key): return .string(key.id.description)
        case .group(let members): return .array(members.map { $0.json(kind: kind) })
        }
    }

    private static func whole(_ value: JSONValue) -> Int64? {
        if let number = value.integer { return number }
        guard case .number = value else { return nil }
        return units(value, scale: 0)
    }

    private static func units(_ value: JSONValue, scale: Int) -> Int64? {
        guard let text = value.lexeme ?? value.string,
            let decimal = try? ScaledDecimal.parse(text, scale: scale), decimal.isExact
        else { return nil }
        return decimal.units
    }

    private static func excerpt(_ value: JSONValue) -> String {
        switch value {
        case .array, .object: return "an \(value.kindName)"
        default:
            let text = value.description
            return text.count > 40 ? String(text.prefix(40)) + "…" : text
        }
    }
}
