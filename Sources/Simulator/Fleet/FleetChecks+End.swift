import Foundation
import MergeServer
import Oracle
import Replication
import SyncCore

/// The checks after everybody has come to rest.
extension FleetRun {
    /// All of them; the first violation ends them.
    func checkEnd() throws {
        let rest = unsettled()
        if !rest.isEmpty { return violate(.convergence, "not everybody is done: \(rest)") }
        try readHubLog()
        if let storage = hub.storage {
            let again = try FleetHubLog.read(storage, after: 0)
            let isSame = zip(again, log.items)
                .map {
                    $0.entry.isSame(as: $1.entry) && $0.sequence == $1.sequence
                        && $0.bound == $1.bound
                }
            if let row = isSame.firstIndex(of: false) {
                violate(.denseOrder, "the hub's row \(row + 1) is not what it was")
            } else if again.count != log.items.count {
                violate(.denseOrder, "the hub has \(again.count) rows and had \(log.items.count)")
            }
        }
        try checkNothingLost()
        checkWaited()
        let reference = expected()
        try checkHub(reference)
        checkLaws(of: nil)
        try visit { device in
            try check(device, isWhole: true)
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

    /// What the reference says of one record, worked out once for all who show it.
    private struct Expectation {
        let shown: Shown
        /// The towns it is in now, as bits.
        let towns: Int64

        init(_ reference: NaiveReference) {
            shown = reference.shown()
            towns = reference.standing(FleetSchema.Field.town)
                .reduce(0) { bits, value in
                    if case .text(let town) = value { bits | FleetHubLog.bit(town) } else { bits }
                }
        }
    }

    /// What the hub's log means, record by record.
    private func expected() -> [RecordKey: Expectation] {
        var changes: [RecordKey: [NaiveChange]] = [:]
        for item in log.items {
            let entry = item.entry
            guard let (token, seen) = seen(by: item, after: changes[entry.record] ?? []) else {
                continue
            }
            changes[entry.record, default: []]
                .append(
                    NaiveChange(
                        name: token.value,
                        dot: entry.dot,
                        seen: seen,
                        time: min(entry.timestamp, item.bound ?? entry.timestamp),
                        author: entry.author,
                        actions: entry.actions
                    )
                )
        }
        var result: [RecordKey: Expectation] = [:]
        for (key, changes) in changes {
            guard let record = schema.record(key.type) else { continue }
            var reference = NaiveReference(schema: record, changes: changes)
            if options.plant == .inventedDeletion {
                reference = reference.deleted(after: Set(log.dots.keys.map(\.value)))
            }
            result[key] = Expectation(reference)
        }
        return result
    }

    private func checkHub(_ reference: [RecordKey: Expectation]) throws {
        guard let storage = hub.storage, report.violations.isEmpty else { return }
        isShown = true
        compare("the hub", try views(of: storage), reference, mayHaveMore: false)
    }

    private func checkView(
        _ device: FleetDevice,
        _ reference: [RecordKey: Expectation]
    ) throws {
        let views = try views(of: try device.replica())
        let followed = try checkedFollowing(of: device)
        let wanted = reference.filter {
            isIn(device.towns, $0.key, reference) || followed.contains($0.key)
        }
        let mayHaveMore = device.towns != 0 && hasMet.contains(device.index)
        compare(device.name, views, wanted, mayHaveMore: mayHaveMore)
    }

    /// What a device goes on seeing outside its towns: the hub says which records these are, and each
    /// is one that the device has made.
    private func checkedFollowing(of device: FleetDevice) throws -> Set<RecordKey> {
        guard device.towns != 0, let storage = hub.storage else { return [] }
        let replica = try device.replica().id
        let followed = try storage.ownScope(of: replica)
        for key in followed.sorted() {
            let maker: ReplicaID? =
                if case .created(let dot, _) = key.id {
                    dot.replica
                } else {
                    log.items.first { $0.entry.record == key }?.entry.dot.replica
                }
            guard maker != replica else { continue }
            violate(.readScope, "\(device.name) follows \(key.id), which it has not made")
        }
        return followed
    }

    /// Whether a record is now in one of the towns.
    private func isIn(
        _ towns: Int64,
        _ key: RecordKey,
        _ reference: [RecordKey: Expectation]
    ) -> Bool {
        guard towns != 0, ![FleetSchema.errand, FleetSchema.sighting].contains(key.type) else {
            return true
        }
        let root = key.type == FleetSchema.measurement ? log.parent(of: key) : key
        return root.flatMap { reference[$0] }.map { $0.towns & towns != 0 } ?? false
    }

    private func compare(
        _ name: String,
        _ views: [RecordKey: RecordView],
        _ reference: [RecordKey: Expectation],
        mayHaveMore: Bool
    ) {
        for (key, expected) in reference.sorted(by: { $0.key < $1.key }) {
            let shown = expected.shown
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
        for file in ["store.sqlite", "store.sqlite-wal"] {
            let path = device.folder + "/" + file
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            for town in FleetRun.canaries(in: data).sorted()
            where device.townsEver & 1 << Int64(town) == 0 {
                violate(.readScope, "\(file) of \(device.name) holds a text of town \(town)")
                return
            }
        }
    }

    /// The towns whose canaries stand in these bytes.
    private static func canaries(in data: Data) -> Set<Int> {
        let prefix = Array(FleetSchema.canaryPrefix.utf8)
        var towns: Set<Int> = []
        data.withUnsafeBytes { bytes in
            guard var place = bytes.baseAddress else { return }
            let end = place + bytes.count
            while let found = memchr(place, Int32(prefix[0]), end - place) {
                place = UnsafeRawPointer(found)
                guard end - place > prefix.count else { return }
                guard memcmp(place, prefix, prefix.count) == 0 else {
                    place += 1
                    continue
                }
                place += prefix.count
                // The town's number is one digit.
                towns.insert(Int(place.load(as: UInt8.self)) - 48)
            }
        }
        return towns
    }
}
