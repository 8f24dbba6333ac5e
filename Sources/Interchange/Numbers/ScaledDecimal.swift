/// A decimal number held exactly, as a count of units of 10⁻ˢ where *s* is the scale.
///
/// Coordinates, heights and quantities go through this and never through `Double`, so that what
/// was read is what is written. Digits beyond the scale are rounded half to even, and `isExact`
/// says that it happened.
public struct ScaledDecimal: Hashable, Sendable {
    /// The number of units.
    public let units: Int64
    /// How many decimal digits a unit stands for, 0 to 18.
    public let scale: Int
    /// Whether no digit other than 0 was dropped.
    public let isExact: Bool
    /// Whether the text is larger in magnitude than the value: digits were dropped downwards.
    ///
    /// At the edge of a range this tells 90.00000001 from 89.99999999, which both round to 90.
    public let isRoundedTowardsZero: Bool

    /// Makes an exact value.
    public init(units: Int64, scale: Int) {
        self.init(units: units, scale: scale, isExact: true, isRoundedTowardsZero: false)
    }

    private init(units: Int64, scale: Int, isExact: Bool, isRoundedTowardsZero: Bool) {
        self.units = units
        self.scale = min(max(scale, 0), ScaledDecimal.scaleMax)
        self.isExact = isExact
        self.isRoundedTowardsZero = isRoundedTowardsZero
    }

    /// The largest scale: 10¹⁸ is the largest power of ten in an `Int64`.
    public static let scaleMax = 18
    /// The longest text that is read as a number.
    public static let textBytesMax = 1024
}

extension ScaledDecimal {
    /// Reads `[+-]digits[.digits][e[+-]digits]`, where one side of the point may be empty.
    public static func parse(
        _ text: String,
        scale: Int
    ) throws(InterchangeError) -> ScaledDecimal {
        try parse(Array(text.utf8.prefix(textBytesMax + 1)), scale: scale)
    }

    /// Reads a number from ASCII bytes.
    public static func parse(
        _ bytes: some Collection<UInt8>,
        scale: Int
    ) throws(InterchangeError) -> ScaledDecimal {
        guard (0...scaleMax).contains(scale) else {
            throw InterchangeError(
                .outOfRange,
                "a scale of \(scale) is not possible",
                expected: "a scale of 0 to \(scaleMax)"
            )
        }
        let lexeme = try DecimalLexeme(bytes)
        return try lexeme.rounded(scale: scale)
    }

    /// The shortest decimal text of the value, without exponent: `30.93`, `-0.0000001`, `12`.
    public var text: String { String(decoding: textBytes, as: UTF8.self) }

    var textBytes: [UInt8] {
        var reversed: [UInt8] = []
        var rest = units.magnitude
        var position = 0
        var isSignificant = false
        while rest > 0 || position <= scale {
            let digit = UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            if position == scale {
                if isSignificant { reversed.append(Byte.point) }
                isSignificant = true
            }
            isSignificant = isSignificant || digit != 0
            if isSignificant { reversed.append(Byte.zero + digit) }
            position += 1
        }
        if units < 0 { reversed.append(Byte.minus) }
        return reversed.reversed()
    }
}

extension ScaledDecimal {
    /// Makes a value whose rounding is already known.
    static func rounded(
        magnitude: UInt64,
        isNegative: Bool,
        scale: Int,
        isExact: Bool,
        isRoundedTowardsZero: Bool
    ) -> ScaledDecimal? {
        let units: Int64
        if isNegative {
            guard magnitude <= Int64.min.magnitude else { return nil }
            units = Int64(truncatingIfNeeded: 0 &- magnitude)
        } else {
            guard let positive = Int64(exactly: magnitude) else { return nil }
            units = positive
        }
        return ScaledDecimal(
            units: units,
            scale: scale,
            isExact: isExact,
            isRoundedTowardsZero: isRoundedTowardsZero
        )
    }
}
