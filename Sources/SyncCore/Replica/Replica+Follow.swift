import Replication
import Synchronization

extension Replica {
    /// Keeps this replica in step with a hub until the iteration or the task ends.
    ///
    /// Syncs now, whenever something is recorded here, and when the hub has news, which arrives with
    /// the answer that the hub holds back until then (docs/held-requests.md). A link that is down is
    /// tried again, at most a minute apart; what was recorded is safe meanwhile. A phase
    /// `.listening` says that both sides have the same.
    ///
    /// - Parameters:
    ///   - hub: its timeout must be longer than `holdSeconds`.
    ///   - holdSeconds: how long the hub may hold an answer; the hub may answer earlier.
    ///   - options: of each sync.
    /// - Returns: a stream that throws `SyncError` for what does not pass by itself: an address that
    ///   is no hub, a hub that refuses, a damaged store.
    public func follow(
        _ hub: any SyncTransport,
        holdSeconds: UInt64 = 45,
        options: SyncSession.Options = SyncSession.Options()
    ) -> AsyncThrowingStream<SyncProgress, any Error> {
        var options = options
        options.holdSeconds = min(max(holdSeconds, 1), SyncRequest.holdSecondsMax)
        let follower = Follower(replica: self, hub: hub, options: options)
        return AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await follower.run { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

/// One sync after the other, each held by the hub, and dropped when something is recorded.
private struct Follower {
    let replica: Replica
    let hub: any SyncTransport
    let options: SyncSession.Options

    /// Until the task is cancelled.
    func run(report: @escaping @Sendable (SyncProgress) -> Void) async throws {
        // Rounds in a row that failed, or were answered at once with nothing: a hub that does not
        // hold must not be asked without a pause.
        var vain: UInt64 = 0
        // Only a device that is up to date asks the hub to hold.
        var isCurrent = false
        while !Task.isCancelled {
            do {
                let begin = ContinuousClock.now
                let summary = try await round(isHeld: isCurrent, report)
                let isQuick = ContinuousClock.now - begin < .seconds(1)
                let isVain = isCurrent && isQuick && summary.map(\.isEmpty) ?? false
                vain = isVain ? vain + 1 : 0
                isCurrent = summary != nil
            } catch is CancellationError {
                return
            } catch let error as SyncError
                where error.code == .unreachable || error.code == .alreadySyncing
            {
                isCurrent = false
                vain += 1
                report(SyncProgress(phase: .waiting, done: 0, of: 0, bytes: 0, reason: "\(error)"))
            }
            if vain > 0 { try? await pause(after: vain) }
        }
    }

    /// Waits longer each time, and not as long as everybody else.
    private func pause(after times: UInt64) async throws {
        let ceiling = min(options.backoffMax, options.backoffFirst << min(times, 16))
        let random = replica.core.withLock { $0.environment.random() }
        let milliseconds = ceiling / 2 + random % (ceiling / 2 + 1)
        try await Task.sleep(for: .milliseconds(Int64(clamping: milliseconds)))
    }

    /// One sync, to its end or until something is recorded while the hub holds it.
    ///
    /// - Returns: what it did; nil when it was dropped.
    private func round(
        isHeld: Bool,
        _ report: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> SyncSummary? {
        let changes = replica.changes()
        let hearing = Hearing()
        var options = options
        if !isHeld { options.holdSeconds = nil }
        let chosen = options
        return try await withThrowingTaskGroup(of: SyncSummary?.self) { group in
            group.addTask {
                try await replica.synchronize(with: hub, options: chosen) { progress in
                    if progress.phase == .listening { hearing.begin() }
                    report(progress)
                }
            }
            group.addTask {
                for await change in changes where change.origin == .local { hearing.interrupt() }
                return nil
            }
            group.addTask {
                for await _ in hearing.interruptions { break }
                return nil
            }
            let summary = try await group.next() ?? nil
            group.cancelAll()
            // Whatever was under way is over before the next sync begins.
            while await group.nextResult() != nil {}
            try Task.checkCancellation()
            return summary
        }
    }
}

/// Whether a sync is to be dropped: only while it listens, and then at once.
private final class Hearing: Sendable {
    private struct State {
        var isListening = false
        var isInterrupted = false
    }

    private let state = Mutex(State())
    private let continuation: AsyncStream<Void>.Continuation
    /// Something was recorded while the sync listened, or before.
    let interruptions: AsyncStream<Void>

    init() { (interruptions, continuation) = AsyncStream.makeStream() }

    /// The sync listens from now on.
    func begin() { note { $0.isListening = true } }

    /// Something was recorded.
    func interrupt() { note { $0.isInterrupted = true } }

    private func note(_ change: (inout State) -> Void) {
        let isOver = state.withLock { state in
            change(&state)
            return state.isListening && state.isInterrupted
        }
        if isOver { continuation.yield() }
    }
}

extension SyncSummary {
    /// Whether nothing went up or came down.
    fileprivate var isEmpty: Bool { changesUp == 0 && entriesDown == 0 && reincarnatedAs == nil }
}
