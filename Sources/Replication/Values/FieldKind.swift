/// What a field holds.
public enum FieldKind: Hashable, Sendable {
    /// UTF-8 text without U+0000.
    case text
    /// A 64-bit whole number.
    case integer
    /// A binary floating-point number.
    case real
    /// An exact decimal with this many digits after the point, 0 to 18.
    case scaled(UInt8)
    /// Yes or no.
    case boolean
    /// Milliseconds since 1970.
    case timestamp
    /// Raw bytes.
    case bytes
    /// A canonical JSON document.
    case json
    /// A record of the type with this number.
    case reference(UInt32)

    /// Whether `value` may stand in a field of this kind; null may stand in every field.
    public func admits(_ value: FieldValue) -> Bool {
        switch (self, value) {
        case (_, .null), (.text, .text), (.integer, .integer), (.real, .real), (.scaled, .scaled),
            (.boolean, .boolean), (.timestamp, .timestamp), (.bytes, .bytes), (.json, .json):
            true
        case (.reference(let type), .reference(let key)): key.type == type
        default: false
        }
    }
}
