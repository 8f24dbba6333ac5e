import Foundation
import MergeServer
import Replication
import SyncCore

/// One run of a plan: a queue of steps in virtual time, one thread, no task.
final class FleetRun {
    /// What can be the next thing to happen.
    enum Step {
        /// An event of the plan, by its number.
        case event(Int)
        /// A message reaches the hub.
        case atHub(FleetMessage)
        /// A message's answer, or the news that there is none, reaches its device.
        case atDevice(FleetMessage, SyncSession.Event)
        /// A device's wait is over.
        case woke(FleetMessage)
        /// A peer's file reaches a device.
        case delta([UInt8], from: Int, to: Int)
        /// A device looks for the hub, in the second phase.
        case heal(Int)
        /// The figures are noted.
        case sample
        /// The faults stop.
        case calm
    }

    let plan: FleetPlan
    let options: FleetSimulation.Options
    let schema: Schema
    let folder: String
    let clock = VirtualClock()
    var queue = FleetQueue<Step>()
    let devices: [FleetDevice]
    let hub: FleetHub
    var ledger: FleetLedger
    var log = FleetHubLog()
    var watch = FleetHubWatch()
    var report: FleetReport
    var digest = StableHash()
    /// The copies of files, by number.
    var copies: [Int64: Copy] = [:]
    /// The number of the last event.
    var event = 0
    /// Milliseconds since the start.
    var now: Int64 = 0
    /// Whether the faults have stopped.
    var isCalm = false
    /// Whether everybody has come to the same.
    var isDone = false
    /// Whether what everybody shows in the end was read for the checks.
    var isShown = false
    /// Who has met another device; what such a device holds besides its scopes is not judged.
    var hasMet: Set<Int> = []
    /// Whether stores are replaced by older ones, or cloned.
    let hasRestores: Bool
    private var nextChecked = 0
    private var steps = 0

    struct Copy {
        let folder: String
        let promised: [FleetToken]
        let towns: Int64
        let townsEver: Int64
        let townsByRight: Int64
    }

    /// After how many events a device is checked; in a fleet of thousands later, because each device
    /// that is looked at for the first time is read whole.
    var checkEvery: Int { max(40, devices.count) }
    private static let checkLawsEvery = 200
    private static let samples: Int64 = 60
    static let calmDays: Int64 = 3
    /// Of a larger fleet only devices with something to do have their stores open: a thousand open
    /// stores take much memory.
    private static let awakeMax = 256
    /// How often it is looked whether there are more, in steps.
    private static let restEvery = 64

    init(
        _ plan: FleetPlan,
        options: FleetSimulation.Options,
        folder: String
    ) throws {
        self.plan = plan
        self.options = options
        self.folder = folder
        let schema = try FleetSchema.make()
        self.schema = schema
        let clock = clock
        clock.set(FleetHub.start)
        let old = try FleetSchema.make(version: 1)
        devices = try plan.devices.indices.map { index in
            FleetDevice(
                plan,
                index,
                folder: folder,
                schema: plan.devices[index].schema < FleetSchema.version ? old : schema,
                clock: clock,
                disk: try FleetRun.disk(of: plan, isForgetful: options.canary)
            )
        }
        let disk = try FleetRun.disk(of: plan, isForgetful: false)
        let hubSchema = plan.hubSchema < FleetSchema.version ? old : schema
        hub = try FleetHub(plan, folder: folder, schema: hubSchema, clock: clock, disk: disk)
        hasRestores = plan.events.contains { $0.verb == .restore }
        ledger = FleetLedger(devices: plan.devices.count)
        report = FleetReport(plan)
    }

    private static func disk(of plan: FleetPlan, isForgetful: Bool) throws -> any FleetDisk {
        guard plan.rates[.diskFault] > 0 else { return SoundDisk(forgetsLog: isForgetful) }
        return try FaultyDisk(isLying: isForgetful)
    }

    /// Runs to the end, or to the first violation.
    func run() throws -> FleetReport {
        for (number, event) in plan.events.enumerated() { queue.add(.event(number), at: event.at) }
        for sample in 0...FleetRun.samples {
            queue.add(.sample, at: plan.length * sample / FleetRun.samples)
        }
        queue.add(.calm, at: plan.length)
        let deadline = plan.length + FleetRun.calmDays * 86_400_000 + longestWindow * 3
        while report.violations.isEmpty, !isDone, let (at, step) = queue.next() {
            now = at
            clock.set(FleetHub.start + at)
            if at > deadline {
                violate(.convergence, "no end after the faults: \(unsettled())")
                break
            }
            digest.add("\(at) ".utf8)
            try take(step)
            rest()
        }
        if !isDone, report.violations.isEmpty {
            violate(.convergence, "nothing is left to do, and yet: \(unsettled())")
        }
        if report.violations.isEmpty { try checkEnd() }
        try finish()
        return report
    }

    private var longestWindow: Int64 { plan.links.map(\.every).max() ?? 0 }

    private func take(_ step: Step) throws {
        switch step {
        case .event(let number):
            event = number
            options.progress?(number, plan.events.count)
            try carryOut(plan.events[number])
            if number % checkEvery == checkEvery - 1 { try checkOne() }
            if number % FleetRun.checkLawsEvery == FleetRun.checkLawsEvery - 1 {
                checkLaws(of: log.recent(FleetRun.checkLawsEvery))
            }
        case .atHub(let message): try arriveAtHub(message)
        case .atDevice(let message, let event): try arrive(message, event)
        case .woke(let message): try arrive(message, .woke)
        case .delta(let bytes, let sender, let receiver):
            try merge(bytes, from: sender, into: devices[receiver])
        case .heal(let index): try heal(devices[index])
        case .sample: sample()
        case .calm: try calm()
        }
    }

    /// Ends the processes of the devices that have been idle the longest, where there are many.
    private func rest() {
        steps += 1
        guard devices.count > FleetRun.awakeMax, steps % FleetRun.restEvery == 0 else { return }
        let idle = devices.filter { $0.isRunning && $0.exchange == nil }
        guard idle.count > FleetRun.awakeMax else { return }
        let oldest = idle.sorted { ($0.usedAt, $0.index) < ($1.usedAt, $1.index) }
        for device in oldest.dropLast(FleetRun.awakeMax) { device.kill() }
    }

    /// Visits the devices that are not lost, while no promise is broken.
    func visit(_ body: (FleetDevice) throws -> Void) rethrows {
        for device in devices where !device.isLost && report.violations.isEmpty {
            try body(device)
            if devices.count > FleetRun.awakeMax { device.kill() }
        }
    }

    private func checkOne() throws {
        let living = devices.filter { !$0.isLost && now >= $0.pausedUntil }
        guard !living.isEmpty else { return }
        try check(living[nextChecked % living.count])
        nextChecked += 1
    }

    // MARK: The second phase

    private func calm() throws {
        isCalm = true
        event = max(plan.events.count - 1, 0)
        hub.downUntil = 0
        if hub.isOld { try hub.install(schema) }
        plant()
        try visit { device in
            device.pausedUntil = 0
            device.cutUpUntil = 0
            device.cutDownUntil = 0
            device.clogUntil = 0
            try check(device)
            if device.isOld { device.install(schema) }
            // An exchange of before may wait for an answer that a fault took: it ends now.
            device.exchange = nil
            queue.add(.heal(device.index), at: device.link.next(at: now, phase: device.phase))
        }
        if devices.allSatisfy(\.isLost) { isDone = true }
    }

    private func heal(_ device: FleetDevice) throws {
        guard device.exchange == nil, !device.isLost else { return }
        try start(device, seed: UInt64(now) &+ UInt64(device.index))
    }

    /// An exchange has ended; in the second phase another follows until everybody is done.
    func ended(_ device: FleetDevice) throws {
        guard isCalm else { return }
        let isSettled = try isSettled(device)
        device.settledAt = isSettled ? log.head : nil
        let isEverybody = devices.allSatisfy {
            $0.isLost || ($0.exchange == nil && $0.settledAt == log.head)
        }
        if isEverybody {
            isDone = true
            return
        }
        // Who is done looks now and then whether others have brought something.
        let later = now + (isSettled ? 3_600_000 : 300_000)
        queue.add(.heal(device.index), at: device.link.next(at: later, phase: device.phase))
    }

    private func isSettled(_ device: FleetDevice) throws -> Bool {
        guard device.exchange == nil else { return false }
        let account = try device.replica().account()
        return account.knowledge[account.replica] == account.acknowledged
            && account.cursor == log.head
    }

    /// Who is not done, and why; empty when everybody is.
    func unsettled() -> String {
        devices.filter { !$0.isLost }
            .compactMap { device in
                defer { if devices.count > FleetRun.awakeMax { device.kill() } }
                guard let status = try? device.replica().status() else {
                    return "\(device.name) does not open"
                }
                guard status.waitingChanges > 0 || status.cursor != log.head else { return nil }
                let failure = report.lastFailure[device.name].map { ", \($0)" } ?? ""
                return "\(device.name) waits with \(status.waitingChanges) and stands at "
                    + "\(status.cursor) of \(log.head)\(failure)"
            }
            .joined(separator: "; ")
    }

    // MARK: Notes

    func violate(_ invariant: FleetInvariant, _ what: String) {
        report.violations.append(
            FleetViolation(invariant: invariant, event: event, at: now, what: what)
        )
    }

    func note(_ text: @autoclosure () throws -> String) rethrows {
        if let trace = options.trace { trace("\(now) \(try text())") }
    }

    private func sample() {
        var waiting: Int64 = 0
        var behind = 0
        for device in devices where device.isRunning && !device.isLost {
            guard let account = try? device.replica().account() else { continue }
            waiting += Int64(clamping: account.knowledge[account.replica] - account.acknowledged)
            if account.knowledge[account.replica] > account.acknowledged { behind += 1 }
        }
        report.samples.append(
            .init(at: now, waiting: waiting, behind: behind, head: Int64(clamping: log.head))
        )
    }

    private func finish() throws {
        report.endedAt = now
        report.destroyed = ledger.destroyed.count { log.dots[$0] == nil }
        report.delays = log.arrivals.compactMap { arrival in
            ledger.written[arrival.token].map { arrival.at - $0.at }
        }
        if let storage = hub.storage { report.structure = try structure(of: storage) }
        if !isShown {
            if let storage = hub.storage { _ = try views(of: storage) }
            try visit { _ = try views(of: try $0.replica()) }
        }
        report.entries = Int(clamping: log.head)
        report.digest = digest.text
    }

    /// What the hub shows in the end, which goes into the report.
    func views(of storage: SQLiteHubStorage) throws -> [RecordKey: RecordView] {
        var views: [RecordKey: RecordView] = [:]
        var conflicts: [String: Int] = [:]
        try storage.forEachRecord { key, schema, _, view in
            views[key] = view
            for conflict in view.conflicts {
                let name =
                    switch conflict.subject {
                    case .lifecycle: "$deleted"
                    case .seal: "$seal"
                    case .slot(let slot): schema.name(of: slot)
                    }
                conflicts[schema.name + "." + name, default: 0] += 1
            }
        }
        report.conflicts = conflicts.sorted { $0.key < $1.key }
            .map { .init(name: $0.key, count: $0.value) }
        digest(views)
        return views
    }

    /// What a device shows in the end, which goes into the digest.
    func views(of replica: Replica) throws -> [RecordKey: RecordView] {
        let views = try replica.read { reading in
            var views: [RecordKey: RecordView] = [:]
            for key in try reading.allRecords() { views[key] = try reading.view(key) }
            return views
        }
        digest(views)
        return views
    }

    /// Adds what a store shows, without the hub's numbers.
    private func digest(_ views: [RecordKey: RecordView]) {
        for (key, view) in views.sorted(by: { $0.key < $1.key }) {
            digest.add("\(key.type)/\(key.id) \(view.lifecycle)".utf8)
            for value in view.values {
                digest.add("\(value.slot.field) \(FleetRun.text(of: value.value))".utf8)
            }
            for conflict in view.conflicts {
                for candidate in conflict.candidates {
                    digest.add("\(candidate.stamp.dot) \(FleetRun.text(of: candidate.value))".utf8)
                }
            }
        }
    }

    /// A value as Swift prints it, without asking at run time what it is made of.
    private static func text(of value: FieldValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let value): "boolean(\(value))"
        case .integer(let value): "integer(\(value))"
        case .scaled(let value): "scaled(\(value))"
        case .text(let value): "text(\(String(reflecting: value)))"
        default: "\(value)"
        }
    }
}
