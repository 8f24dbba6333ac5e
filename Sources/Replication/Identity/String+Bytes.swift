// `String ==` is canonical equivalence: "é" composed and decomposed are equal in Swift and two
// rows in SQLite. Everything that is a key or a value here is compared as UTF-8 bytes.

extension String {
    /// Whether both strings are the same UTF-8 bytes.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether this string's UTF-8 bytes come first in lexicographic order.
    package func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
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
