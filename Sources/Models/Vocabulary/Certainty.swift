/// How well a row of the catalogue is supported by its source.
public struct Certainty: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Stated by the source text.
    public static let stated = Certainty(rawValue: "stated")
    /// Looked up in a second-hand source.
    public static let lookedUp = Certainty(rawValue: "looked-up")
    /// Assumed by the maker of the table.
    public static let assumed = Certainty(rawValue: "assumed")
    /// Doubtful: to be confirmed before use.
    public static let uncertain = Certainty(rawValue: "uncertain")
}
