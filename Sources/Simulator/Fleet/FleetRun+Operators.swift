import MergeServer
import Replication
import SyncCore

/// What operators do wrong to devices, and to many records at once.
extension FleetRun {
    /// A device is given towns that are not its.
    func grant(_ device: FleetDevice, _ towns: Int64) throws {
        let wrong = towns & ~device.townsByRight & ~device.towns
        guard device.towns != 0, wrong != 0, try choose(device, device.towns | wrong) else {
            return
        }
        device.granted |= wrong
    }

    /// What it was given wrongly is taken back.
    ///
    /// What it had of others leaves with the next exchange; what it made there it goes on seeing.
    func revoke(_ device: FleetDevice) throws {
        let rest = device.towns & ~device.granted
        guard device.granted != 0, rest != 0, try choose(device, rest) else { return }
        device.granted = 0
        report.count("taken back")
    }

    /// A town becomes a part of another: an office moves all findings that it sees.
    ///
    /// A finding that bears its town's canary stays, by which the checks know what is whose.
    func mergeTowns(_ device: FleetDevice, _ event: FleetEvent) throws {
        let (from, to) = (Int(event.value / 10), Int(event.value % 10))
        let town = FieldValue.text(FleetSchema.town(from))
        let keys = try device.replica()
            .read { reading in
                try reading.allRecords()
                    .filter { key in
                        guard key.type == FleetSchema.finding, let view = try reading.view(key),
                            view.lifecycle == .live
                        else { return false }
                        return view[SlotKey(FleetSchema.Field.town)] == town
                            && view[SlotKey(FleetSchema.Field.title)]
                                != .text(FleetSchema.canary(from))
                    }
            }
            .sorted()
        let target = Edit.set(FleetSchema.Field.town, .text(FleetSchema.town(to)))
        for (number, group) in FleetRun.groups(keys).enumerated() {
            let token = FleetToken(event.seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
            try record(token, on: device) { transaction in
                for key in group { try transaction.edit(key, [target]) }
            }
        }
        report.count("moved with a town", by: keys.count)
    }

    /// What one change moves: a few records that have a name, or one that has none.
    ///
    /// Where a clone gives records other names, the ledger knows one by its place in a change, and two
    /// that other changes made could be taken for each other.
    private static func groups(_ keys: [RecordKey]) -> [[RecordKey]] {
        var groups: [[RecordKey]] = []
        for key in keys {
            guard case .named = key.id, let last = groups.last, last.count < movedAtOnce,
                case .named? = last.first?.id
            else {
                groups.append([key])
                continue
            }
            groups[groups.count - 1].append(key)
        }
        return groups
    }

    private static let movedAtOnce = 5

    /// I6: what a device had been given wrongly has left it, row for row, but for what it made there.
    func checkRevoked(_ device: FleetDevice, _ own: ReplicaID) throws {
        guard device.townsByRight != -1, device.townsByRight != device.townsEver,
            device.granted == 0, device.isSubscriptionSettled, report.violations.isEmpty,
            let storage = hub.storage
        else { return }
        let followed = try storage.ownScope(of: own)
        for entry in device.log.new where entry.dot.replica != own {
            let towns = log.towns(of: entry.record)
            guard towns > 0, towns & device.townsByRight == 0, !followed.contains(entry.record),
                let token = FleetToken(reason: entry.reason),
                ledger.written[token]?.device != device.index
            else { continue }
            violate(
                .readScope,
                "\(device.name) has \(token) of \(entry.record.id), which was taken back"
            )
            return
        }
    }
}
