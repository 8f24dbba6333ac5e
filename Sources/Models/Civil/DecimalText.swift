public import Replication

/// Exact decimals as people write them: `12.5`, `-0.030`, `120.0463000`.
public enum DecimalText {
    /// The most digits after the point that a field can have.
    public static let scaleMax = 18

    /// Reads a decimal, losing nothing.
    ///
    /// Digits, at most one point with a digit on each side, and a leading `-` are understood;
    /// exponents, signs `+`, spaces and thousands separators are not.
    ///
    /// - Parameters:
    ///   - text: the decimal.
    ///   - scale: the digits after the point that the field has, 0 to 18.
    /// - Returns: the decimal in units of the field.
    /// - Throws: `DecimalTextError` when the text is no decimal, has more digits than `scale` that
    ///   are not zero, or is too large.
    public static func parse(
        _ text: String,
        scale: Int
    ) throws(DecimalTextError) -> ScaledDecimal {
        guard (0...scaleMax).contains(scale) else { throw DecimalTextError(text, .scale(scale)) }
        var digits = Array(text.utf8)[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }),
            parts.joined().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw DecimalTextError(text, .notDecimal) }
        var fraction = parts.count == 2 ? parts[1] : []
        while fraction.count > scale {
            guard fraction.last == UInt8(ascii: "0") else {
                throw DecimalTextError(text, .tooPrecise(scale))
            }
            fraction = fraction.dropLast()
        }
        let padding = [UInt8](repeating: UInt8(ascii: "0"), count: scale - fraction.count)
        var units: Int64 = 0
        // Counting downwards reaches Int64.min, whose magnitude no positive number has.
        for digit in Array(parts[0]) + Array(fraction) + padding {
            let (tens, tensOverflow) = units.multipliedReportingOverflow(by: 10)
            let (next, overflow) = tens.subtractingReportingOverflow(
                Int64(digit - UInt8(ascii: "0"))
            )
            if tensOverflow || overflow { throw DecimalTextError(text, .tooLarge) }
            units = next
        }
        if isNegative { return ScaledDecimal(units: units) }
        if units == Int64.min { throw DecimalTextError(text, .tooLarge) }
        return ScaledDecimal(units: -units)
    }

    /// Writes a decimal with exactly `scale` digits after the point; `parse` reads it back.
    public static func format(_ decimal: ScaledDecimal, scale: Int) -> String {
        let digits = String(decimal.units.magnitude)
        let sign = decimal.units < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
        return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
    }
}

/// A text that is not the decimal a field takes.
public struct DecimalTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why a text was refused.
    public enum Reason: Hashable, Sendable {
        /// It is not digits with at most one point.
        case notDecimal
        /// It has more digits after the point than the field keeps.
        case tooPrecise(Int)
        /// It does not fit 64 bits at the field's scale.
        case tooLarge
        /// The scale is not 0 to 18.
        case scale(Int)
    }

    /// The text.
    public let text: String
    /// Why it was refused.
    public let reason: Reason

    init(_ text: String, _ reason: Reason) {
        self.text = text
        self.reason = reason
    }

    /// What is wrong and what would be right.
    public var description: String {
        switch reason {
        case .notDecimal:
            "\"\(text)\" is not a decimal; write digits and at most one point, as 12.5"
        case .tooPrecise(let scale):
            "\"\(text)\" has more than \(scale) digits after the point; write at most \(scale)"
        case .tooLarge: "\"\(text)\" is too large"
        case .scale(let scale): "scale \(scale) is not 0 to \(DecimalText.scaleMax)"
        }
    }
}
