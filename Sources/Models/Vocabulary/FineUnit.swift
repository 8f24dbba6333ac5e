/// What the bounds of a fine count.
public struct FineUnit: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Yuan.
    public static let yuan = FineUnit(rawValue: "yuan")
    /// Times a value or gain; the text gives the figures.
    public static let times = FineUnit(rawValue: "times")
    /// Per cent of a value; the text gives the figures.
    public static let percent = FineUnit(rawValue: "percent")
}
