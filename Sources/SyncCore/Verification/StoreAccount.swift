package import Replication

/// What a store says of itself, small enough to compare several stores.
package struct StoreAccount: Sendable {
    /// One change's part on one record, by name.
    package struct EntryKey: Hashable, Comparable, Sendable {
        package let dot: Dot
        package let part: UInt32

        package init(_ dot: Dot, part: UInt32) {
            self.dot = dot
            self.part = part
        }

        package static func < (one: EntryKey, other: EntryKey) -> Bool {
            one.dot == other.dot ? one.part < other.part : one.dot < other.dot
        }
    }

    /// What stands under that name.
    package struct EntryMark: Sendable {
        /// The hub's number, from the row or a receipt; nil while it has none.
        package let sequence: UInt64?
        /// A digest of the entry, good within this process.
        package let content: Int
        /// The record's number in this store.
        package let record: Int64
    }

    /// What is known of a record.
    package struct RecordMark: Sendable {
        package let key: RecordKey
        /// A digest of what is shown, good within this process.
        package let shown: Int
        /// Whether anything is shown.
        package let isKnown: Bool
        /// Whether it has left this device's scopes at some time: older rows are not its history.
        package let hasLeft: Bool
    }

    package var isHub = false
    package var replica = ReplicaID(0)
    package var epoch: String?
    /// A device's cursor; a hub's head.
    package var cursor: UInt64 = 0
    /// What a device subscribes to; none for everything.
    package var scopes: [String] = []
    /// Whether a change of subscription is under way.
    package var isInTransition = false
    /// The highest own counter that the hub has answered for.
    package var acknowledged: UInt64 = 0
    /// Per replica, the highest counter known.
    package var knowledge = VersionVector()
    /// Changes held apart.
    package var heldApart: Set<Dot> = []
    package var entries: [EntryKey: EntryMark] = [:]
    package var records: [Int64: RecordMark] = [:]

    package init() {}
}
