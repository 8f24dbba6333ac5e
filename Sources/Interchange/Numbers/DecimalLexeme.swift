/// The parts of a decimal number's text: sign, digits, and the power of ten of the last digit.
struct DecimalLexeme {
    private let isNegative: Bool
    /// The digits' values without leading zeros.
    private let digits: [UInt8]
    /// The power of ten of the last digit.
    private let exponent: Int

    /// Exponents are held to this: beyond it every value is 0 or too large for any scale.
    private static let exponentMax = 1_000_000

    init(_ bytes: some Collection<UInt8>) throws(InterchangeError) {
        guard bytes.count <= ScaledDecimal.textBytesMax else {
            throw InterchangeError(
                .limitExceeded,
                "a number has more than \(ScaledDecimal.textBytesMax) characters",
                expected: "a shorter number"
            )
        }
        var rest = Cursor(bytes)
        let negative = rest.take(Byte.minus)
        if !negative { _ = rest.take(Byte.plus) }
        var digits: [UInt8] = []
        let whole = rest.takeDigits(into: &digits)
        var fraction = 0
        if rest.take(Byte.point) { fraction = rest.takeDigits(into: &digits) }
        guard whole + fraction > 0 else { throw DecimalLexeme.malformed(bytes) }
        var power = 0
        if rest.take(Byte.lowerE) || rest.take(Byte.upperE) {
            guard let value = rest.takeExponent(max: DecimalLexeme.exponentMax) else {
                throw DecimalLexeme.malformed(bytes)
            }
            power = value
        }
        guard rest.isEmpty else { throw DecimalLexeme.malformed(bytes) }
        self.isNegative = negative
        self.digits = digits
        self.exponent = power - fraction
    }

    private static func malformed(_ bytes: some Collection<UInt8>) -> InterchangeError {
        InterchangeError(
            .malformed,
            "\"\(String(decoding: bytes.prefix(64), as: UTF8.self).excerpt)\" is not a number",
            expected: "decimal digits such as 120.1134567"
        )
    }

    /// The value in units of 10⁻ˢ, rounded half to even.
    func rounded(scale: Int) throws(InterchangeError) -> ScaledDecimal {
        let shift = digits.isEmpty ? 0 : exponent + scale
        let kept = digits.count + min(shift, 0)
        var magnitude: UInt64 = 0
        for digit in digits.prefix(max(kept, 0)) {
            magnitude = try DecimalLexeme.append(digit, to: magnitude)
        }
        for _ in 0..<max(shift, 0) {
            magnitude = try DecimalLexeme.append(0, to: magnitude)
        }
        let dropped = digits.dropFirst(max(kept, 0))
        let isExact = dropped.allSatisfy { $0 == 0 }
        // With kept < 0 there are zeros between the last kept place and the digits: less than half.
        var roundsUp = false
        if kept >= 0, let first = dropped.first, first >= 5 {
            let isHalf = first == 5 && dropped.dropFirst().allSatisfy { $0 == 0 }
            roundsUp = !isHalf || magnitude % 2 == 1
        }
        let value = ScaledDecimal.rounded(
            magnitude: roundsUp ? magnitude + 1 : magnitude,
            isNegative: isNegative,
            scale: scale,
            isExact: isExact,
            isRoundedTowardsZero: !isExact && !roundsUp
        )
        guard let value else { throw DecimalLexeme.tooLarge }
        return value
    }

    private static func append(
        _ digit: UInt8,
        to magnitude: UInt64
    ) throws(InterchangeError) -> UInt64 {
        let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, overflows) = product.addingReportingOverflow(UInt64(digit))
        // Held below 2⁶³ + 1, so that rounding up by one cannot overflow either.
        guard !tooLarge, !overflows, sum <= Int64.min.magnitude else {
            throw DecimalLexeme.tooLarge
        }
        return sum
    }

    private static var tooLarge: InterchangeError {
        InterchangeError(
            .outOfRange,
            "the number is too large",
            expected: "a number of at most 18 digits with its decimals"
        )
    }
}

extension DecimalLexeme {
    /// What is left of the text.
    private struct Cursor {
        private let bytes: [UInt8]
        private var index = 0

        init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

        var isEmpty: Bool { index == bytes.count }

        mutating func take(_ byte: UInt8) -> Bool {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }

        /// Takes digits, drops leading zeros, and returns how many digits there were.
        mutating func takeDigits(into digits: inout [UInt8]) -> Int {
            let start = index
            while index < bytes.count, bytes[index].isDigit {
                let value = bytes[index].digitValue
                if value != 0 || !digits.isEmpty { digits.append(value) }
                index += 1
            }
            return index - start
        }

        mutating func takeExponent(max limit: Int) -> Int? {
            let isNegative = take(Byte.minus)
            if !isNegative { _ = take(Byte.plus) }
            let start = index
            var value = 0
            while index < bytes.count, bytes[index].isDigit {
                value = min(value * 10 + Int(bytes[index].digitValue), limit)
                index += 1
            }
            guard index > start else { return nil }
            return isNegative ? -value : value
        }
    }
}
