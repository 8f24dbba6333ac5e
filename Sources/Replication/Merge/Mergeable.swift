/// A state that concurrent replicas can merge without losing anything.
///
/// The laws hold for every merge policy. They are stated here once and checked once, in
/// `MergeLawTests`: exhaustively for small histories and by seeded random ones, against a naive
/// reference with full version vectors.
///
/// For all states `a`, `b`, `c` that replicas can reach:
///
/// 1. **Commutative**: `a ∪ b == b ∪ a`.
/// 2. **Associative**: `(a ∪ b) ∪ c == a ∪ (b ∪ c)`.
/// 3. **Idempotent**: `a ∪ a == a`.
/// 4. **Inflationary**: whoever merges knows at least what both sides knew.
/// 5. **Application is merging**: applying a change equals merging the state that holds that change
///    and its causal past. So every causal order of delivery, every batching and every restart in
///    between gives the same state.
/// 6. **Nothing is lost**: every write that no later write has seen is still in the state.
///
/// The state is the maximal elements of a finite partial order (the writes under causality), which
/// is a join semilattice under union (Shapiro et al. 2011; Almeida et al., *Delta State Replicated
/// Data Types*, 2018). What is *shown* is a function of the state, not part of it.
public protocol Mergeable {
    /// Merges what `other` knows into this state: the least upper bound.
    mutating func merge(_ other: Self)
}

extension Mergeable {
    /// The least upper bound of both, as a new value.
    public func merged(with other: Self) -> Self {
        var result = self
        result.merge(other)
        return result
    }
}
