import MergeServer
import Replication
import SyncCore

/// What the hub's log is watched for, row by row as it grows.
struct FleetHubWatch {
    private struct Place: Hashable {
        let dot: Dot
        let part: UInt32
    }

    private var places: Set<Place> = []

    /// Looks at what is new; returns what is wrong with it.
    ///
    /// - `time`: the hub's clock, in ms since 1970.
    mutating func check(
        _ new: [Batch.Item],
        _ ledger: FleetLedger,
        at time: Int64
    ) -> (invariant: FleetInvariant, what: String)? {
        for item in new {
            let entry = item.entry
            guard places.insert(Place(dot: entry.dot, part: entry.part)).inserted else {
                return (.exactlyOnce, "\(entry.dot) stands twice in the hub's log")
            }
            let effective = min(entry.timestamp, item.bound ?? entry.timestamp)
            guard effective.wallTime <= time else {
                return (
                    .clockIndependence,
                    "the hub takes \(entry.dot) for \(effective.wallTime - time) ms later than it is"
                )
            }
            if let difference = ledger.difference(entry) {
                return (.unknownKept, "at the hub \(difference)")
            }
        }
        return nil
    }
}

extension FleetRun {
    /// I14: what is here is what was written, byte for byte, also what this version does not know.
    func checkEntries(_ device: FleetDevice, _ entries: [LogEntry]) {
        guard report.violations.isEmpty else { return }
        for entry in entries {
            guard let difference = ledger.difference(entry) else { continue }
            violate(.unknownKept, "on \(device.name) \(difference)")
            return
        }
    }
}

extension FleetLedger {
    /// In what an entry differs from the one that was written under its dot; nil in nothing.
    func difference(_ entry: LogEntry) -> String? {
        guard let token = FleetToken(reason: entry.reason), let change = written[token],
            let mine = change.entries.first(where: { $0.part == entry.part }),
            mine.dot == entry.dot
        else { return nil }
        guard mine.isSame(as: entry), mine.author.hasSameBytes(as: entry.author) else {
            return "\(token) of \(entry.record.id) is not as it was written: \(entry.actions) "
                + "instead of \(mine.actions)"
        }
        return nil
    }
}
