/// On which side of a column its text stands.
public enum TextAlignment: Hashable, Sendable {
    /// At the left: words.
    case left
    /// At the right: numbers.
    case right
}
