/// The value of one field, set member or list entry.
///
/// Equality, hashing and order go by content and bytes: texts by their UTF-8, reals by their bit
/// pattern. So a value means the same to Swift, to SQLite and on the wire.
public enum FieldValue: Sendable {
    /// No value: the field was cleared.
    case null
    /// Yes or no.
    case boolean(Bool)
    /// A whole number.
    case integer(Int64)
    /// A binary floating-point number; never used for money, quantities or coordinates.
    case real(Double)
    /// An exact decimal: this many units of 10⁻ˢ, where the scale *s* stands in the field's schema.
    case scaled(Int64)
    /// Text.
    case text(String)
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case timestamp(Int64)
    /// Raw bytes.
    case bytes([UInt8])
    /// A JSON document in canonical form (keys sorted, no white space), so that equal documents
    /// have equal text.
    case json(String)
    /// Another record.
    case reference(RecordKey)
    /// The values of an atomic group, in the order of the group's members.
    case group([FieldValue])
}

extension FieldValue: Hashable {
    /// Whether both are the same kind with the same content, byte for byte.
    public static func == (lhs: FieldValue, rhs: FieldValue) -> Bool {
        switch (lhs, rhs) {
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.real(let left), .real(let right)): left.bitPattern == right.bitPattern
        case (.scaled(let left), .scaled(let right)): left == right
        case (.text(let left), .text(let right)): left.hasSameBytes(as: right)
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.bytes(let left), .bytes(let right)): left == right
        case (.json(let left), .json(let right)): left.hasSameBytes(as: right)
        case (.reference(let left), .reference(let right)): left == right
        case (.group(let left), .group(let right)): left == right
        default: false
        }
    }

    /// Hashes the content that `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rank)
        switch self {
        case .null: break
        case .boolean(let value): hasher.combine(value)
        case .integer(let value), .scaled(let value), .timestamp(let value): hasher.combine(value)
        case .real(let value): hasher.combine(value.bitPattern)
        case .text(let value), .json(let value): hasher.combineBytes(of: value)
        case .bytes(let value): hasher.combine(value)
        case .reference(let value): hasher.combine(value)
        case .group(let value): hasher.combine(value)
        }
    }
}

extension FieldValue: Comparable {
    /// A total order that every replica agrees on: by kind, then content.
    ///
    /// Reals go by value; zeros and NaNs, by sign and bits.
    public static func < (lhs: FieldValue, rhs: FieldValue) -> Bool {
        guard lhs.rank == rhs.rank else { return lhs.rank < rhs.rank }
        switch (lhs, rhs) {
        case (.boolean(let left), .boolean(let right)): return !left && right
        case (.integer(let left), .integer(let right)),
            (.scaled(let left), .scaled(let right)),
            (.timestamp(let left), .timestamp(let right)):
            return left < right
        case (.real(let left), .real(let right)):
            return FieldValue.rank(left) < FieldValue.rank(right)
        case (.text(let left), .text(let right)), (.json(let left), .json(let right)):
            return left.precedesByBytes(right)
        case (.bytes(let left), .bytes(let right)):
            return left.lexicographicallyPrecedes(right)
        case (.reference(let left), .reference(let right)): return left < right
        case (.group(let left), .group(let right)): return left.lexicographicallyPrecedes(right)
        default: return false
        }
    }

    /// A real's place in IEEE 754's total order: -NaN, -∞, …, -0, 0, …, ∞, NaN.
    ///
    /// Comparing by value alone would make a circle of -1 < 1 < NaN < -1.
    private static func rank(_ real: Double) -> UInt64 {
        let bits = real.bitPattern
        return real.sign == .minus ? ~bits : bits | (1 << 63)
    }

    private var rank: UInt8 {
        switch self {
        case .null: 0
        case .boolean: 1
        case .integer: 2
        case .real: 3
        case .scaled: 4
        case .text: 5
        case .timestamp: 6
        case .bytes: 7
        case .json: 8
        case .reference: 9
        case .group: 10
        }
    }
}

extension FieldValue {
    /// Whether this is the cleared value, or a group whose members are all cleared.
    public var isNull: Bool {
        switch self {
        case .null: true
        case .group(let members): members.allSatisfy(\.isNull)
        default: false
        }
    }
}
