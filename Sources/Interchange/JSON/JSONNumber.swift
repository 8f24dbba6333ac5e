/// Reads the number grammar of RFC 8259 §6.
///
/// number = [ "-" ] int [ "." 1*DIGIT ] [ ("e" / "E") [ "+" / "-" ] 1*DIGIT ], where int has no
/// leading zero.
struct JSONNumber {
    /// The number as a value: `integer` when it is whole and fits, else its lexeme.
    let value: JSONValue
    /// The offset behind the number.
    let end: Int

    /// Reads a whole lexeme.
    init?(lexeme: String) {
        var lexeme = lexeme
        let number = lexeme.withUTF8 { bytes -> JSONNumber? in
            guard case .success(let number) = JSONNumber.scan(bytes, from: 0) else { return nil }
            return number.end == bytes.count ? number : nil
        }
        guard let number else { return nil }
        self = number
    }

    private init(value: JSONValue, end: Int) {
        self.value = value
        self.end = end
    }

    /// Where the grammar was broken.
    struct Fault: Error {
        let offset: Int
    }

    /// Reads a number that starts at `start`; the caller looks at what follows it.
    static func scan(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> Result<JSONNumber, Fault> {
        var index = start
        let end = bytes.count
        let isNegative = index < end && bytes[index] == Byte.minus
        if isNegative { index += 1 }
        let digits = index
        var magnitude: UInt64 = 0
        while index < end, bytes[index].isDigit {
            // Wraps only beyond 19 digits, which are not taken for an integer below.
            magnitude = magnitude &* 10 &+ UInt64(bytes[index].digitValue)
            index += 1
        }
        let count = index - digits
        guard count > 0 else { return .failure(Fault(offset: index)) }
        guard count == 1 || bytes[digits] != Byte.zero else {
            return .failure(Fault(offset: digits + 1))
        }
        let next = index < end ? bytes[index] : 0
        if next != Byte.point, next != Byte.lowerE, next != Byte.upperE {
            if let integer = integer(magnitude, digits: count, isNegative: isNegative) {
                return .success(JSONNumber(value: .integer(integer), end: index))
            }
        } else if let fault = skipFractionAndExponent(bytes, &index) {
            return .failure(fault)
        }
        let lexeme = String(
            decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]),
            as: UTF8.self
        )
        return .success(JSONNumber(value: .number(lexeme), end: index))
    }

    private static func integer(_ magnitude: UInt64, digits: Int, isNegative: Bool) -> Int64? {
        // 19 digits are below 10¹⁹ and so below 2⁶⁴: the magnitude has not wrapped.
        guard digits <= 19 else { return nil }
        guard isNegative else { return Int64(exactly: magnitude) }
        // "-0" is not the integer 0: a reader of `Double` may care for its sign.
        guard magnitude > 0, magnitude <= Int64.min.magnitude else { return nil }
        return Int64(truncatingIfNeeded: 0 &- magnitude)
    }

    private static func skipFractionAndExponent(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ index: inout Int
    ) -> Fault? {
        if bytes[index] == Byte.point {
            index += 1
            guard skipDigits(bytes, &index) else { return Fault(offset: index) }
        }
        guard index < bytes.count, bytes[index] == Byte.lowerE || bytes[index] == Byte.upperE else {
            return nil
        }
        index += 1
        if index < bytes.count, bytes[index] == Byte.plus || bytes[index] == Byte.minus {
            index += 1
        }
        return skipDigits(bytes, &index) ? nil : Fault(offset: index)
    }

    private static func skipDigits(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ index: inout Int
    ) -> Bool {
        let start = index
        while index < bytes.count, bytes[index].isDigit { index += 1 }
        return index > start
    }
}
