import Foundation
import Interchange
import MergeServer
import Replication
import SyncCore

/// A replay under way: the hub, the devices and what has been counted.
final class ReplayRun {
    private let schema: Schema
    private let names: ReplayNames
    private let plan: ReplayPlan
    private let folder: String
    private let seed: UInt64
    private let progress: (Replay.Progress) -> Void
    private let clock = VirtualClock()
    private let storage: SQLiteHubStorage
    private let service: MergeService
    private var devices: [String: ReplayDevice] = [:]
    /// The devices whose stores may be open, the one used last at the end.
    private var recent: [String] = []
    private var snapshots: [String: Snapshot] = [:]
    private var report = ReplayReport()
    private var writes = ReplayCost()
    private var done = 0
    /// What the hub shows, as long as nothing new has come to it.
    private var hubPicture: (changes: Int, fingerprint: Int)?

    private struct Snapshot {
        let folder: String
        let device: String
        let ledger: ChangeLedger
    }

    init(
        schema: Schema,
        names: ReplayNames,
        plan: ReplayPlan,
        folder: String,
        seed: UInt64,
        progress: @escaping (Replay.Progress) -> Void
    ) throws {
        self.schema = schema
        self.names = names
        self.plan = plan
        self.folder = folder
        self.seed = seed
        self.progress = progress
        let source = RandomStream(seed: seed, name: "hub")
        let clock = clock
        let environment = CoreEnvironment(now: { clock.now }, random: { source.next() })
        storage = try SQLiteHubStorage(
            folder: folder + "/hub",
            schema: schema,
            environment: environment
        )
        service = MergeService(storage: storage, environment: environment)
    }

    /// Carries out one event.
    func step(_ event: ReplayEvent) throws {
        clock.set(event.at)
        let device = self.device(event.device)
        switch event.action {
        case .write(let operations): try write(operations, event, device)
        case .sync(let fault, let budget): try sync(device, event, fault, budget: budget)
        case .restart: device.stop()
        case .clock(let offset): device.clockError.set(offset)
        case .snapshot(let name): try snapshot(device, name)
        case .restore(let name): try restore(device, name)
        }
        done += 1
        guard done <= plan.events else { return }
        if done & 63 == 0 || done == plan.events { show(.running, done, of: plan.events) }
    }

    private func show(_ phase: Replay.Progress.Phase, _ done: Int, of total: Int) {
        progress(
            Replay.Progress(
                phase: phase,
                done: done,
                of: total,
                bytes: report.totals.requestBytes + report.totals.responseBytes
            )
        )
    }

    /// Every open store keeps a cache of some MiB; beyond this the one unused longest is closed.
    private static let openMax = 64

    private func device(_ name: String) -> ReplayDevice {
        if recent.last != name {
            recent.removeAll { $0 == name }
            recent.append(name)
            if recent.count > ReplayRun.openMax { devices[recent.removeFirst()]?.stop() }
        }
        if let device = devices[name] { return device }
        let device = ReplayDevice(
            name: name,
            folder: folder + "/devices/" + FileName.of(name),
            schema: schema,
            clock: clock,
            seed: seed
        )
        devices[name] = device
        return device
    }

    // MARK: Writing

    private func write(
        _ operations: [ReplayOperation],
        _ event: ReplayEvent,
        _ device: ReplayDevice
    ) throws {
        let replica = try device.replica()
        let dot: Dot
        do {
            dot = try writes.measure {
                try replica.write { transaction in
                    for operation in operations {
                        try ReplayRun.carryOut(operation, transaction)
                    }
                    return transaction.dot
                }
            }
        } catch let error as EditError where error.code == .missing {
            report.missing.append(try missing(operations, event, replica))
            return
        } catch let error as EditError where error.code == .sealed || error.code == .exists {
            // As it would in the field: nothing was recorded, and the day goes on.
            report.refused.append(
                ReplayReport.Refused(
                    line: event.line,
                    device: event.device,
                    at: event.at,
                    verb: event.verb,
                    reason: "\(error)"
                )
            )
            return
        } catch let error as EditError {
            // What cannot be seen before the run: a total or a group that grew too large.
            throw ReplayError(line: event.line, key: error.field, "\(error)")
        }
        report.totals.edits += operations.count
        let records = Set(operations.map(\.key)).count
        let entries = try replica.read { try $0.log(limit: records) }.map(\.entry)
            .filter { $0.dot == dot }
        guard !entries.isEmpty else { return }
        report.totals.changes += 1
        device.ledger.add(entries.reversed())
    }

    /// Names the first record that the device does not have and that no operation before made.
    private func missing(
        _ operations: [ReplayOperation],
        _ event: ReplayEvent,
        _ replica: Replica
    ) throws -> ReplayReport.Missing {
        var made: Set<RecordKey> = []
        let key = try replica.read { reading in
            try operations.first { operation in
                if operation.edits.contains(.create) { made.insert(operation.key) }
                return try !made.contains(operation.key) && reading.state(operation.key) == nil
            }
        }?
        .key
        var name = ""
        if case .named(let text)? = key?.id { name = text }
        return ReplayReport.Missing(
            line: event.line,
            device: event.device,
            at: event.at,
            verb: event.verb,
            type: key.map { names.name(of: $0.type) } ?? "",
            record: name
        )
    }

    private static func carryOut(
        _ operation: ReplayOperation,
        _ transaction: Transaction
    ) throws {
        var edits = operation.edits
        if !operation.emptied.isEmpty {
            let view = try transaction.view(operation.key)
            for field in operation.emptied {
                for member in view?.members(of: field) ?? [] {
                    if let element = member.slot.element { edits.append(.remove(field, element)) }
                }
            }
        }
        try transaction.edit(operation.key, edits, evenDeleted: true)
    }

    // MARK: Syncing

    private func sync(
        _ device: ReplayDevice,
        _ event: ReplayEvent,
        _ fault: ReplayFault?,
        budget: Int?
    ) throws {
        let link = ReplayLink(
            service: service,
            network: device.network,
            fault: fault,
            budget: budget
        )
        var sync = try ReplaySync(device, link: link)
        let outcome = sync.run()
        report.syncs.append(
            ReplayReport.Sync(
                line: event.line,
                device: event.device,
                at: event.at,
                requestBytes: outcome.link.requestBytes,
                responseBytes: outcome.link.responseBytes,
                changesUp: outcome.changesUp,
                changesDown: outcome.changesDown,
                roundTrips: outcome.link.roundTrips,
                failure: outcome.failure?.message
            )
        )
        report.totals.requestBytes += outcome.link.requestBytes
        report.totals.responseBytes += outcome.link.responseBytes
        report.totals.hubMergeSeconds += outcome.link.hubCost.seconds
        report.totals.deviceMergeSeconds += outcome.deviceCost.seconds
        guard plan.last[device.name]?.line == event.line else { return }
        // Others will go on; now is when this device has the last word of the hub.
        let mine = try RecordSource(try device.replica()).fingerprint()
        if try mine != hubFingerprint() { report.disagreeing.append(device.name) }
    }

    private func hubFingerprint() throws -> Int {
        let changes = service.metrics.changesStored.count
        if let hubPicture, hubPicture.changes == changes { return hubPicture.fingerprint }
        let fingerprint = try RecordSource(storage).fingerprint()
        hubPicture = (changes, fingerprint)
        return fingerprint
    }

    // MARK: Files

    private func snapshot(_ device: ReplayDevice, _ name: String) throws {
        let kept = folder + "/snapshots/\(snapshots[name]?.folder ?? String(snapshots.count))"
        try device.keep(in: kept)
        snapshots[name] = Snapshot(
            folder: (kept as NSString).lastPathComponent,
            device: device.name,
            ledger: device.ledger
        )
    }

    private func restore(_ device: ReplayDevice, _ name: String) throws {
        guard let snapshot = snapshots[name] else { return }
        let waiting = ChangeLedger.contents(try device.replica().waitingEntries(), schema)
        device.ledger.restore(
            waiting: Set(waiting),
            kept: snapshot.device == device.name ? snapshot.ledger : nil
        )
        try device.putBack(from: folder + "/snapshots/" + snapshot.folder)
    }

    // MARK: The end

    /// All the events that were checked have been carried out, and no others.
    func checkCount() throws(ReplayError) {
        guard done == plan.events else {
            throw ReplayError(
                line: nil,
                key: nil,
                "the trace changed meanwhile: \(plan.events) events were checked, \(done) read again"
            )
        }
    }

    /// Compares, counts, and writes the dumps.
    func finish(dump: String?) throws -> ReplayReport {
        let steps = plan.devices.count + 2
        show(.finishing, 0, of: steps)
        report.totals.localWriteSeconds = writes.seconds
        try countLost()
        show(.finishing, 1, of: steps)
        report.hub = try store(
            "hub",
            file: "hub",
            RecordSource(storage),
            knowledge: try storage.knowledge(),
            dump: dump
        )
        for (index, name) in plan.devices.enumerated() {
            let replica = try device(name).replica()
            report.devices.append(
                try store(
                    name,
                    file: FileName.of(name),
                    RecordSource(replica),
                    knowledge: replica.account().knowledge,
                    dump: dump
                )
            )
            device(name).stop()
            show(.finishing, index + 3, of: steps)
        }
        return report
    }

    private func store(
        _ name: String,
        file fileName: String,
        _ source: RecordSource,
        knowledge: VersionVector,
        dump: String?
    ) throws -> ReplayReport.Store {
        let file = try dump.map { try DumpFile($0 + "/" + fileName + ".jsonl") }
        let lines = try RecordDump(of: source, schema: schema, names: names) {
            try file?.append($0)
        }
        try file?.close()
        return ReplayReport.Store(
            name: name,
            records: lines.records,
            changes: Int(clamping: knowledge.entries.reduce(0) { $0 + $1.counter }),
            conflictsOpen: lines.conflicts,
            stateHash: lines.stateHash
        )
    }

    /// Every change that a device promised to keep must be somewhere, by its content.
    private func countLost() throws {
        var held: Set<Int> = try HubLog(storage, schema: schema).contents()
        held.formUnion(ChangeLedger.contents(try storage.quarantinedEntries(), schema))
        for name in plan.devices {
            let device = device(name)
            let missing = device.ledger.acknowledged.filter { !held.contains($0) }
            guard !missing.isEmpty else { continue }
            let entries = try device.replica().waitingEntries()
            let waiting = Set(ChangeLedger.contents(entries, schema))
            for change in missing where !waiting.contains(change) {
                if device.ledger.overwritten.contains(change) {
                    report.overwritten += 1
                } else {
                    report.lost += 1
                }
            }
        }
    }
}
