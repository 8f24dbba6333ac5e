import Foundation
import Replication
import SyncCore

/// The checks of one device, while the run goes on and at its end.
extension FleetRun {
    /// I1, I4, I6 and I9 of one device, as it stands now.
    func check(_ device: FleetDevice) throws {
        guard report.violations.isEmpty else { return }
        let replica = try device.replica()
        let (entries, cursor) = try replica.read { reading in
            (try reading.log(limit: .max).map(\.entry), try reading.status().cursor)
        }
        let tokens = Set(entries.compactMap { FleetToken(reason: $0.reason) })
        checkPromises(device, tokens)
        checkCursor(device, tokens, cursor)
        checkScope(device, entries, replica.id)
        try checkCausality(device, replica)
    }

    /// What was acknowledged to a person stands in the log of the person's device, until the hub has
    /// it: after that a record may leave, and under a new identity its old rows are another's.
    private func checkPromises(_ device: FleetDevice, _ tokens: Set<FleetToken>) {
        let missing = ledger.promised[device.index]
            .first { !tokens.contains($0) && log.dots[$0] == nil }
        guard let token = missing else { return }
        violate(.noLoss, "\(device.name) has lost \(token), which it had acknowledged")
    }

    /// Everything in scope up to the cursor is here.
    private func checkCursor(_ device: FleetDevice, _ tokens: Set<FleetToken>, _ cursor: UInt64) {
        guard cursor <= log.head else {
            violate(.cursorHonesty, "\(device.name) stands at \(cursor) of \(log.head)")
            return
        }
        guard device.isSubscriptionSettled else { return }
        for item in log.items[..<Int(cursor)] {
            guard isAlways(item.entry.record, in: device.towns),
                let token = FleetToken(reason: item.entry.reason), !tokens.contains(token)
            else { continue }
            violate(
                .cursorHonesty,
                "\(device.name) stands at \(cursor) and has not \(token) at \(item.sequence)"
            )
            return
        }
    }

    /// Whether a record has never been anywhere else than in these towns.
    private func isAlways(_ key: RecordKey, in towns: Int64) -> Bool {
        let ever = log.towns(of: key)
        return towns == 0 || ever == -1 || (ever != 0 && ever & ~towns == 0)
    }

    /// Nothing that others wrote is here of records that were never in the device's scopes.
    private func checkScope(_ device: FleetDevice, _ entries: [LogEntry], _ own: ReplicaID) {
        guard device.townsEver != -1 else { return }
        for entry in entries where entry.dot.replica != own {
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
    private func checkCausality(_ device: FleetDevice, _ replica: Replica) throws {
        try replica.read { reading in
            for key in try reading.allRecords() {
                var before: Set<FleetToken> = []
                for entry in try reading.history(key) {
                    guard let token = FleetToken(reason: entry.reason) else { continue }
                    let seen = ledger.stood(token, of: key)
                    guard seen.isSubset(of: before) else {
                        let missing = seen.subtracting(before).sorted()
                        violate(
                            .causality,
                            "\(device.name) has \(token) of \(key.id) before or without "
                                + "\(missing[0]), which its writer had seen"
                        )
                        return
                    }
                    before.insert(token)
                }
            }
        }
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
        let cursor = try replica.status().cursor
        let isJudged = !exchange.isRepeat || plan.rates[.staleAnswer] > 0
        guard cursor >= exchange.headAtRequest || !isJudged else {
            violate(
                .convergence,
                "\(device.name) says it is up to date at \(cursor), the hub was at \(exchange.headAtRequest)"
            )
            return
        }
        if let token = ledger.promised[device.index].first(where: { log.dots[$0] == nil }) {
            violate(
                .convergence,
                "\(device.name) says it is up to date while the hub has not \(token)"
            )
            return
        }
        try checkClaimedView(device, cursor)
    }

    /// A device that has everything shows what the hub shows.
    private func checkClaimedView(_ device: FleetDevice, _ cursor: UInt64) throws {
        guard device.towns == 0, cursor == log.head, report.finished % 8 == 0,
            let storage = hub.storage, try replicaHasOnlyHubs(device),
            try RecordSource(try device.replica()).fingerprint()
                != RecordSource(storage).fingerprint()
        else { return }
        violate(.convergence, "\(device.name) says it is up to date and shows something else")
    }

    private func replicaHasOnlyHubs(_ device: FleetDevice) throws -> Bool {
        try device.replica()
            .read { reading in
                try reading.log(limit: .max)
                    .allSatisfy { entry in
                        FleetToken(reason: entry.entry.reason).map { log.dots[$0] != nil } ?? true
                    }
            }
    }
}
