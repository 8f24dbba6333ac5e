public import Replication

/// A word of an open vocabulary.
///
/// Vocabularies are structs and not enums: a word that a newer version introduces survives in an
/// older one, is shown as it stands and is written back unchanged.
public protocol Word: RawRepresentable, FieldConvertible, Hashable, CustomStringConvertible
where RawValue == String {
    /// Takes any word, known or not.
    init(rawValue: String)
}

extension Word {
    /// Takes any word, known or not.
    public init(_ text: String) { self.init(rawValue: text) }

    /// The word itself.
    public var description: String { rawValue }
}

// Witnesses here and not the kernel's for raw texts, so that a file that declares a word need not
// import the kernel.
extension Word {
    /// Text.
    public static var fieldKind: FieldKind { .text }

    /// Reads any word.
    public init?(fieldValue: FieldValue) {
        guard case .text(let text) = fieldValue else { return nil }
        self.init(rawValue: text)
    }

    /// The word as text.
    public var fieldValue: FieldValue { .text(rawValue) }
}
