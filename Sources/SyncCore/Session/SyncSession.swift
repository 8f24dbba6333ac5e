import Replication

/// One device's sync with its hub, as a value: events in, effects out.
///
/// It has no clock, no socket and no store. Whoever drives it carries out its effects and feeds back
/// what came of them; the app's driver, the simulator and the tests drive the same value.
///
///     start ─► prepare ─► send ─► apply ─┬─► prepare …   while there is more
///                ▲          │            └─► finish
///                └── wait ◄─┘ failed
public struct SyncSession: Sendable {
    /// How a session behaves.
    public struct Options: Hashable, Sendable {
        /// Tries in a row that may fail before the session gives up.
        public var triesMax = 6
        /// The first wait after a failure, in ms; it doubles with every further failure.
        public var backoffFirst: UInt64 = 500
        /// The longest wait, in ms.
        public var backoffMax: UInt64 = 60_000
        /// The longest wait that a busy hub may ask for, in ms; once it has asked for as much in all,
        /// and nothing has moved meanwhile, the session gives up.
        public var busyMax: UInt64 = 3_600_000
        /// How often in a row a busy hub may put the session off.
        public var busyTriesMax = 20
        /// Requests over this size travel as parts that can be resumed.
        public var partBytesMin = 16_384
        /// The most bytes of changes that one response should hold; nil for the hub's choice.
        public var pullBytesMax: UInt64?
        /// The most bytes of changes, before compression, that one request holds.
        public var pushBytesMax = 262_144

        /// Makes the default options.
        public init() {}
    }

    /// What happened.
    public enum Event: Sendable {
        /// Begin.
        case start
        /// The store made a request.
        case prepared(request: [UInt8], changes: Int, waiting: Int)
        /// The hub answered.
        case received([UInt8])
        /// The message did not come through.
        case failed(TransportError)
        /// The store has applied the answer.
        case applied(Outcome)
        /// The store could not take the answer.
        case rejected(SyncError)
        /// The wait is over.
        case woke
    }

    /// What applying an answer did.
    public struct Outcome: Hashable, Sendable {
        /// Own changes newly acknowledged.
        public var acknowledged = 0
        /// Others' entries applied.
        public var entries = 0
        /// Own changes that still wait.
        public var waiting = 0
        /// Own changes newly held apart at the hub.
        public var quarantined = 0
        /// How far the hub's sequence is ahead of this device.
        public var ahead: UInt64 = 0
        /// Whether the device moved at all: acknowledgements, cursor, registration or a new id.
        public var moved = false
        /// A wait that the hub asked for, in ms.
        public var busy: UInt64?
        /// The new replica id, when the store turned out to be a clone.
        public var reincarnatedAs: String?

        /// Makes an outcome in which nothing happened.
        public init() {}
    }

    /// What is to be done.
    public enum Effect: Hashable, Sendable {
        /// Make a request from the store.
        case prepare(pushBytesMax: Int, pullBytesMax: UInt64?)
        /// Send these bytes.
        case send([UInt8])
        /// Apply this answer.
        case apply([UInt8])
        /// Wait this many milliseconds, then report `woke`.
        case wait(milliseconds: UInt64)
        /// Tell how far it has come.
        case report(SyncProgress)
        /// It is done.
        case finish(SyncSummary)
        /// It has ended without being done.
        case fail(SyncError)
    }

    private enum State: Sendable {
        case idle
        case preparing
        case sending
        case applying
        case waiting
        case ended
    }

    private let options: Options
    private var state = State.idle
    private var summary = SyncSummary()
    private var request: [UInt8] = []
    private var answer: [UInt8] = []
    private var failures = 0
    private var stalls = 0
    /// How often the hub was busy since anything moved, and how long it asked to wait, in ms.
    private var busies = 0
    private var busyWait: UInt64 = 0
    private var toSend = 0
    private var toReceive = 0
    private var probesUpload = false
    /// Whether the answer is one that the hub may have kept from an earlier exchange of the same
    /// request: it serves, but it is not the last word.
    private var mayBeOld = false
    /// The most of the request that the hub ever said it has, and the most of its answer that was
    /// ever here: growth beyond is progress.
    private var uploaded = 0
    private var downloaded = 0

    /// Makes a session that has not begun.
    public init(options: Options = Options()) {
        self.options = options
    }

    /// Takes an event and says what is to be done.
    ///
    /// - `random`: sixty-four random bits, for the jitter of a wait.
    public mutating func receive(_ event: Event, random: UInt64) -> [Effect] {
        switch (state, event) {
        case (.idle, .start):
            return prepare() + [report(.connecting)]
        case (.preparing, .prepared(let request, let changes, let waiting)):
            self.request = request
            toSend = max(toSend, summary.changesUp.addingSaturating(max(waiting, changes)))
            answer = []
            probesUpload = false
            uploaded = 0
            downloaded = 0
            return send() + (changes > 0 ? [report(.sending)] : [])
        case (.sending, .received(let bytes)):
            return received(bytes)
        case (.sending, .failed(let error)):
            return failed(error, random: random)
        case (.applying, .applied(let outcome)):
            return applied(outcome, random: random)
        case (.preparing, .rejected(let error)), (.applying, .rejected(let error)):
            return fail(error)
        case (.waiting, .woke):
            return request.isEmpty ? prepare() : send()
        default:
            // A late event of a step that is over.
            return []
        }
    }

    private mutating func prepare() -> [Effect] {
        state = .preparing
        request = []
        return [
            .prepare(pushBytesMax: options.pushBytesMax, pullBytesMax: options.pullBytesMax)
        ]
    }

    private mutating func send() -> [Effect] {
        state = .sending
        summary.roundTrips += 1
        let transfer: Transfer
        if !answer.isEmpty {
            transfer = .resume(digest: Transfer.digest(of: request), offset: answer.count)
        } else if request.count >= options.partBytesMin {
            // After a failure first ask how much arrived, with an empty part. If all had, the answer
            // is one that was kept: if nothing of this exchange had, from an earlier one.
            mayBeOld = probesUpload
            transfer = .part(
                digest: Transfer.digest(of: request),
                total: request.count,
                offset: 0,
                bytes: probesUpload ? [] : request
            )
        } else {
            mayBeOld = false
            transfer = .message(request)
        }
        return send(transfer)
    }

    private mutating func send(_ transfer: Transfer) -> [Effect] {
        let bytes = transfer.encoded
        summary.requestBytes += bytes.count
        return [.send(bytes)]
    }

    private mutating func received(_ bytes: [UInt8]) -> [Effect] {
        summary.responseBytes += bytes.count
        let transfer: Transfer
        do {
            transfer = try Transfer.downward(bytes)
        } catch {
            return fail(
                SyncError(.notAHub, "the answer is not a hub's (\(error)); check the address")
            )
        }
        switch transfer {
        case .message(let bytes):
            failures = 0
            state = .applying
            return [.apply(bytes)]
        case .rest(let rest):
            guard !answer.isEmpty else {
                return fail(SyncError(.invalidAnswer, "the rest of an answer nobody asked for"))
            }
            guard let whole = rest?.completing(answer) else {
                // The hub has dropped the answer, or has another one: ask the question again.
                Mark.answerForgotten.hit()
                answer = []
                return send()
            }
            Mark.answerResumed.hit()
            answer = []
            failures = 0
            state = .applying
            return [.apply(whole)]
        case .progress(let offset):
            guard offset < request.count, request.count >= options.partBytesMin else {
                return fail(SyncError(.invalidAnswer, "the hub counts more bytes than were sent"))
            }
            // Bytes were sent: a hub that has none of them has dropped them, or is none.
            if offset > 0 { Mark.requestResumed.hit() }
            if offset > uploaded {
                uploaded = offset
                hasMoved()
            } else if !probesUpload {
                failures += 1
            }
            guard failures < options.triesMax else {
                return fail(SyncError(.stalled, "the hub does not keep what is sent to it"))
            }
            summary.roundTrips += 1
            probesUpload = false
            mayBeOld = false
            return send(
                .part(
                    digest: Transfer.digest(of: request),
                    total: request.count,
                    offset: offset,
                    bytes: Array(request[offset...])
                )
            )
        case .resume, .part:
            return fail(SyncError(.notAHub, "the answer is a device's message"))
        }
    }

    private mutating func failed(_ error: TransportError, random: UInt64) -> [Effect] {
        summary.responseBytes += error.received.count
        guard error.isTransient else {
            return fail(
                SyncError(error.code == .notAHub ? .notAHub : .refused, error.message)
            )
        }
        keep(error.received)
        probesUpload = true
        if answer.count > downloaded {
            downloaded = answer.count
            hasMoved()
        }
        guard answer.count <= WireLimits.standard.bodyBytesMax else {
            return fail(SyncError(.invalidAnswer, "the hub's answer has no end"))
        }
        if case .busy(let milliseconds) = error.code {
            return busy(milliseconds, random: random, reason: error.message)
        }
        failures += 1
        guard failures < options.triesMax else {
            return fail(
                SyncError(
                    .unreachable,
                    "\(error.message); tried \(failures) times, what was recorded waits here"
                )
            )
        }
        return wait(atLeast: 0, random: random, reason: error.message)
    }

    /// Keeps the part of an answer that arrived, to ask for the rest only.
    private mutating func keep(_ received: [UInt8]) {
        guard received.count > 1_024 else { return }
        switch (answer.isEmpty, received[0]) {
        case (true, 1): answer = received
        case (false, 2):
            answer += Transfer.cutRest(received) ?? []
        default: break
        }
    }

    /// Something came through: what failed before does not count any more.
    private mutating func hasMoved() {
        failures = 0
        busies = 0
        busyWait = 0
    }

    private mutating func busy(
        _ milliseconds: UInt64,
        random: UInt64,
        reason: String
    ) -> [Effect] {
        guard busies < options.busyTriesMax, busyWait < options.busyMax else {
            return fail(
                SyncError(
                    .unreachable,
                    "\(reason); it put this device off \(busies) times, "
                        + "what was recorded waits here"
                )
            )
        }
        busies += 1
        busyWait = busyWait.addingSaturating(milliseconds)
        return wait(atLeast: milliseconds, random: random, reason: reason)
    }

    private mutating func applied(_ outcome: Outcome, random: UInt64) -> [Effect] {
        summary.changesUp = summary.changesUp.addingSaturating(outcome.acknowledged)
        summary.entriesDown = summary.entriesDown.addingSaturating(outcome.entries)
        summary.quarantined = summary.quarantined.addingSaturating(outcome.quarantined)
        summary.reincarnatedAs = outcome.reincarnatedAs ?? summary.reincarnatedAs
        request = []
        if let busy = outcome.busy {
            return self.busy(busy, random: random, reason: "the hub is busy")
        }
        if outcome.waiting == 0, outcome.ahead == 0, !mayBeOld {
            state = .ended
            return [report(.finished), .finish(summary)]
        }
        if outcome.moved { hasMoved() }
        stalls = outcome.moved ? 0 : stalls + 1
        guard stalls < 3 else {
            return fail(
                SyncError(
                    .stalled,
                    "the hub answers, but neither takes the \(outcome.waiting) waiting changes "
                        + "nor sends the \(outcome.ahead) entries it has"
                )
            )
        }
        toReceive = max(
            toReceive,
            summary.entriesDown.addingSaturating(Int(clamping: outcome.ahead))
        )
        let phase: SyncProgress.Phase = outcome.waiting > 0 ? .sending : .receiving
        return [report(phase)] + prepare()
    }

    private mutating func wait(
        atLeast milliseconds: UInt64,
        random: UInt64,
        reason: String
    ) -> [Effect] {
        state = .waiting
        summary.retries += 1
        let doublings = UInt64(min(max(failures - 1, busies - 1, 0), 20))
        let ceiling = min(options.backoffMax, options.backoffFirst << doublings)
        // Full jitter, so that devices which lost the same link do not return together.
        let jitter = ceiling == 0 ? 0 : random % (ceiling + 1)
        return [
            report(.waiting, reason: reason),
            .wait(milliseconds: min(milliseconds, options.busyMax).addingSaturating(jitter)),
        ]
    }

    private mutating func fail(_ error: SyncError) -> [Effect] {
        state = .ended
        return [.fail(error)]
    }

    private func report(_ phase: SyncProgress.Phase, reason: String? = nil) -> Effect {
        let isReceiving = phase == .receiving
        return .report(
            SyncProgress(
                phase: phase,
                done: isReceiving ? summary.entriesDown : summary.changesUp,
                of: isReceiving ? toReceive : toSend,
                bytes: summary.requestBytes + summary.responseBytes,
                reason: reason
            )
        )
    }
}

extension FixedWidthInteger {
    /// The sum, or the largest number there is: counts that a hub sends must not trap.
    fileprivate func addingSaturating(_ other: Self) -> Self {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? .max : sum
    }
}
