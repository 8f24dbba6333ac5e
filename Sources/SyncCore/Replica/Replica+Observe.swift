public import Replication
import Synchronization

/// A commit that touched records.
public struct StoreChange: Hashable, Sendable {
    /// Where the commit came from.
    public enum Origin: Hashable, Sendable {
        /// A write on this device.
        case local
        /// A sync or a peer.
        case remote
    }

    /// The records that were touched, in order.
    public let records: [RecordKey]
    /// Where the commit came from.
    public let origin: Origin
}

/// Who wants to know of commits.
struct Observers: Sendable {
    var continuations: [(id: UInt64, continuation: AsyncStream<StoreChange>.Continuation)] = []
    var next: UInt64 = 0
}

extension Replica {
    /// The commits from now on, as they happen.
    ///
    /// A slow reader loses none: changes are kept for it in memory until it takes them or ends.
    public func changes() -> AsyncStream<StoreChange> {
        AsyncStream { continuation in
            let id = observers.withLock { observers in
                defer { observers.next += 1 }
                observers.continuations.append((observers.next, continuation))
                return observers.next
            }
            continuation.onTermination = { [weak self] _ in
                self?.observers.withLock { $0.continuations.removeAll { $0.id == id } }
            }
        }
    }

    func notify(_ records: [RecordKey], origin: StoreChange.Origin) {
        guard !records.isEmpty else { return }
        let change = StoreChange(records: records, origin: origin)
        let listeners = observers.withLock { $0.continuations.map(\.continuation) }
        for listener in listeners { listener.yield(change) }
    }
}
