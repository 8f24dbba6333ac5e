import Foundation
import Replication
import SyncCore

/// The checks of one device, while the run goes on and at its end.
extension FleetRun {
    /// I1, I4, I6 and I9 of one device, as it stands now.
    ///
    /// What was checked before and stands unchanged is not looked at again; `isWhole` looks at
    /// everything, as at the end.
    func check(_ device: FleetDevice, isWhole: Bool = false) throws {
        guard report.violations.isEmpty else { return }
        let replica = try device.replica()
        try replica.read { try device.log.look($0, isWhole: isWhole) }
        let cursor = replica.account().cursor
        checkPromises(device)
        checkCursor(device, cursor)
        checkScope(device, replica.id)
        if isWhole { try checkRevoked(device, replica.id) }
        // Histories are read whole, so only once there is enough news to be worth it.
        let log = device.log
        if isWhole || log.isAnew || log.unreadRows * FleetRun.historyShare >= log.rows {
            try checkHistories(device, replica)
        }
        checkEntries(device, device.log.new)
        device.log.noteChecked()
    }

    /// The part of a device's log that must be new before histories are read again: one in so many.
    private static let historyShare = 4

    /// What was acknowledged to a person stands in the log of the person's device, until the hub has
    /// it: after that a record may leave, and under a new identity its old rows are another's.
    private func checkPromises(_ device: FleetDevice) {
        let missing = ledger.waiting(device.index, known: log.dots)
            .first { !device.log.tokens.contains($0) }
        guard let token = missing else { return }
        violate(.noLoss, "\(device.name) has lost \(token), which it had acknowledged")
    }

    /// Everything in scope up to the cursor is here.
    private func checkCursor(_ device: FleetDevice, _ cursor: UInt64) {
        guard cursor <= log.head else {
            violate(.cursorHonesty, "\(device.name) stands at \(cursor) of \(log.head)")
            return
        }
        guard device.isSubscriptionSettled else { return }
        if device.log.townsChecked != device.towns {
            device.log.townsChecked = device.towns
            device.log.cursorChecked = 0
        }
        let first = min(device.log.cursorChecked, Int(cursor))
        for item in log.items[first..<Int(cursor)] {
            guard isAlways(item.entry.record, in: device.towns),
                let token = FleetToken(reason: item.entry.reason),
                !device.log.tokens.contains(token)
            else { continue }
            violate(
                .cursorHonesty,
                "\(device.name) stands at \(cursor) and has not \(token) at \(item.sequence)"
            )
            return
        }
        device.log.cursorChecked = Int(cursor)
    }

    /// Whether a record has never been anywhere else than in these towns.
    private func isAlways(_ key: RecordKey, in towns: Int64) -> Bool {
        if towns == 0 { return true }
        let ever = log.towns(of: key)
        return ever == -1 || (ever != 0 && ever & ~towns == 0)
    }

    /// Nothing that others wrote is here of records that were never in the device's scopes.
    private func checkScope(_ device: FleetDevice, _ own: ReplicaID) {
        guard device.townsEver != -1 else { return }
        for entry in device.log.new where entry.dot.replica != own {
            let towns = log.towns(of: entry.record)
            guard towns > 0, towns & device.townsEver == 0,
                let token = FleetToken(reason: entry.reason),
                ledger.written[token]?.device != device.index
            else { continue }
            violate(.readScope, "\(device.name) has \(token) of \(entry.record.id), out of scope")
            return
        }
    }

    /// No record's history has a change without those that its writer had seen, or before them.
    private func checkHistories(_ device: FleetDevice, _ replica: Replica) throws {
        try replica.read { reading in
            let unread = device.log.unread
            for key in try reading.allRecords() where unread.contains(key) {
                let tokens = try reading.history(key).compactMap { FleetToken(reason: $0.reason) }
                // Another device had the same history, or went on from there.
                if ledger.isCausal(tokens, of: key) { continue }
                var before: Set<FleetToken> = []
                for token in tokens {
                    let seen = ledger.stood(token, of: key)
                    guard seen.isSubset(of: before) else {
                        let missing = seen.subtracting(before).sorted()
                        return violate(
                            .causality,
                            "\(device.name) has \(token) of \(key.id) before or without "
                                + "\(missing[0]), which its writer had seen"
                        )
                    }
                    before.insert(token)
                }
                ledger.noteCausal(tokens, of: key)
            }
        }
        device.log.noteRead()
    }

    /// A device says that it is up to date.
    func checkClaim(_ device: FleetDevice, _ exchange: FleetDevice.Exchange) throws {
        let replica = try device.replica()
        let account = replica.account()
        let own = account.knowledge[account.replica]
        guard own == account.acknowledged else {
            violate(
                .convergence,
                "\(device.name) says it is up to date while \(own - account.acknowledged) "
                    + "changes wait"
            )
            return
        }
        let cursor = account.cursor
        let head = options.plant == .earlyClaim ? .max : exchange.headAtRequest
        guard cursor >= head else {
            violate(
                .convergence,
                "\(device.name) says it is up to date at \(cursor), the hub was at \(head)"
            )
            return
        }
        if let token = ledger.waiting(device.index, known: log.dots).first {
            violate(
                .convergence,
                "\(device.name) says it is up to date while the hub has not \(token)"
            )
            return
        }
        try checkClaimedView(device, cursor)
    }

    /// A device that has everything shows what the hub shows, of every record that has changed since
    /// the last comparison.
    private func checkClaimedView(_ device: FleetDevice, _ cursor: UInt64) throws {
        guard device.towns == 0, !device.isOld, !hub.isOld, cursor == log.head,
            report.finished % 8 == 0,
            let storage = hub.storage
        else { return }
        let replica = try device.replica()
        try replica.read { try device.log.look($0) }
        // What was new to this look is checked as always.
        checkScope(device, replica.id)
        checkEntries(device, device.log.new)
        device.log.noteChecked()
        guard report.violations.isEmpty, device.log.isKnown(to: log) else { return }
        let changed = Set(log.items.dropFirst(device.log.viewsChecked).map(\.entry.record)).sorted()
        guard
            try RecordSource(replica).fingerprint(of: changed)
                == RecordSource(storage).fingerprint(of: changed)
        else {
            violate(.convergence, "\(device.name) says it is up to date and shows something else")
            return
        }
        device.log.viewsChecked = log.items.count
    }
}
