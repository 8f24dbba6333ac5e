/// How two events, or two states of knowledge, stand to each other.
public enum CausalOrder: Hashable, Sendable {
    /// The left happened before the right: the right has seen it.
    case before
    /// They are the same.
    case equal
    /// The left happened after the right.
    case after
    /// Neither has seen the other.
    case concurrent
}
