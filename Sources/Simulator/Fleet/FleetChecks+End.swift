import Foundation
import MergeServer
import Replication
import SyncCore

/// The checks after everybody has come to rest.
extension FleetRun {
    /// All of them; the first violation ends them.
    func checkEnd() throws {
        try readHubLog()
        if let storage = hub.storage {
            let again = try FleetHubLog.read(storage, after: 0)
            let isSame = zip(again, log.items)
                .map { $0.entry == $1.entry && $0.sequence == $1.sequence && $0.bound == $1.bound }
            if let row = isSame.firstIndex(of: false) {
                violate(.denseOrder, "the hub's row \(row + 1) is not what it was")
            } else if again.count != log.items.count {
                violate(.denseOrder, "the hub has \(again.count) rows and had \(log.items.count)")
            }
        }
        try checkNothingLost()
        let reference = expected()
        try checkHub(reference)
        for device in devices where !device.isLost && report.violations.isEmpty {
            try check(device)
            try checkView(device, reference)
            try checkFiles(device)
        }
    }

    // MARK: I1, I2

    private func checkNothingLost() throws {
        var stored: [FleetToken: [LogEntry]] = [:]
        for item in log.items {
            guard let token = FleetToken(reason: item.entry.reason) else { continue }
            stored[token, default: []].append(item.entry)
        }
        var living: Set<FleetToken> = []
        for device in devices where !device.isLost {
            living.formUnion(ledger.promised[device.index])
        }
        for token in ledger.order {
            guard let change = ledger.written[token] else { continue }
            guard let found = stored[token] else {
                guard ledger.destroyed.contains(token), !living.contains(token) else {
                    let name = devices[change.device].name
                    return violate(.noLoss, "the hub has not \(token), which \(name) recorded")
                }
                continue
            }
            guard FleetRun.isSame(found, change.entries) else {
                return violate(.noLoss, "\(token) is not at the hub as it was written")
            }
        }
        if let token = stored.keys.filter({ ledger.written[$0] == nil }).min() {
            violate(.exactlyOnce, "the hub has \(token), which was acknowledged to nobody")
        }
    }

    /// Whether the hub has a change as it was written, but for the names that a new identity gives.
    private static func isSame(_ found: [LogEntry], _ written: [LogEntry]) -> Bool {
        if found == written { return true }
        guard found.count == written.count, found[0].dot != written[0].dot else { return false }
        return zip(found, written)
            .allSatisfy { found, written in
                found.timestamp == written.timestamp && found.author == written.author
                    && found.part == written.part && found.parts == written.parts
                    && FleetLedger.match(found.record, written.record)
                    && found.actions.count == written.actions.count
            }
    }

    // MARK: I7, I10

    /// What the hub's log means, record by record.
    private func expected() -> [RecordKey: FleetReference] {
        var changes: [RecordKey: [FleetReferenceChange]] = [:]
        for item in log.items {
            let entry = item.entry
            guard let token = FleetToken(reason: entry.reason) else { continue }
            changes[entry.record, default: []]
                .append(
                    FleetReferenceChange(
                        token: token,
                        dot: entry.dot,
                        time: min(entry.timestamp, item.bound ?? entry.timestamp),
                        seen: ledger.seen(token, of: entry.record),
                        actions: entry.actions
                    )
                )
        }
        var result: [RecordKey: FleetReference] = [:]
        for (key, changes) in changes {
            guard let record = schema.record(key.type) else { continue }
            result[key] = FleetReference(schema: record, changes: changes)
        }
        return result
    }

    private func checkHub(_ reference: [RecordKey: FleetReference]) throws {
        guard let storage = hub.storage, report.violations.isEmpty else { return }
        var views: [RecordKey: RecordView] = [:]
        try storage.forEachRecord { key, _, _, view in views[key] = view }
        compare("the hub", views, reference, mayHaveMore: false)
    }

    private func checkView(
        _ device: FleetDevice,
        _ reference: [RecordKey: FleetReference]
    ) throws {
        let views = try device.replica()
            .read { reading in
                var views: [RecordKey: RecordView] = [:]
                for key in try reading.allRecords() { views[key] = try reading.view(key) }
                return views
            }
        let wanted = reference.filter { isIn(device.towns, $0.key, reference) }
        let mayHaveMore = device.towns != 0 && hasMet.contains(device.index)
        compare(device.name, views, wanted, mayHaveMore: mayHaveMore)
    }

    /// Whether a record is now in one of the towns.
    private func isIn(
        _ towns: Int64,
        _ key: RecordKey,
        _ reference: [RecordKey: FleetReference]
    ) -> Bool {
        guard towns != 0, ![FleetSchema.errand, FleetSchema.sighting].contains(key.type) else {
            return true
        }
        let root = key.type == FleetSchema.measurement ? log.parent(of: key) : key
        guard let root, let values = reference[root]?.standing(FleetSchema.Field.town) else {
            return false
        }
        return values.contains {
            if case .text(let town) = $0 { FleetHubLog.bit(town) & towns != 0 } else { false }
        }
    }

    private func compare(
        _ name: String,
        _ views: [RecordKey: RecordView],
        _ reference: [RecordKey: FleetReference],
        mayHaveMore: Bool
    ) {
        for (key, expected) in reference.sorted(by: { $0.key < $1.key }) {
            let shown = expected.shown()
            guard let view = views[key] else {
                guard shown.lifecycle != .unknown else { continue }
                return violate(.convergence, "\(name) does not show \(key.type)/\(key.id)")
            }
            if shown.lifecycle == .deleted, view.lifecycle != .deleted {
                return violate(.noResurrection, "\(name) shows \(key.id), which is deleted")
            }
            if let difference = shown.difference(from: view) {
                return violate(
                    .convergence,
                    "\(name): \(key.type)/\(key.id) \(difference)"
                )
            }
        }
        guard !mayHaveMore else { return }
        let more = views.filter { reference[$0.key] == nil && $0.value.lifecycle != .unknown }
        if let key = more.keys.min() {
            violate(.convergence, "\(name) shows \(key.type)/\(key.id), which is not its")
        }
    }

    // MARK: I6

    /// No text of a town that the device never had stands in its files, not even in a free page.
    private func checkFiles(_ device: FleetDevice) throws {
        guard device.townsEver != -1, report.violations.isEmpty else { return }
        let image = folder + "/search"
        try SoundDisk().image(of: device.folder, in: image)
        for file in try FileManager.default.contentsOfDirectory(atPath: image).sorted() {
            let data = try Data(contentsOf: URL(fileURLWithPath: image + "/" + file))
            for town in 0..<plan.towns where device.townsEver & 1 << Int64(town) == 0 {
                if data.range(of: Data(FleetSchema.canary(town).utf8)) != nil {
                    violate(.readScope, "\(file) of \(device.name) holds a text of town \(town)")
                }
            }
        }
    }
}
