import Dispatch
import Replication
import Synchronization

extension Replica {
    /// Syncs with a hub: own changes go up, others' come down, until both sides have the same.
    ///
    /// The stream ends after phase `.finished` when the sync is done; it throws `SyncError` when it
    /// cannot be. What was recorded is safe either way. Ending the iteration early cancels the sync.
    /// When the task that iterates is cancelled the stream ends without an error and without
    /// `.finished`.
    public func sync(
        with hub: any SyncTransport,
        options: SyncSession.Options = SyncSession.Options()
    ) -> AsyncThrowingStream<SyncProgress, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await self.synchronize(with: hub, options: options) {
                        continuation.yield($0)
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Syncs with a hub and returns what it did.
    ///
    /// The work on the store runs on a thread of its own.
    ///
    /// - Throws: `SyncError`; `CancellationError` when the task is cancelled.
    @discardableResult
    public func synchronize(
        with hub: any SyncTransport,
        options: SyncSession.Options = SyncSession.Options(),
        report: @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws -> SyncSummary {
        let isFree = isSyncing.withLock { busy in
            defer { busy = true }
            return !busy
        }
        guard isFree else {
            throw SyncError(.alreadySyncing, "this replica is being synced already")
        }
        defer { isSyncing.withLock { $0 = false } }
        let random = core.withLock { $0.environment.random }
        var session = SyncSession(options: options)
        var effects = session.receive(.start, random: random())
        while true {
            var event: SyncSession.Event?
            for effect in effects {
                try Task.checkCancellation()
                switch effect {
                case .report(let progress): report(progress)
                case .finish(let summary): return summary
                case .fail(let error): throw error
                case .prepare, .apply: event = await performAside(effect)
                case .wait(let milliseconds):
                    try await Task.sleep(for: .milliseconds(Int64(clamping: milliseconds)))
                    event = .woke
                case .send(let bytes):
                    do {
                        event = .received(try await hub.exchange(bytes))
                    } catch {
                        event = .failed(error)
                    }
                }
            }
            guard let event else {
                throw SyncError(.stalled, "the session has nothing left to do")
            }
            effects = session.receive(event, random: random())
        }
    }

    /// Carries out an effect that concerns the store, and returns what came of it.
    ///
    /// Drivers that bring their own time and network, such as a simulator, use this beside
    /// `SyncSession`.
    public func perform(_ effect: SyncSession.Effect) -> SyncSession.Event? {
        do {
            switch effect {
            case .prepare(let pushBytesMax, let pullBytesMax, let holdSeconds):
                let prepared = try core.withLock {
                    try $0.prepare(
                        pushBytesMax: pushBytesMax,
                        pullBytesMax: pullBytesMax,
                        holdSeconds: holdSeconds,
                        dictionary: dictionary
                    )
                }
                return .prepared(
                    request: prepared.bytes,
                    changes: prepared.changes,
                    waiting: prepared.waiting
                )
            case .apply(let bytes):
                let outcome = try core.withLock { core in
                    let (outcome, touched) = try core.apply(bytes, dictionary: dictionary)
                    notify(touched, origin: .remote)
                    return outcome
                }
                return .applied(outcome)
            default: return nil
            }
        } catch let error as SyncError {
            return .rejected(error)
        } catch let error as WireError {
            return .rejected(SyncError(.invalidAnswer, "the hub's answer: \(error)"))
        } catch let error as StoreError {
            if case .apply = effect, error.code == .full { Mark.applyFull.hit() }
            return .rejected(SyncError(.store, error.message, store: error.code))
        } catch {
            return .rejected(SyncError(.store, "\(error)"))
        }
    }

    /// Carries out an effect on a thread that may block.
    private func performAside(_ effect: SyncSession.Effect) async -> SyncSession.Event? {
        await withCheckedContinuation { continuation in
            let loan = Loan(self)
            syncQueue.async { continuation.resume(returning: loan.perform(effect)) }
        }
    }

    /// A replica on its way to another thread, which gives it back before it answers: a store closes
    /// with its last reference, and whoever had the answer may open its files again at once.
    private final class Loan: Sendable {
        private let replica: Mutex<Replica?>

        init(_ replica: Replica) { self.replica = Mutex(replica) }

        func perform(_ effect: SyncSession.Effect) -> SyncSession.Event? {
            replica.withLock { $0.take() }?.perform(effect)
        }
    }

    /// Chooses what to receive: the records of these scopes, or of all when empty.
    ///
    /// The next sync tells the hub. Records that are in none of the new scopes leave this store, but
    /// for those that it made and that the hub does not have yet: what a device makes outside its
    /// scopes it goes on seeing.
    public func subscribe(to scopes: [String]) throws {
        // By their bytes: two that only look the same are two.
        var sorted: [String] = []
        for scope in scopes.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where !(sorted.last?.hasSameBytes(as: scope) ?? false) {
            sorted.append(scope)
        }
        let limits = WireLimits.standard
        // The store keeps them as lines.
        let isFit = sorted.allSatisfy {
            !$0.isEmpty && $0.utf8.count <= limits.nameBytesMax
                && !$0.utf8.contains(UInt8(ascii: "\n")) && !$0.utf8.contains(0)
                && !$0.isOwnScope
        }
        let scopesMax = limits.scopesMax - ReplicaCore.formerScopesMax
        guard isFit, sorted.count <= scopesMax else {
            throw SyncError(
                .refused,
                "a scope is one line of 1 to \(limits.nameBytesMax) bytes, none is a replica's "
                    + "own (replica:…), and a device has "
                    + "at most \(scopesMax)"
            )
        }
        try core.withLock { core in
            try core.write { db in
                let isSame = core.hub.scopes.elementsEqual(sorted) { $0.hasSameBytes(as: $1) }
                guard !isSame else { return }
                guard core.hub.transition == nil else {
                    throw SyncError(
                        .refused,
                        "the last change of scopes is still under way; sync first, then change"
                    )
                }
                if core.hub.cursor > 0 {
                    core.hub.transition = SyncRequest.Transition(from: core.hub.scopes, after: 0)
                }
                core.hub.scopes = sorted
                core.hub.registration = nil
                try core.storeHub(db)
            }
        }
    }
}
