import SyncCore
import Synchronization

/// Tells those who wait when something has come into their scopes.
///
/// The storage announces each commit; a held request waits here. See docs/held-requests.md. An
/// announcement costs as much as it has scopes and waits to end, whatever else waits.
public final class HubArrivals: Sendable {
    /// For what is waited.
    public struct Interest: Hashable, Sendable {
        /// The scopes; nil for whatever comes.
        public var scopes: [String]?

        /// What a registered replica receives: its scopes, everyone's, and what it made elsewhere.
        init(of replica: RegisteredReplica) {
            scopes =
                replica.scopes.isEmpty
                ? nil : replica.scopes + [ScopeMoves.everyone, replica.replica.ownScope]
        }
    }

    private struct State {
        /// The last sequence that was announced.
        var head: UInt64 = 0
        /// What came to which scope is known for sequences after this one.
        var knownAfter: UInt64 = 0
        /// For each scope, the last sequence announced under it.
        var heads: [String: UInt64] = [:]
        /// Those who wait for whatever comes, and those who wait for a scope.
        var forAll: [UInt64: ArrivalTicket] = [:]
        var forScope: [String: [UInt64: ArrivalTicket]] = [:]
        var lastTicket: UInt64 = 0

        func hasArrived(for interest: Interest, after sequence: UInt64) -> Bool {
            guard let scopes = interest.scopes, sequence >= knownAfter else {
                return head > sequence
            }
            return scopes.contains { heads[$0, default: 0] > sequence }
        }

        mutating func forget(_ number: UInt64, _ interest: Interest) {
            guard let scopes = interest.scopes else {
                forAll[number] = nil
                return
            }
            for scope in scopes {
                forScope[scope]?[number] = nil
                if forScope[scope]?.isEmpty ?? false { forScope[scope] = nil }
            }
        }
    }

    /// How many scopes are remembered with their last sequence, at most.
    private static let scopesMax = 100_000

    private let state = Mutex(State())

    /// Makes one without anybody who waits.
    public init() {}

    /// How many wait.
    public var waitingCount: Int {
        state.withLock { state in
            var numbers = Set(state.forAll.keys)
            for waits in state.forScope.values { numbers.formUnion(waits.keys) }
            return numbers.count
        }
    }

    /// Says that a commit has listed something under these scopes, up to this sequence.
    public func announce(_ scopes: [String], through sequence: UInt64) {
        let ended = state.withLock { state -> [ArrivalTicket] in
            state.head = max(state.head, sequence)
            if state.heads.count + scopes.count > HubArrivals.scopesMax {
                state.heads = [:]
                state.knownAfter = state.head
            }
            var ended = Array(state.forAll.values)
            for scope in scopes {
                state.heads[scope] = max(state.heads[scope, default: 0], sequence)
                if let waits = state.forScope[scope] { ended += waits.values }
            }
            // An answer may have been made of a commit before it is announced.
            return ended.filter { $0.sequence < sequence }
        }
        // Without the lock, which whoever is resumed needs to forget its ticket.
        for ticket in ended { ticket.end(isArrival: true) }
    }

    /// Ends all waits: whoever waits is answered anew.
    public func announceAll() {
        let ended = state.withLock { state in
            state.forAll.map(\.value) + state.forScope.values.flatMap(\.values)
        }
        for ticket in ended { ticket.end(isArrival: true) }
    }

    /// Begins to wait for what comes after a sequence.
    ///
    /// - Returns: a ticket that has ended already when something came meanwhile. Give it back with
    ///   `stop` in every case.
    public func wait(for interest: Interest, after sequence: UInt64) -> ArrivalTicket {
        state.withLock { state in
            state.lastTicket += 1
            let ticket = ArrivalTicket(
                number: state.lastTicket,
                interest: interest,
                after: sequence
            )
            if state.hasArrived(for: interest, after: sequence) {
                ticket.end(isArrival: true)
                return ticket
            }
            guard let scopes = interest.scopes else {
                state.forAll[ticket.number] = ticket
                return ticket
            }
            for scope in scopes { state.forScope[scope, default: [:]][ticket.number] = ticket }
            return ticket
        }
    }

    /// Forgets a ticket, and ends its wait if it has not ended.
    public func stop(_ ticket: ArrivalTicket) {
        state.withLock { $0.forget(ticket.number, ticket.interest) }
        ticket.end(isArrival: false)
    }
}

/// One wait; it ends once.
public final class ArrivalTicket: Sendable {
    private enum State {
        case open(CheckedContinuation<Bool, Never>?)
        case ended(isArrival: Bool)
    }

    let number: UInt64
    let interest: HubArrivals.Interest
    /// What came up to here is known.
    let sequence: UInt64
    private let state = Mutex(State.open(nil))

    init(number: UInt64, interest: HubArrivals.Interest, after sequence: UInt64) {
        self.number = number
        self.interest = interest
        self.sequence = sequence
    }

    /// Ends the wait; what ends later has no effect.
    public func end(isArrival: Bool) {
        let waiting = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard case .open(let continuation) = state else { return nil }
            state = .ended(isArrival: isArrival)
            return continuation
        }
        waiting?.resume(returning: isArrival)
    }

    /// Waits for the end: whether something came.
    ///
    /// One task may wait for a ticket.
    public func result() async -> Bool {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> Bool? in
                switch state {
                case .open(let before):
                    // A second task that waits takes the first one's place.
                    state = .open(continuation)
                    before?.resume(returning: false)
                    return nil
                case .ended(let isArrival): return isArrival
                }
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
