/// Something in a store's file that breaks a promise of the product.
public struct StoreFinding: Hashable, Sendable {
    /// The promises, by the names that the simulator checks them under.
    ///
    /// `docs/verification.md` says what of each one file can show.
    public enum Invariant: String, CaseIterable, Sendable {
        /// What the hub acknowledged is in the hub.
        case noLoss = "I1 no loss"
        /// A change's part stands once, with one content.
        case exactlyOnce = "I2 exactly once"
        /// The hub's numbers and every scope's positions have no gap; a replica's changes follow
        /// each other.
        case denseOrder = "I3 dense order"
        /// What a device says that it has seen is in it.
        case cursorHonesty = "I4 cursor honesty"
        /// Who has the same changes shows the same.
        case convergence = "I7 convergence"
        /// A record keeps exactly the writes that no other write has seen.
        case mergeAlgebra = "I8 merge"
        /// Nothing stands before what its writer had seen.
        case causality = "I9 causality"
        /// The file is sound and can be read.
        case soundFile = "I12 sound file"
        /// Records and query tables are what the log adds up to.
        case projection = "projection"
        /// Receipts name what is in the log, where it is.
        case receipts = "receipts"
    }

    /// The promise.
    public let invariant: Invariant
    /// The store's file.
    public let store: String
    /// Where in it: a record, a change, a row.
    public let place: String
    /// What is wrong.
    public let problem: String

    /// Makes a finding.
    public init(_ invariant: Invariant, store: String, place: String, _ problem: String) {
        self.invariant = invariant
        self.store = store
        self.place = place
        self.problem = problem
    }
}
