/// Finds where bytes stop being UTF-8, for errors that name the place.
///
/// The table is Unicode 15, table 3-7, "Well-Formed UTF-8 Byte Sequences": no overlong forms, no
/// surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// The length of the well-formed sequence that starts at `index`, nil when there is none.
    static func sequenceLength(
        _ bytes: UnsafeBufferPointer<UInt8>,
        at index: Int
    ) -> Int? {
        let left = bytes.count - index
        guard left > 0 else { return nil }
        let first = bytes[index]
        if first < 0x80 { return 1 }
        guard left > 1 else { return nil }
        let second = bytes[index + 1]
        switch first {
        case 0xC2...0xDF:
            return isContinuation(second) ? 2 : nil
        case 0xE0...0xEF:
            let lowest: UInt8 = first == 0xE0 ? 0xA0 : 0x80
            let highest: UInt8 = first == 0xED ? 0x9F : 0xBF
            guard left > 2, second >= lowest, second <= highest else { return nil }
            return isContinuation(bytes[index + 2]) ? 3 : nil
        case 0xF0...0xF4:
            let lowest: UInt8 = first == 0xF0 ? 0x90 : 0x80
            let highest: UInt8 = first == 0xF4 ? 0x8F : 0xBF
            guard left > 3, second >= lowest, second <= highest else { return nil }
            return isContinuation(bytes[index + 2]) && isContinuation(bytes[index + 3]) ? 4 : nil
        default:
            return nil
        }
    }

    /// The offset of the first byte that is not part of a well-formed sequence.
    static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = 0
        while index < bytes.count {
            if bytes[index] < 0x80 {
                index += 1
                continue
            }
            guard let length = sequenceLength(bytes, at: index) else { return index }
            index += length
        }
        return nil
    }

    /// The offset of the first byte of an array that is not part of a well-formed sequence.
    static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { firstInvalid($0) }
    }

    /// The string of bytes that are UTF-8, nil for others.
    ///
    /// `String(validating:as:)` says the same but goes through unspecialised generic code, which
    /// is a sixth of the time of reading JSON.
    static func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard firstInvalid(bytes) == nil else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The string of an array of bytes that are UTF-8, nil for others.
    static func string(_ bytes: [UInt8]) -> String? {
        bytes.withUnsafeBufferPointer { string($0) }
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
