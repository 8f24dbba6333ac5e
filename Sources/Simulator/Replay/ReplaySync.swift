import MergeServer
import Replication
import SyncCore

/// One sync event: a link to the hub for once, driven effect by effect.
///
/// A sync whose link is lost, cut or used up ends there; nothing is tried again before the next sync
/// event. The session stays in the device's memory, as it does in an app that waits for a network:
/// the next event goes on with what was cut.
struct ReplaySync {
    /// What came of it.
    struct Outcome {
        var changesUp = 0
        var changesDown = 0
        /// Why it ended without being done.
        var failure: SyncError?
        var link: ReplayLink
        /// CPU time of the device.
        var deviceCost = ReplayCost()
    }

    /// Below this no exchange is begun that a budget must pay for.
    private static let budgetMin = 64
    /// A hub that stays busy is a fault, not a reason to wait for ever.
    private static let waitsMax = 64
    /// A small budget needs requests that can be carried in pieces.
    private static let finePartBytesMin = 512
    /// How many links in a row may fail before a session starts anew.
    private static let triesMax = 1_000

    private let device: ReplayDevice
    private let replica: Replica
    private var outcome: Outcome
    /// Why the link is gone.
    private var broken: TransportError?
    /// Whether the first large request begins with the question how much of it the hub has.
    private var asksFirst = false

    init(_ device: ReplayDevice, link: ReplayLink) throws {
        self.device = device
        replica = try device.replica()
        outcome = Outcome(link: link)
    }

    /// Runs the session to its end.
    mutating func run() -> Outcome {
        let before = replica.account()
        var (session, event, isResumed) = begin()
        var waits = 0
        while outcome.failure == nil {
            let effects = session.session.receive(event, random: device.network.next())
            var next: SyncSession.Event?
            var isDone = false
            var isWaiting = false
            for effect in effects {
                switch effect {
                case .report: break
                case .finish: isDone = true
                case .fail(let error): outcome.failure = error
                case .wait:
                    isWaiting = true
                    next = .woke
                default: next = step(effect)
                }
            }
            if isDone {
                guard isResumed else { break }
                // What was cut is an answer of an earlier time: ask what has come since.
                (session, event, isResumed) = (fresh(), .start, false)
                continue
            }
            if isWaiting, let broken {
                device.interrupted = session
                outcome.failure = SyncError(.unreachable, broken.message)
                break
            }
            waits += isWaiting ? 1 : 0
            if outcome.failure == nil, next == nil || waits > ReplaySync.waitsMax {
                outcome.failure = SyncError(.stalled, "the sync does not come to an end")
            }
            if let next { event = next }
        }
        count(before, replica.account())
        return outcome
    }

    /// The session that waits in the device's memory, or a new one.
    private mutating func begin() -> (InterruptedSync, SyncSession.Event, isResumed: Bool) {
        defer { device.interrupted = nil }
        guard let waiting = device.interrupted else { return (fresh(), .start, false) }
        if !waiting.isFine && outcome.link.budget != nil {
            // The hub may hold the beginning of the same request.
            asksFirst = true
            return (fresh(), .start, false)
        }
        return (waiting, .woke, true)
    }

    private func fresh() -> InterruptedSync {
        let isBudgeted = outcome.link.budget != nil
        var options = SyncSession.Options()
        options.triesMax = ReplaySync.triesMax
        if isBudgeted { options.partBytesMin = ReplaySync.finePartBytesMin }
        return InterruptedSync(session: SyncSession(options: options), isFine: isBudgeted)
    }

    private mutating func step(_ effect: SyncSession.Effect) -> SyncSession.Event? {
        switch effect {
        case .prepare(let push, let pull, _):
            return prepare(push, pull)
        case .send(let bytes):
            if asksFirst, bytes.first == 3 {
                asksFirst = false
                // After a failure, even one without a link, a session asks before it sends.
                return .failed(TransportError(.unreachable, "an earlier link was cut"))
            }
            do throws(TransportError) {
                return .received(try outcome.link.exchange(bytes))
            } catch {
                broken = error
                return .failed(error)
            }
        default:
            return outcome.deviceCost.measure { replica.perform(effect) }
        }
    }

    /// A budget makes the messages small, half for each direction, so that whole ones come through.
    private mutating func prepare(_ push: Int, _ pull: UInt64?) -> SyncSession.Event? {
        var effect = SyncSession.Effect.prepare(pushBytesMax: push, pullBytesMax: pull)
        if let budget = outcome.link.budget {
            guard budget >= ReplaySync.budgetMin else {
                outcome.failure = SyncError(.unreachable, "the budget is used up")
                return nil
            }
            let half = max(budget / 2, 1)
            effect = .prepare(
                pushBytesMax: min(push, half),
                pullBytesMax: min(pull ?? UInt64.max, UInt64(half))
            )
        }
        return outcome.deviceCost.measure { replica.perform(effect) }
    }

    /// Counts changes, not entries: a change of two records is one.
    private mutating func count(_ before: ReplicaAccount, _ after: ReplicaAccount) {
        func others(_ account: ReplicaAccount) -> UInt64 {
            account.knowledge.entries.reduce(0) { $0 + $1.counter }
                - account.knowledge[account.replica]
        }
        var down = others(after) - others(before)
        var up = after.acknowledged
        if after.replica == before.replica {
            up -= before.acknowledged
        } else {
            // The store took a new identity: what it wrote under the old one is now another's.
            let own = before.knowledge[before.replica]
            let renamed = min(after.knowledge[after.replica], own)
            down -= min(down, own - renamed)
        }
        outcome.changesUp = Int(clamping: up)
        outcome.changesDown = Int(clamping: down)
    }
}
