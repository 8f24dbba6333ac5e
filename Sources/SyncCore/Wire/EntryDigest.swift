import Crypto
import Replication

/// What stands in an entry for the writes that were collected.
enum EntryDigest {
    /// How many bytes of the SHA-256 are kept.
    static let bytes = 16
}

extension LogEntry {
    /// A digest of the whole entry; of one whose writes were collected, of the entry as it was.
    ///
    /// Over the bytes of a batch of this one entry, by identity and without sequence, so that every
    /// replica comes to the same.
    package var digest: [UInt8] {
        if let digest = digestOfCollected { return digest }
        let batch = Batch(entries: [Batch.Item(entry: self)], isSequenced: false)
        return Array(SHA256.hash(data: BatchEncoder.encode(batch)).prefix(EntryDigest.bytes))
    }

    /// Whether this is the hub's word that a record's content goes.
    package var isCollection: Bool {
        actions.contains { if case .collect = $0 { true } else { false } }
    }

    /// Whether writes of this entry were collected.
    package var isSkeleton: Bool { digestOfCollected != nil }

    private var digestOfCollected: [UInt8]? {
        for case .collected(let digest) in actions { return digest }
        return nil
    }

    /// The entry without the writes that are collected: a digest stands for them.
    package func collected(keeping fields: [UInt32]) -> LogEntry {
        let staying = actions.filter { action in
            if case .write(let slot, _) = action { fields.contains(slot.field) } else { true }
        }
        guard staying.count < actions.count else { return self }
        var skeleton = self
        skeleton.actions = isSkeleton ? staying : staying + [.collected(digest: digest)]
        return skeleton
    }

    /// Whether both are the same entry, one of them perhaps without what was collected.
    package func isSame(as other: LogEntry) -> Bool {
        if self == other { return true }
        guard isSkeleton || other.isSkeleton else { return false }
        return digest == other.digest
    }
}
