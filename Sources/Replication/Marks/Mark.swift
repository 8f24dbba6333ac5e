/// A rare branch of the engine that simulated fleets must have taken: a run that never meets one
/// says nothing about it.
///
/// Only builds with `FIELD_MARKS` count (debug builds, and `FIELD_MARKS=1 swift build`). In others
/// `hit` is empty and is compiled away. `docs/simulation.md` says where each stands.
package enum Mark: String, CaseIterable, Sendable {
    /// The hub finds another change under a number that a replica has used.
    case forkFound = "fork found"
    /// A store records changes again under a new identity.
    case newIdentity = "new identity"
    /// The new identity is derived from the changes, so that copies of one backup share it.
    case identityDerived = "identity derived"
    /// The derived identity is here already, brought by a peer.
    case derivedIdentityTaken = "derived identity taken"
    /// A derived identity ends, because the hub has all of it.
    case derivedIdentityEnded = "derived identity ended"
    /// The hub answers for changes that another copy of the store made.
    case answerOvertaken = "answer overtaken"
    /// A peer's change leaves, because the hub gave its number to another.
    case lostBranchDropped = "lost branch dropped"
    /// A change is held apart at the hub.
    case changeHeldApart = "change held apart"
    /// A change comes to the hub a second time.
    case changeRepeated = "change repeated"
    /// A page ends before the head, between two changes.
    case pageEnded = "page ended early"
    /// A page of a device with scopes does.
    case scopedPageEnded = "scoped page ended early"
    /// The rest of a cut answer completes it.
    case answerResumed = "cut answer resumed"
    /// The hub has forgotten a cut answer, and the question is asked again.
    case answerForgotten = "cut answer forgotten"
    /// The hub has a part of a cut request, and the rest follows.
    case requestResumed = "cut request resumed"
    /// Receipts of one push become one run.
    case receiptsMerged = "receipt runs merged"
    /// A time beyond the hub's clock is bounded.
    case timeBounded = "clock bounded"
    /// A change without a number is folded before one that has a number.
    case foldedBefore = "folded before a numbered change"
    /// A record leaves a device's scopes.
    case recordLeft = "record left"
    /// A record comes back to a device that it had left.
    case recordReentered = "record came back"
    /// A page of a changed subscription is not the last one.
    case transitionContinued = "subscription followed in pages"
    /// A deletion meets an edit that had not seen it.
    case deletionContested = "deletion contested"
    /// Two seals with different contents stand side by side.
    case sealContested = "seal contested"
    /// A sealed record has writes that its seal had not seen.
    case supplementKept = "supplement kept"
    /// Concurrent edits of one text are merged on a common ancestor.
    case textMerged = "text merged"
    /// The disk is full while an answer is applied.
    case applyFull = "disk full in an apply"
    /// Records and query tables are made anew for another schema.
    case schemaAdopted = "rebuilt for a schema"
    /// Histories are folded anew for it.
    case historiesRefolded = "folded for a schema"
    /// A peer tells what the hub holds apart.
    case heldApartTold = "told what is held apart"
    /// A later seal settles what concurrent ones differed in.
    case sealsSettled = "seals settled"
    /// A place is told that the cursor had passed.
    case passedPlaceTold = "passed place told"

    #if FIELD_MARKS
    /// Whether this build counts.
    package static let areCounted = true

    /// Where the current thread's run counts.
    @TaskLocal private static var tally: MarkTally?

    /// Notes that the branch was taken.
    package func hit() { Mark.tally?.add(self) }

    /// Counts what a body takes, on this thread.
    package static func counting<Result>(
        _ body: () throws -> Result
    ) rethrows -> (result: Result, counts: [(mark: Mark, count: Int)]) {
        let tally = MarkTally()
        let result = try $tally.withValue(tally) { try body() }
        return (result, tally.counts)
    }
    #else
    /// Whether this build counts.
    package static let areCounted = false

    /// Nothing, in this build.
    @inlinable @inline(__always) package func hit() {}

    /// Runs the body; nothing is counted in this build.
    package static func counting<Result>(
        _ body: () throws -> Result
    ) rethrows -> (result: Result, counts: [(mark: Mark, count: Int)]) { (try body(), []) }
    #endif
}

#if FIELD_MARKS
// @unchecked: only the thread whose run it is has it.
private final class MarkTally: @unchecked Sendable {
    private var numbers = [Int](repeating: 0, count: Mark.allCases.count)
    private static let places = Dictionary(
        uniqueKeysWithValues: Mark.allCases.enumerated().map { ($1, $0) }
    )

    func add(_ mark: Mark) {
        if let place = MarkTally.places[mark] { numbers[place] += 1 }
    }

    var counts: [(mark: Mark, count: Int)] { Array(zip(Mark.allCases, numbers)).map { ($0, $1) } }
}
#endif
