import Replication
import SyncCore

/// The changes that were acknowledged to one device, each known by its content.
///
/// The content is the time, the author and what was done to which records: it stays the same when
/// a clone takes a new identity and its changes get other numbers. Hashes are compared within one
/// run only, so the process's own hashing will do.
struct ChangeLedger {
    /// Everything that the device promised to keep.
    private(set) var acknowledged: [Int] = []
    /// Those that a restore took off the device's disk before the hub had them.
    private(set) var overwritten: Set<Int> = []

    /// Notes a change, its entries in order.
    mutating func add(_ entries: [LogEntry]) { acknowledged.append(ChangeLedger.content(entries)) }

    /// The files are replaced by older ones.
    ///
    /// - Parameters:
    ///   - waiting: what waited in the files' outbox and is gone with them.
    ///   - kept: what had been acknowledged when the other files were kept, if this device's.
    mutating func restore(waiting: Set<Int>, kept: ChangeLedger?) {
        overwritten.formUnion(waiting.subtracting(kept?.acknowledged ?? []))
    }

    /// The content of one change.
    static func content(_ entries: [LogEntry]) -> Int {
        var hasher = Hasher()
        for entry in entries {
            hasher.combine(entry.timestamp)
            hasher.combine(entry.author)
            hasher.combine(entry.reason)
            hasher.combine(entry.record)
            hasher.combine(entry.actions)
        }
        return hasher.finalize()
    }

    /// The contents of several changes whose entries follow each other.
    static func contents(_ entries: [LogEntry]) -> [Int] {
        var result: [Int] = []
        var start = 0
        for index in entries.indices.dropFirst() where entries[index].dot != entries[start].dot {
            result.append(content(Array(entries[start..<index])))
            start = index
        }
        if start < entries.count { result.append(content(Array(entries[start...]))) }
        return result
    }
}
