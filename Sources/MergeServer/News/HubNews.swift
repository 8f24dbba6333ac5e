import SyncCore
import Synchronization

/// Tells those who wait when something has come into their scopes.
///
/// The storage announces each commit; a held request waits here. See docs/held-requests.md. An
/// announcement costs as much as it has scopes and waits to end, whatever else waits.
public final class HubNews: Sendable {
    /// Whose news is waited for.
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
        var forAll: [UInt64: NewsTicket] = [:]
        var forScope: [String: [UInt64: NewsTicket]] = [:]
        var lastTicket: UInt64 = 0

        func hasNews(for interest: Interest, after sequence: UInt64) -> Bool {
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
        let ended = state.withLock { state -> [NewsTicket] in
            state.head = max(state.head, sequence)
            if state.heads.count + scopes.count > HubNews.scopesMax {
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
        // Whoever is resumed forgets its ticket, for which it needs the lock.
        for ticket in ended { ticket.end(isNews: true) }
    }

    /// Begins to wait for what comes after a sequence.
    ///
    /// - Returns: a ticket that has ended already when something came meanwhile. Give it back with
    ///   `stop` in every case.
    public func wait(for interest: Interest, after sequence: UInt64) -> NewsTicket {
        state.withLock { state in
            state.lastTicket += 1
            let ticket = NewsTicket(
                number: state.lastTicket,
                interest: interest,
                after: sequence
            )
            if state.hasNews(for: interest, after: sequence) {
                ticket.end(isNews: true)
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
    public func stop(_ ticket: NewsTicket) {
        state.withLock { $0.forget(ticket.number, ticket.interest) }
        ticket.end(isNews: false)
    }
}

/// One wait for news; it ends once.
public final class NewsTicket: Sendable {
    private enum State {
        case open(CheckedContinuation<Bool, Never>?)
        case ended(isNews: Bool)
    }

    let number: UInt64
    let interest: HubNews.Interest
    /// What came up to here is no news.
    let sequence: UInt64
    private let state = Mutex(State.open(nil))

    init(number: UInt64, interest: HubNews.Interest, after sequence: UInt64) {
        self.number = number
        self.interest = interest
        self.sequence = sequence
    }

    /// Ends the wait; what ends later has no effect.
    public func end(isNews: Bool) {
        let waiting = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard case .open(let continuation) = state else { return nil }
            state = .ended(isNews: isNews)
            return continuation
        }
        waiting?.resume(returning: isNews)
    }

    /// Waits for the end: whether there is news.
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
                case .ended(let isNews): return isNews
                }
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
