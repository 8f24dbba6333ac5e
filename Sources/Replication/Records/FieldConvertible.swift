/// A Swift type that a field can hold.
public protocol FieldConvertible: Sendable {
    /// What a field of this type holds, unless its mapping says otherwise.
    static var fieldKind: FieldKind { get }
    /// Reads a value; nil when it is of another kind.
    init?(fieldValue: FieldValue)
    /// The value as a field holds it.
    var fieldValue: FieldValue { get }
}

extension String: FieldConvertible {
    /// Text.
    @inlinable public static var fieldKind: FieldKind { .text }
    /// Reads text.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .text(let value) = fieldValue else { return nil }
        self = value
    }
    /// Text.
    @inlinable public var fieldValue: FieldValue { .text(self) }
}

extension Bool: FieldConvertible {
    /// Yes or no.
    @inlinable public static var fieldKind: FieldKind { .boolean }
    /// Reads yes or no.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .boolean(let value) = fieldValue else { return nil }
        self = value
    }
    /// Yes or no.
    @inlinable public var fieldValue: FieldValue { .boolean(self) }
}

extension Int64: FieldConvertible {
    /// A whole number.
    @inlinable public static var fieldKind: FieldKind { .integer }
    /// Reads a whole number.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .integer(let value) = fieldValue else { return nil }
        self = value
    }
    /// A whole number.
    @inlinable public var fieldValue: FieldValue { .integer(self) }
}

extension Int: FieldConvertible {
    /// A whole number.
    @inlinable public static var fieldKind: FieldKind { .integer }
    /// Reads a whole number.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .integer(let value) = fieldValue, let value = Int(exactly: value) else {
            return nil
        }
        self = value
    }
    /// A whole number.
    @inlinable public var fieldValue: FieldValue { .integer(Int64(self)) }
}

extension Double: FieldConvertible {
    /// A floating-point number.
    @inlinable public static var fieldKind: FieldKind { .real }
    /// Reads a floating-point number.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .real(let value) = fieldValue else { return nil }
        self = value
    }
    /// A floating-point number.
    @inlinable public var fieldValue: FieldValue { .real(self) }
}

extension [UInt8]: FieldConvertible {
    /// Raw bytes.
    @inlinable public static var fieldKind: FieldKind { .bytes }
    /// Reads raw bytes.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .bytes(let value) = fieldValue else { return nil }
        self = value
    }
    /// Raw bytes.
    @inlinable public var fieldValue: FieldValue { .bytes(self) }
}

extension Optional: FieldConvertible where Wrapped: FieldConvertible {
    /// What the wrapped type holds.
    @inlinable public static var fieldKind: FieldKind { Wrapped.fieldKind }
    /// Reads null as nil.
    @inlinable public init?(fieldValue: FieldValue) {
        if case .null = fieldValue {
            self = .none
            return
        }
        guard let value = Wrapped(fieldValue: fieldValue) else { return nil }
        self = .some(value)
    }
    /// Null for nil.
    @inlinable public var fieldValue: FieldValue { self?.fieldValue ?? .null }
}

extension FieldConvertible where Self: RawRepresentable, RawValue == String {
    /// Text.
    @inlinable public static var fieldKind: FieldKind { .text }
    /// Reads the raw text.
    ///
    /// Make such a type a struct, not an enum, so that a word of a newer version survives an older
    /// one.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .text(let value) = fieldValue else { return nil }
        self.init(rawValue: value)
    }
    /// The raw text.
    @inlinable public var fieldValue: FieldValue { .text(rawValue) }
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
public struct WallTime: Hashable, Comparable, FieldConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: Int64

    /// Makes a moment.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// A timestamp.
    @inlinable public static var fieldKind: FieldKind { .timestamp }
    /// Reads a timestamp.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .timestamp(let value) = fieldValue else { return nil }
        milliseconds = value
    }
    /// A timestamp.
    @inlinable public var fieldValue: FieldValue { .timestamp(milliseconds) }

    /// Orders by time.
    public static func < (lhs: WallTime, rhs: WallTime) -> Bool {
        lhs.milliseconds < rhs.milliseconds
    }
}

/// Units of an exact decimal; the scale stands in the field's mapping.
///
/// `ScaledDecimal(units: 12_500)` in a field of scale 3 is 12.500.
public struct ScaledDecimal: Hashable, Comparable, FieldConvertible {
    /// How many units of 10⁻ˢ.
    public var units: Int64

    /// Makes a decimal of units.
    public init(units: Int64) { self.units = units }

    /// Whole units; the mapping gives the real scale.
    @inlinable public static var fieldKind: FieldKind { .scaled(0) }
    /// Reads a scaled decimal.
    @inlinable public init?(fieldValue: FieldValue) {
        guard case .scaled(let value) = fieldValue else { return nil }
        units = value
    }
    /// A scaled decimal.
    @inlinable public var fieldValue: FieldValue { .scaled(units) }

    /// Orders by units; compare decimals of one scale only.
    public static func < (lhs: ScaledDecimal, rhs: ScaledDecimal) -> Bool {
        lhs.units < rhs.units
    }
}
