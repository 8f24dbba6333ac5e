/// How concurrent writes of one field become one view.
///
/// Whatever the policy, a write is never lost: the log keeps every change, and the record's state
/// keeps every write that no later write has seen. The policy decides what is shown and whether a
/// conflict is open. The laws stand at ``Mergeable``.
///
/// A twelfth policy, `workflow`, folds guarded intents in a linear extension of causality. It needs
/// the guards of the coordination work and comes with it; its wire code 12 and the name are
/// reserved, and a schema that asks for it is refused by name.
public enum MergePolicy: Hashable, Sendable {
    /// The causally later write wins; of concurrent ones, the later hybrid time, then the higher
    /// replica id. For operational fields.
    case lastWriter
    /// All concurrent values are kept. One is shown provisionally, the same on every replica, and
    /// a conflict is open until a write that has seen them all. Equal values are no conflict. For
    /// legally significant fields.
    case keepSiblings
    /// As `keepSiblings`, but the least value is the one shown: of two deadlines that were set apart
    /// the earlier one holds until somebody decides. A later write may give a greater value.
    case keepLeast
    /// A set in which an addition that a removal had not seen wins (Shapiro et al. 2011, OR-Set).
    case addWinsSet
    /// A union of entries by their id: evidence, notes, measurements.
    case growOnly
    /// The greatest value ever written; one of another kind than the field's counts for less than
    /// any.
    case maximum
    /// The least value ever written.
    case minimum
    /// Once true, true for ever.
    case sticky
    /// The sum of every replica's increments.
    case counter
    /// Only the hub writes; a device refuses the edit at once.
    case hubOnly
    /// An exclusive role. A causally later claim is a transfer and leads; of concurrent claims the
    /// earliest by hybrid time leads provisionally, the others assist, and an arbitration is open.
    /// A cleared field is no claim and leads only where there is none.
    case claim
    /// Long text: concurrent edits merge by three-way merge on their common ancestor; where they
    /// overlap, `TextOverlap` decides.
    case text(TextOverlap)

    /// What becomes of concurrent text edits that touch the same place.
    public enum TextOverlap: Hashable, Sendable {
        /// They are siblings of an open conflict.
        case siblings
        /// They are shown one after the other, each with its author and time; no conflict opens.
        /// For free remarks.
        case concatenate
    }
}

extension MergePolicy {
    /// Whether the field holds many members, each merged by itself.
    public var isCollection: Bool { self == .addWinsSet || self == .growOnly }

    /// Whether a value, once written, can only be surpassed.
    public var isMonotone: Bool { self == .maximum || self == .minimum || self == .sticky }

    /// Whether members of an atomic group may have this policy.
    public var admitsGroups: Bool {
        switch self {
        case .lastWriter, .keepSiblings, .hubOnly, .claim: true
        default: false
        }
    }
}
