/// The promises that a run checks.
public enum FleetInvariant: String, CaseIterable, Hashable, Sendable {
    /// What was acknowledged is never lost.
    case noLoss = "I1 no loss"
    /// A change stands once.
    case exactlyOnce = "I2 exactly once"
    /// The hub's order is dense and only grows.
    case denseOrder = "I3 dense order"
    /// A cursor promises everything before it.
    case cursorHonesty = "I4 cursor honesty"
    /// Nothing stands in the hub's log that its writer had no right to write.
    case writeScope = "I5 write scope"
    /// Nobody has what is not in their scopes.
    case readScope = "I6 read scope"
    /// All come to see the same, and nobody says so before.
    case convergence = "I7 convergence"
    /// Copies merge to the same, however they are put together.
    case algebra = "I8 merge algebra"
    /// Nobody has a change without what its writer had seen.
    case causality = "I9 causality"
    /// What is deleted stays deleted.
    case noResurrection = "I10 no resurrection"
    /// A store has one owner, and opens after every end of its process.
    case oneOwner = "I12 one owner"
    /// What cannot be taken is declined by name, whatever is sent.
    case boundedInput = "I13 bounded input"
    /// What a version does not know it keeps, byte for byte.
    case unknownKept = "I14 unknown kept"
    /// Clocks decide nothing but ties.
    case clockIndependence = "I15 clock independence"
    /// One seed, one world.
    case determinism = "I18 determinism"
}

/// One broken promise.
public struct FleetViolation: Hashable, Sendable, CustomStringConvertible {
    /// Which.
    public let invariant: FleetInvariant
    /// The number of the plan's event after which it was seen, from 0.
    public let event: Int
    /// When, in virtual ms since the start.
    public let at: Int64
    /// What was seen, and where.
    public let what: String

    /// Makes a violation.
    public init(invariant: FleetInvariant, event: Int, at: Int64, what: String) {
        self.invariant = invariant
        self.event = event
        self.at = at
        self.what = what
    }

    /// `I1 no loss, event 17: …`.
    public var description: String { "\(invariant.rawValue), event \(event): \(what)" }
}
