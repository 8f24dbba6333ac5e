import Replication
import SyncCore

/// The changes that were acknowledged to one device, each known by its content.
///
/// The content is the time, the author and what was done to which records: it stays the same when
/// a clone takes a new identity and its changes get other numbers. Only counters' totals do not,
/// which are their writer's, and are left out. Hashes are compared within one run only, so the
/// process's own hashing will do.
struct ChangeLedger {
    /// Everything that the device promised to keep.
    private(set) var acknowledged: [Int] = []
    /// Those that a restore took off the device's disk before the hub had them.
    private(set) var overwritten: Set<Int> = []

    private let schema: Schema

    init(_ schema: Schema) { self.schema = schema }

    /// Notes a change, its entries in order.
    mutating func add(_ entries: [LogEntry]) {
        acknowledged += ChangeLedger.contents(entries, schema)
    }

    /// The files are replaced by older ones.
    ///
    /// - Parameters:
    ///   - waiting: what waited in the files' outbox and is gone with them.
    ///   - kept: what had been acknowledged when the other files were kept, if this device's.
    mutating func restore(waiting: Set<Int>, kept: ChangeLedger?) {
        overwritten.formUnion(waiting.subtracting(kept?.acknowledged ?? []))
    }

    /// The contents of several changes whose entries follow each other.
    static func contents(_ entries: [LogEntry], _ schema: Schema) -> [Int] {
        var result: [Int] = []
        var start = 0
        for index in entries.indices.dropFirst() where entries[index].dot != entries[start].dot {
            result.append(content(entries[start..<index], schema))
            start = index
        }
        if start < entries.count { result.append(content(entries[start...], schema)) }
        return result
    }

    private static func content(_ entries: ArraySlice<LogEntry>, _ schema: Schema) -> Int {
        var hasher = Hasher()
        for entry in entries {
            hasher.combine(entry.timestamp)
            hasher.combine(entry.author)
            hasher.combine(entry.reason)
            hasher.combine(entry.record)
            let record = schema.record(entry.record.type)
            for action in entry.actions {
                if case .write(let slot, _) = action, record?.policy(of: slot) == .counter {
                    hasher.combine(slot)
                } else {
                    hasher.combine(action)
                }
            }
        }
        return hasher.finalize()
    }
}
