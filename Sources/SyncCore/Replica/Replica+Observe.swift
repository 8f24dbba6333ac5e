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

    /// A record that has a new address.
    public struct Renaming: Hashable, Sendable {
        /// The address that it had.
        public let from: RecordKey
        /// The address that it has.
        public let to: RecordKey
    }

    /// The records that were touched, in order.
    public let records: [RecordKey]
    /// Where the commit came from.
    public let origin: Origin
    /// Records that this store had created and recorded again under a new identity, after the hub
    /// found it to be a clone or restored from a backup: kept references follow these.
    public let renamed: [Renaming]
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

    /// Tells the observers of a commit.
    ///
    /// Called while the store is held, so that they hear of commits in their order.
    func notify(_ touched: Touched, origin: StoreChange.Origin) {
        guard !touched.records.isEmpty else { return }
        let change = StoreChange(
            records: touched.records,
            origin: origin,
            renamed: touched.renamed
        )
        let listeners = observers.withLock { $0.continuations.map(\.continuation) }
        for listener in listeners { listener.yield(change) }
    }
}
