/// How far a sync has come.
public struct SyncProgress: Hashable, Sendable {
    /// What is being done.
    public enum Phase: String, Hashable, Sendable {
        /// Asking the hub.
        case connecting
        /// The device's changes go up.
        case sending
        /// Others' changes come down.
        case receiving
        /// Waiting before the next try.
        case waiting
        /// Up to date: the hub has been asked to answer when there is news.
        case listening
        /// Done.
        case finished
    }

    /// What is being done.
    public var phase: Phase
    /// How many changes or entries are done in this phase.
    public var done: Int
    /// How many there are in this phase, as far as is known.
    public var of: Int
    /// Bytes sent and received so far.
    public var bytes: Int
    /// Why it waits, while it waits.
    public var reason: String?

    /// Makes a progress.
    public init(phase: Phase, done: Int, of: Int, bytes: Int, reason: String? = nil) {
        self.phase = phase
        self.done = done
        self.of = of
        self.bytes = bytes
        self.reason = reason
    }
}

/// What a sync did.
public struct SyncSummary: Hashable, Sendable {
    /// Own changes that the hub acknowledged.
    public var changesUp = 0
    /// Others' entries that were applied.
    public var entriesDown = 0
    /// Body bytes sent, as they went over the wire.
    public var requestBytes = 0
    /// Body bytes received.
    public var responseBytes = 0
    /// Messages exchanged.
    public var roundTrips = 0
    /// Tries that failed and were repeated.
    public var retries = 0
    /// Own changes that the hub holds apart for want of authority.
    public var quarantined = 0
    /// The new replica id, when the store turned out to be a clone.
    public var reincarnatedAs: String?

    /// Makes an empty summary.
    public init() {}
}

/// Why a sync ended without being done.
///
/// What was recorded is safe; a later sync goes on from there.
public struct SyncError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    public enum Code: Hashable, Sendable {
        /// The hub did not answer in as many tries as were allowed.
        case unreachable
        /// What answers is no hub.
        case notAHub
        /// The hub refuses this device or its changes.
        case refused
        /// The answer does not follow the protocol, or not what this device knows.
        case invalidAnswer
        /// The hub lives a new epoch.
        case newEpoch
        /// Exchanges succeed, but nothing moves.
        case stalled
        /// The local store cannot take the answer (disk full, damaged).
        case store
        /// Another sync of this replica is under way.
        case alreadySyncing
    }

    /// What happened.
    public let code: Code
    /// What was found and what would be right.
    public let message: String
    /// What is wrong with the local store, with code `.store`: a full disk can be cleared, a damaged
    /// file cannot.
    public let store: StoreError.Code?

    /// Makes an error.
    public init(_ code: Code, _ message: String, store: StoreError.Code? = nil) {
        self.code = code
        self.message = message
        self.store = store
    }

    /// The message.
    public var description: String { message }
}
