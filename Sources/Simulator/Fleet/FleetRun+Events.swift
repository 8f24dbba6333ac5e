import Foundation
import MergeServer
import Replication
import SyncCore

extension FleetRun {
    /// Carries out one event of the plan.
    func carryOut(_ event: FleetEvent) throws {
        let device = devices[event.device]
        report.count(event.verb.rawValue)
        note("\(device.name) \(event.verb.rawValue) \(event.value)")
        digest.add(event.verb.rawValue.utf8)
        switch event.verb {
        case .hubRestart, .hubCrash:
            event.verb == .hubCrash ? try hub.crash(seed: event.seed) : try hub.restart()
            hub.downUntil = now + event.value
            return
        case .compact: return try compact(olderThan: event.value)
        case .retire: return try retire(silentFor: event.value)
        case .hubDiskFault: return hub.disk.fail(event.seed)
        case .hubInstall:
            return try hub.install(FleetSchema.make(version: UInt32(clamping: event.value)))
        default: break
        }
        guard !device.isLost, now >= device.pausedUntil else { return }
        switch event.verb {
        case .write: try write(device, event)
        case .sync: try start(device, seed: event.seed)
        case .meet: try meet(devices[Int(event.value)], device, event)
        case .kill: device.kill()
        case .crash: try device.crash(seed: event.seed)
        case .pause: device.pausedUntil = now + max(event.value, 0)
        case .doubleStart: try startTwice(device)
        case .clock: device.clockError.set(event.value)
        case .keep: try keep(device, event.value)
        case .restore: try restore(device, event.value)
        case .lose: lose(device)
        case .subscribe: try subscribe(device, event.value)
        case .partition:
            let ways = RandomStream(seed: event.seed, name: "partition").below(3)
            if ways != 0 { device.cutUpUntil = now + event.value }
            if ways != 1 { device.cutDownUntil = now + event.value }
        case .clog: device.clogUntil = now + event.value
        case .diskFault: device.disk.fail(event.seed)
        case .install: device.install(try FleetSchema.make(version: UInt32(clamping: event.value)))
        case .stranger: try intrude(event)
        case .wrongGrant: try grant(device, event.value)
        case .revoke: try revoke(device)
        case .townMerge: try mergeTowns(device, event)
        case .hubRestart, .hubCrash, .hubDiskFault, .hubInstall, .compact, .retire: break
        }
    }

    // MARK: Writing

    private func write(_ device: FleetDevice, _ event: FleetEvent) throws {
        let edits = FleetEdits(plan, device, seed: event.seed) { self.mayCreate($0, on: device) }
        try record(FleetToken(event.seed), on: device) { try edits.carryOut($0) }
    }

    /// Records a change and takes it down.
    func record(
        _ token: FleetToken,
        on device: FleetDevice,
        _ body: (Transaction) throws -> Void
    ) throws {
        // Nothing else may hold the store: after a failure its process ends.
        _ = try device.replica()
        let dot: Dot
        do {
            dot = try device.disk.whileFailing {
                try device.replica()
                    .write(reason: token.description) { transaction in
                        try body(transaction)
                        return transaction.dot
                    }
            }
        } catch is EditError {
            report.refusedEdits += 1
            return
        } catch let error as StoreError where device.disk.hasStruck {
            note("  not recorded: \(error)")
            return try lookAfterFailure(device, token)
        }
        if device.disk.hasStruck { report.count("disk failed unseen") }
        try remember(token, dot, on: device)
    }

    /// A write was refused by a disk: the process ends, and what it finds then may hold it all the
    /// same, though nobody was told so.
    private func lookAfterFailure(_ device: FleetDevice, _ token: FleetToken) throws {
        report.count("disk failed a write")
        device.kill()
        let found = try device.replica()
            .read { reading in
                try reading.log(limit: 8).map(\.entry)
                    .first { FleetToken(reason: $0.reason) == token }
            }
        guard let found else { return }
        report.count("recorded in spite of an error")
        try remember(token, found.dot, on: device, isPromised: false)
    }

    /// Takes down what stands in a store under a change's dot, and what its writer had seen.
    private func remember(
        _ token: FleetToken,
        _ dot: Dot,
        on device: FleetDevice,
        isPromised: Bool = true
    ) throws {
        let replica = try device.replica()
        let change = try replica.read { reading -> FleetLedger.Written? in
            let entries = try reading.entries(of: dot)
            guard !entries.isEmpty else { return nil }
            let stood = try entries.map { entry in
                Set(
                    try reading.reasons(of: entry.record).compactMap { FleetToken(reason: $0) }
                        .filter { $0 != token }
                )
            }
            let earlier = entries.map {
                ledger.own(device.index, as: dot.replica, of: $0.record, known: log.dots)
            }
            return FleetLedger.Written(
                device: device.index,
                at: now,
                entries: entries,
                stood: stood,
                earlier: earlier
            )
        }
        guard let change else {
            // A change of nothing is not recorded, and not counted either.
            if replica.account().knowledge.contains(dot) {
                violate(.noLoss, "\(device.name) counts \(token), which its log has not")
            }
            return
        }
        report.writes += 1
        ledger.add(token, change, isPromised: isPromised)
        for entry in change.entries {
            note("  \(token) is \(dot): \(entry.record.type)/\(entry.record.id) \(entry.actions)")
        }
        for entry in change.entries { digest.add("\(entry.record.id)".utf8) }
    }

    /// Whether a device can know everything that there is of a record, so that beginning it is no
    /// `recreate`.
    private func mayCreate(_ key: RecordKey, on device: FleetDevice) -> Bool {
        let ever = log.towns(of: key)
        guard plan.rates[.recreate] == 0, device.towns != 0, ever > 0 else { return true }
        return device.isSubscriptionSettled && ever & ~device.towns == 0
    }

    // MARK: Meetings

    private func meet(_ sender: FleetDevice, _ receiver: FleetDevice, _ event: FleetEvent) throws {
        // A delta does not look at scopes, so only those who may have the same meet here.
        guard sender !== receiver, !sender.isLost, sender.towns == receiver.towns,
            now >= sender.pausedUntil, !hasRestores || plan.rates[.meetClone] > 0
        else { return }
        let random = RandomStream(seed: event.seed, name: "meeting")
        let delta: [UInt8]
        do {
            delta = try sender.replica().delta(for: try receiver.replica().status())
        } catch let error as SyncError {
            report.count("meeting refused")
            note("\(sender.name) has no delta: \(error)")
            return
        }
        receiver.townsEver |= sender.townsEver
        receiver.townsByRight |= sender.townsEver
        hasMet.insert(receiver.index)
        // Some carry it as a file, and read it days later.
        let later = random.chance(200) ? Int64(random.below(3 * 86_400_000)) : 1_000
        queue.add(
            .delta(delta, from: sender.index, to: receiver.index),
            at: min(now + later, max(plan.length, now))
        )
    }

    /// Whether the hub has lived more than one epoch, as far as can be told while it is down.
    private var hubHasRenewed: Bool {
        guard let storage = hub.storage, let births = try? storage.births() else { return true }
        return births.count > 1
    }

    /// A peer's file is read.
    func merge(_ bytes: [UInt8], from sender: Int, into device: FleetDevice) throws {
        guard !device.isLost, now >= device.pausedUntil,
            devices[sender].towns == device.towns
        else { return }
        do {
            try device.replica().merge(delta: bytes)
            report.count("meeting")
        } catch let error as SyncError {
            report.count("meeting refused")
            note("\(device.name) refuses a delta: \(error)")
            // A stranger that claims to have seen more makes the hub live a new epoch; two devices
            // understand each other again when both have heard of it.
            let isBetweenEpochs = error.code == .newEpoch && hubHasRenewed
            if isTidy, !isBetweenEpochs {
                violate(.causality, "\(device.name) refuses a peer's delta: \(error)")
            }
        }
        digest.add(bytes)
    }

    /// Whether every store is whole: none was replaced, and each receives everything.
    ///
    /// Otherwise a delta may rightly be refused, and the devices go by the hub.
    private var isTidy: Bool {
        plan.devices.allSatisfy { $0.towns == 0 }
            && !plan.events.contains { [.restore, .lose, .subscribe].contains($0.verb) }
    }

    // MARK: Machines

    private func startTwice(_ device: FleetDevice) throws {
        _ = try device.replica()
        do {
            _ = try device.openAgain()
            violate(.oneOwner, "a second process opened the store of \(device.name)")
        } catch let error as StoreError where error.code == .locked {
            report.count("refused double start")
        }
    }

    private func keep(_ device: FleetDevice, _ number: Int64) throws {
        let target = folder + "/copies/\(number)"
        try FileManager.default.createDirectory(
            atPath: folder + "/copies",
            withIntermediateDirectories: true
        )
        try device.keep(in: target)
        copies[number] = Copy(
            folder: target,
            promised: ledger.promised[device.index],
            towns: device.towns,
            townsEver: device.townsEver,
            townsByRight: device.townsByRight
        )
    }

    private func restore(_ device: FleetDevice, _ number: Int64) throws {
        guard let copy = copies[number] else { return }
        ledger.destroy(device.index, replacedBy: copy.promised, known: log.dots)
        try device.restore(from: copy.folder)
        device.towns = copy.towns
        device.townsEver |= copy.townsEver
        // What a copy had been given wrongly comes back with it.
        device.townsByRight |= copy.townsByRight | copy.towns
        device.granted = 0
        device.isSubscriptionSettled = false
    }

    private func lose(_ device: FleetDevice) {
        guard devices.count(where: { !$0.isLost }) > 1 else { return }
        ledger.destroy(device.index, replacedBy: [], known: log.dots)
        device.kill()
        device.isLost = true
    }

    private func subscribe(_ device: FleetDevice, _ towns: Int64) throws {
        let account = try device.replica().account()
        if account.acknowledged < account.knowledge[account.replica],
            plan.rates[.earlySubscribe] == 0
        {
            return
        }
        guard try choose(device, towns) else { return }
        device.townsByRight |= towns
        device.granted = 0
    }

    /// Changes what a device subscribes to; false while the last change is still under way.
    func choose(_ device: FleetDevice, _ towns: Int64) throws -> Bool {
        do {
            try device.replica().subscribe(to: FleetDevice.scopes(towns))
        } catch let error as SyncError where error.code == .refused {
            // People try again.
            report.count("subscription refused")
            return false
        }
        device.towns = towns
        device.townsEver |= towns
        device.isSubscriptionSettled = false
        return true
    }
}
