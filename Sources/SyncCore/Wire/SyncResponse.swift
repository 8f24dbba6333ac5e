public import Replication

/// What the hub answers: where the device's changes stand now, and what others have written.
///
/// Layout:
///
///     kind          1 byte, 1; it stands for the version of the protocol too
///     status        1 byte; 0 done, and the rest follows
///                   1 introduce yourself; nothing follows
///                   2 gap: expected counter, varint
///                   3 fork: first forked counter, varint
///                   4 refused: code varint, text
///                   5 busy: wait in ms, varint
///                   6 new epoch: 16 bytes, and the births of epochs as at `EpochNews`
///     flags         1 byte: 1 registration, 2 receipts, 4 leaves, 8 quarantine, 16 entries,
///                   32 more than this page, 64 transition, 128 news of epochs
///     registration  number varint, tag 4 bytes, epoch 16 bytes
///     through       varint: the device now has everything up to this hub sequence
///     head          varint, only with flag 32: the hub's last sequence − through
///     transition    varint, only with flag 64: records done up to this number, 0 for all
///     receipts      varint n, then for each replica: id 8 bytes, runs, bounds, record numbers
///     leaves        varint n, record numbers
///     quarantine    varint n, then counter varint and reason text each
///     news          as at `EpochNews`
///     entries       CompressedBlock of a sequenced batch, to the end
public struct SyncResponse: Hashable, Sendable {
    /// What became of the request.
    public enum Status: Hashable, Sendable {
        /// It was carried out.
        case done
        /// The hub does not know this registration: introduce yourself.
        case introduce
        /// The push does not follow what the hub has: send again from this counter.
        case gap(expected: UInt64)
        /// The hub has another change under this counter of this replica: the store was cloned or
        /// restored. Take a new replica id and send these changes again under it.
        case fork(counter: UInt64)
        /// The hub will not take this request, whatever is tried.
        case refused(code: UInt64, message: String)
        /// The hub has too much to do: try again after this many milliseconds.
        case busy(milliseconds: UInt64)
        /// The hub lives a new epoch; the news say how it began. What the device has of an earlier
        /// one and the hub has not goes up again.
        case newEpoch(Epoch)
    }

    /// The number and tag that stand for the replica in this epoch.
    public struct Registration: Hashable, Sendable {
        /// The number.
        public var number: UInt64
        /// Four random bytes that bind the number to this hub, epoch and subscription.
        public var tag: UInt32
        /// The hub's epoch.
        public var epoch: Epoch

        /// Makes a registration.
        public init(number: UInt64, tag: UInt32, epoch: Epoch) {
            self.number = number
            self.tag = tag
            self.epoch = epoch
        }
    }

    /// Where one replica's changes stand in the hub's order.
    public struct ReplicaReceipts: Hashable, Sendable {
        /// The replica: the device itself, or one whose changes it met directly.
        public var replica: ReplicaID
        /// Where its changes stand.
        public var runs: [Receipts.Run]
        /// Changes whose clock was ahead of the hub's, with the hub's bound.
        public var bounds: [Bound]
        /// The hub's numbers of the records these changes touch and the device may not know.
        public var records: [RecordNumber]

        /// Makes receipts.
        public init(
            replica: ReplicaID,
            runs: [Receipts.Run],
            bounds: [Bound],
            records: [RecordNumber]
        ) {
            self.replica = replica
            self.runs = runs
            self.bounds = bounds
            self.records = records
        }
    }

    /// The hub's bound for one change's time.
    public struct Bound: Hashable, Sendable {
        /// Which change.
        public var counter: UInt64
        /// The latest time that it can have been written.
        public var timestamp: HybridTimestamp

        /// Makes a bound.
        public init(counter: UInt64, timestamp: HybridTimestamp) {
            self.counter = counter
            self.timestamp = timestamp
        }
    }

    /// The hub's number of the record that an entry created.
    public struct RecordNumber: Hashable, Sendable {
        /// The change.
        public var counter: UInt64
        /// Which of its entries.
        public var part: UInt32
        /// The hub's number of that entry's record.
        public var number: UInt64

        /// Makes a record number.
        public init(counter: UInt64, part: UInt32, number: UInt64) {
            self.counter = counter
            self.part = part
            self.number = number
        }
    }

    /// A change that the hub holds apart for want of authority.
    public struct Quarantined: Hashable, Sendable {
        /// Which change.
        public var counter: UInt64
        /// Why.
        public var reason: String

        /// Makes an entry of the list.
        public init(counter: UInt64, reason: String) {
            self.counter = counter
            self.reason = reason
        }
    }

    /// What became of the request.
    public var status: Status
    /// Given when the request introduced a replica.
    public var registration: Registration?
    /// The device has everything in its scopes up to this hub sequence, once this is applied.
    public var through: UInt64
    /// While a subscription changes: records up to this number are done; 0 when all are.
    public var transitionThrough: UInt64?
    /// The hub's last sequence: how far there is to go.
    public var head: UInt64
    /// Where the device's own and peer-met changes stand.
    public var receipts: [ReplicaReceipts]
    /// Records, by hub number, that have left the device's scopes.
    public var leaves: [UInt64]
    /// The device's changes that are held apart.
    public var quarantined: [Quarantined]
    /// What the device may not know of the hub's earlier epochs.
    public var news = EpochNews()
    /// Others' entries, in the hub's order.
    public var entries: Batch

    /// Makes a response.
    public init(
        status: Status,
        registration: Registration? = nil,
        through: UInt64 = 0,
        head: UInt64 = 0,
        receipts: [ReplicaReceipts] = [],
        leaves: [UInt64] = [],
        quarantined: [Quarantined] = [],
        entries: Batch = Batch(isSequenced: true)
    ) {
        self.status = status
        self.registration = registration
        self.through = through
        self.head = head
        self.receipts = receipts
        self.leaves = leaves
        self.quarantined = quarantined
        self.entries = entries
    }
}
