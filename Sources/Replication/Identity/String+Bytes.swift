// `String ==` is canonical equivalence: "é" composed and decomposed are equal in Swift and two
// rows in SQLite. Everything that is a key or a value here is compared as UTF-8 bytes.

extension String {
    /// Whether both strings are the same UTF-8 bytes.
    package func hasSameBytes(as other: String) -> Bool {
        let isSame = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in left.hasSameBytes(as: right) }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// Whether this string holds the character U+0000.
    package var holdsZero: Bool {
        utf8.withContiguousStorageIfAvailable { $0.holdsZero } ?? utf8.contains(0)
    }

    /// Whether this string's UTF-8 bytes come first in lexicographic order.
    @usableFromInline
    package func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}

// The loops go on to the end whatever they find: one without an early end takes many bytes a step.
extension UnsafeBufferPointer<UInt8> {
    /// Whether one of the bytes is 0.
    package var holdsZero: Bool {
        var zeros: UInt8 = 0
        for byte in self { zeros |= byte == 0 ? 1 : 0 }
        return zeros != 0
    }

    fileprivate func hasSameBytes(as other: Self) -> Bool {
        guard count == other.count else { return false }
        if baseAddress == other.baseAddress { return true }
        var difference: UInt8 = 0
        for index in 0..<count { difference |= self[index] ^ other[index] }
        return difference == 0
    }
}

extension Hasher {
    /// Feeds the UTF-8 bytes, with an end mark so that neighbours do not run together.
    package mutating func combineBytes(of string: String) {
        var string = string
        string.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
        combine(UInt8(0xFF))
    }
}
