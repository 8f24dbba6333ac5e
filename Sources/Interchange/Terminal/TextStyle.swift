/// How a piece of text looks on a terminal that shows colours.
public enum TextStyle: Hashable, Sendable {
    /// As it is.
    case plain
    /// Bold.
    case bold
    /// Faint, for what matters less.
    case dim
    /// Red, for what is wrong.
    case red
    /// Green, for what is done.
    case green
    /// Yellow, for what needs a look.
    case yellow
    /// Blue, for names.
    case blue
    /// Cyan, for what can be asked for next.
    case cyan

    /// The text between the ANSI sequences of this style, or as it is when colours are off.
    public func applied(to text: String, isColoured: Bool) -> String {
        guard isColoured, let code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var code: Int? {
        switch self {
        case .plain: nil
        case .bold: 1
        case .dim: 2
        case .red: 31
        case .green: 32
        case .yellow: 33
        case .blue: 34
        case .cyan: 36
        }
    }
}
