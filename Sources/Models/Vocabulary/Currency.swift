/// The currency of an amount; it merges with the amount as one.
public struct Currency: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Renminbi.
    public static let yuan = Currency(rawValue: "CNY")
}
