import MergeServer
import Oracle
import Replication
import SyncCore

/// What operators do at the hub: deleted records are closed and collected, silent replicas retired.
extension FleetRun {
    /// Compacts the hub; nothing that people see may change by it.
    func compact(olderThan age: Int64) throws {
        guard now >= hub.downUntil, let storage = hub.storage else { return }
        let before = try hub.visible(storage)
        var options = HubCompaction.Options()
        options.olderThan = age
        options.recordsMax = 3
        let done: HubCompaction
        do {
            done = try hub.disk.whileFailing { try storage.compact(options, now: clock.now) }
        } catch is StoreError where hub.disk.hasStruck {
            return report.count("disk failed a compaction")
        }
        report.count("closed records", by: done.closed)
        report.count("collected records", by: done.collected)
        note("  closed \(done.closed), collected \(done.collected), \(done.waiting) wait")
        digest.add("\(done.closed) \(done.collected) \(done.waiting)".utf8)
        try readHubLog()
        if try hub.visible(storage) != before {
            violate(.noLoss, "a compaction has changed what the hub shows")
        }
    }

    /// Retires who has been silent the longest.
    func retire(silentFor limit: Int64) throws {
        guard now >= hub.downUntil, let storage = hub.storage else { return }
        let silent = try storage.roster(now: clock.now).filter { $0.retiredAt == nil }
            .min { ($0.silentSince, $0.replica) < ($1.silentSince, $1.replica) }
        guard let silent, clock.now - silent.silentSince >= limit else { return }
        try storage.retire(silent.replica, reason: "", silentFor: limit, now: clock.now)
        report.count("retired replicas", by: 1)
        note("  \(silent.replica) is retired")
    }

    /// Which change of the reference an entry of the hub's log is, and what its writer had seen.
    ///
    /// The hub's own entries have no token, and have seen all that lies before them. Whether a
    /// device has seen those is asked of its base, and of what it says of peers.
    func seen(
        by item: Batch.Item,
        after earlier: [NaiveChange]
    ) -> (FleetToken, Set<UInt64>)? {
        let entry = item.entry
        guard let token = FleetToken(reason: entry.reason) else {
            guard entry.isHubs else { return nil }
            return (FleetToken(item.sequence), Set(earlier.map(\.name)))
        }
        var seen = Set(ledger.seen(token, of: entry.record).map(\.value))
        for change in earlier where change.actions.contains(where: \.isHubs) {
            if change.name <= entry.context.base || entry.context.peers.contains(change.dot) {
                seen.insert(change.name)
            }
        }
        return (token, seen)
    }

    /// I10: content goes only when everybody whom the hub knew has heard that the record is closed.
    func checkWaited() {
        let excuses: [FleetEvent.Verb] = [.retire, .restore]
        guard report.violations.isEmpty, !plan.events.contains(where: { excuses.contains($0.verb) })
        else { return }
        var known: [ReplicaID: UInt64] = [:]
        var closed: [RecordKey: UInt64] = [:]
        // A record may be begun anew and end again: each collection has the close before it.
        var collected: [RecordKey: (at: UInt64, close: UInt64)] = [:]
        for item in log.items {
            let entry = item.entry
            if entry.actions.contains(.close) { closed[entry.record] = item.sequence }
            if entry.isCollection, let close = closed[entry.record] {
                collected[entry.record] = (item.sequence, close)
            }
            let first = known[entry.dot.replica] ?? item.sequence
            known[entry.dot.replica] = first
            guard !entry.isHubs, let end = collected[entry.record],
                entry.context.base < end.close, first < end.at
            else { continue }
            violate(
                .noResurrection,
                "\(entry.record.id) was collected at \(end.at), and \(entry.dot) was still to come"
            )
        }
    }
}

extension LogEntry {
    fileprivate var isHubs: Bool { actions.contains(where: \.isHubs) }
}

extension Operation.Action {
    fileprivate var isHubs: Bool {
        switch self {
        case .close, .collect: true
        default: false
        }
    }
}
