/// The character classes of XML 1.0.
enum XMLCharacters {
    struct Fault {
        let code: InterchangeError.Code
        let message: String
        let offset: Int
    }

    /// The first place that is not UTF-8 or not a legal character (§2.2).
    static func firstIllegal(in bytes: [UInt8]) -> Fault? {
        bytes.withUnsafeBufferPointer { buffer in
            var index = 0
            while index < buffer.count {
                let byte = buffer[index]
                if byte < 0x80 {
                    if byte < Byte.space, !isSpace(byte) {
                        return Fault(
                            code: .forbiddenCharacter,
                            message: "\(Byte.describe(byte)) is not allowed in XML",
                            offset: index
                        )
                    }
                    index += 1
                    continue
                }
                guard let length = UTF8Check.sequenceLength(buffer, at: index) else {
                    return Fault(
                        code: .invalidEncoding,
                        message: "\(Byte.describe(byte)) is not UTF-8",
                        offset: index
                    )
                }
                // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
                if length == 3, byte == 0xEF, buffer[index + 1] == 0xBF, buffer[index + 2] >= 0xBE {
                    return Fault(
                        code: .forbiddenCharacter,
                        message: "U+FFFE or U+FFFF is not allowed in XML",
                        offset: index
                    )
                }
                index += length
            }
            return nil
        }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == Byte.space || byte == Byte.lineFeed || byte == Byte.tab
            || byte == Byte.carriageReturn
    }

    static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            Byte.underscore, Byte.colon, 0x80...:
            true
        default: false
        }
    }

    static func isName(_ byte: UInt8) -> Bool {
        isNameStart(byte) || byte.isDigit || byte == Byte.minus || byte == Byte.point
    }

    static func isLegal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0xFFFD, 0x1_0000...: true
        default: false
        }
    }

    /// The character of a reference, without `&` and `;`.
    static func scalar(ofReference name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        let bytes = Array(name.utf8)
        guard bytes.first == Byte.hash else { return nil }
        let isHexadecimal = bytes.count > 1 && bytes[1] == UInt8(ascii: "x")
        let digits = bytes.dropFirst(isHexadecimal ? 2 : 1)
        guard !digits.isEmpty else { return nil }
        var value: UInt32 = 0
        for byte in digits {
            guard let digit = Byte.hexadecimalValue(byte), isHexadecimal || digit < 10 else {
                return nil
            }
            // At most 0x10FFFF before the step, so it cannot overflow.
            value = value * (isHexadecimal ? 16 : 10) + UInt32(digit)
            guard value <= 0x10_FFFF else { return nil }
        }
        guard let scalar = Unicode.Scalar(value), isLegal(scalar) else { return nil }
        return scalar
    }

    /// Appends text so that a parser reads the same text, nil place when all of it is legal.
    ///
    /// CR is written as a reference, because a bare one would be read as LF; in attributes TAB and
    /// LF too.
    static func append(
        _ text: String,
        to result: inout [UInt8],
        isAttribute: Bool = false
    ) throws(InterchangeError) {
        for scalar in text.unicodeScalars {
            guard isLegal(scalar) else {
                throw InterchangeError(
                    .unrepresentable,
                    "U+\(String(scalar.value, radix: 16, uppercase: true)) cannot stand in XML",
                    expected: "text without control characters"
                )
            }
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".utf8)
            case "<": result.append(contentsOf: "&lt;".utf8)
            case ">": result.append(contentsOf: "&gt;".utf8)
            case "\"": result.append(contentsOf: "&quot;".utf8)
            case "\r": result.append(contentsOf: "&#13;".utf8)
            case "\n" where isAttribute: result.append(contentsOf: "&#10;".utf8)
            case "\t" where isAttribute: result.append(contentsOf: "&#9;".utf8)
            default: result.append(contentsOf: scalar.utf8)
            }
        }
    }
}
