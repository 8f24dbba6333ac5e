/// What an event or a replica has seen.
///
/// Merging asks one question only: had this writer seen that change? A full version vector answers
/// it from the dot; a hub-anchored context answers it from the dot's place in the hub's order. Both
/// conform, so that one merge serves the engine, the law tests and the oracle's comparison.
public protocol CausalKnowledge {
    /// Whether the change at `dot` has been seen. `sequence` is its place in the hub's order, where
    /// that is known; a version vector does not need it.
    func contains(_ dot: Dot, sequence: UInt64?) -> Bool
}
