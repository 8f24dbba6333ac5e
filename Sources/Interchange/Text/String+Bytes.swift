// `String ==` is canonical equivalence: "é" composed and decomposed are equal in Swift and are two
// keys in a file. Everything here compares UTF-8 bytes.

extension String {
    /// Whether both strings are the same UTF-8 bytes.
    ///
    /// Strings that differ canonically differ in bytes, and the standard comparison is quick to
    /// say so; only equal ones need the second look.
    func hasSameBytes(as other: String) -> Bool {
        self == other && utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Whether this string's UTF-8 bytes come first in lexicographic order.
    func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// A short piece of hostile text for a message: no control characters, at most 40 scalars.
    var excerpt: String {
        var result = String.UnicodeScalarView()
        for (index, scalar) in unicodeScalars.enumerated() {
            if index == 40 {
                result.append("…")
                break
            }
            let hasPicture = TextWidth.isPrintable(scalar)
            result.append(hasPicture ? scalar : "\u{FFFD}")
        }
        return String(result)
    }
}

extension Hasher {
    /// Feeds the UTF-8 bytes, with an end mark so that neighbours do not run together.
    mutating func combineBytes(of string: String) {
        var string = string
        string.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
        combine(UInt8(0xFF))
    }
}
