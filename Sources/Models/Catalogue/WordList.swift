public import Replication

/// Words in an order, kept as one text with `;` between them, as the catalogue's files write them.
///
/// A catalogue's list has one writer, the hub, so it needs no set that merges.
public struct WordList: Hashable, FieldConvertible {
    /// The words, none empty.
    public let words: [String]

    /// Makes a list; empty words are left out.
    public init(_ words: [String] = []) { self.words = words.filter { !$0.isEmpty } }

    /// Reads words with `;` between them.
    public init(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ";"))
        self.init(parts.map { String($0) ?? "" })
    }

    /// The words with `;` between them.
    public var text: String { words.joined(separator: ";") }

    /// Text.
    public static var fieldKind: FieldKind { .text }
    /// Reads words from text.
    public init?(fieldValue: FieldValue) {
        guard case .text(let text) = fieldValue else { return nil }
        self.init(text: text)
    }
    /// The words as text.
    public var fieldValue: FieldValue { .text(text) }
}
