import Foundation
import MergeServer
import Replication
import SyncCore

/// People with real stores and a hub, who live through a bad network.
///
/// A seed decides all of it. Beside the stores it keeps what nobody else knows: of every change the full version vector of
/// its writer at that moment.
final class RandomWorld {
    /// A change as it was written, with everything its writer had seen.
    struct Written {
        let entries: [LogEntry]
        let vector: VersionVector
        /// How many changes had been written before, by anybody.
        let place: Int
        /// Of each record that it writes to, the changes that were there, itself included.
        let seen: [RecordKey: Set<Dot>]
    }

    final class Device {
        let name: String
        let clock: TestClock
        let source: SeededSource
        /// What it subscribes to; empty for everything.
        var scopes: [String] = []
        /// Nil only in the moment between the end of a process and its next start.
        var replica: Replica?

        init(name: String, seed: UInt64) {
            self.name = name
            clock = TestClock(0)
            source = SeededSource(seed: seed)
        }
    }

    let folder = Fleet.newFolder()
    let schema: Schema
    let clock = TestClock()
    var dice: Dice
    var devices: [Device] = []
    var written: [Dot: Written] = [:]
    private(set) var storage: SQLiteHubStorage?
    private var service: MergeService?
    private let hubSource: SeededSource
    private let pageBytes: Int
    private let enteringBytesMax: Int
    let isScoped: Bool
    /// Whether the hub is restored from older copies now and then.
    let isRestored: Bool
    private var copies = 0
    private let options: SyncSession.Options
    private var oldRequests: [[UInt8]] = []
    /// How often each fault struck, to see that none is idle.
    var faults: [String: Int] = [:]

    /// - `isScoped`: whether devices subscribe to scopes; then a delta may rightly be refused.
    /// - `isRestored`: whether the hub is restored from older copies now and then; with scopes they
    ///   meet only the hub then.
    init(seed: UInt64, isScoped: Bool = false, isRestored: Bool = false) throws {
        self.isScoped = isScoped
        self.isRestored = isRestored
        var dice = Dice(seed: seed &* 0x51_7CC1)
        schema = try TestSchema.make()
        hubSource = SeededSource(seed: dice.next())
        pageBytes = dice.pick(isScoped ? [1, 1, 60, 400] : [1, 60, 400, 3_000, 1 << 20])
        enteringBytesMax = isScoped ? dice.pick([1, 300, 1_000, 512 << 10]) : 512 << 10
        var options = SyncSession.Options()
        options.backoffFirst = 0
        options.triesMax = 4
        options.partBytesMin = dice.pick([40, 400, 16_384])
        options.pushBytesMax = dice.pick([1, 300, 262_144])
        options.pullBytesMax = dice.pick([nil, nil, 100])
        self.options = options
        let names = ["alice", "bob", "carol", "dave", "erin", "frank"]
        let count = 2 + dice.below(5)
        for name in names.prefix(count) { devices.append(Device(name: name, seed: dice.next())) }
        self.dice = dice
        try startHub()
        for device in devices {
            setClock(of: device)
            try start(device)
        }
        if isScoped { for device in devices.dropFirst() { try subscribe(device) } }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: Processes

    private func startHub() throws {
        let clock = clock
        let source = hubSource
        let environment = CoreEnvironment(now: { clock.now }, random: { source.next() })
        let storage = try SQLiteHubStorage(
            folder: folder + "/hub",
            schema: schema,
            environment: environment,
            enteringBytesMax: enteringBytesMax
        )
        self.storage = storage
        service = MergeService(storage: storage, environment: environment, pageBytes: pageBytes)
    }

    func restartHub() throws {
        count("hub restart")
        service = nil
        storage = nil
        try startHub()
    }

    /// The hub's files are copied, or an older copy takes their place and lives a new epoch.
    private func copyOrRestoreHub() throws {
        let files = FileManager.default
        service = nil
        storage = nil
        if copies == 0 || dice.chance(50) {
            copies += 1
            try files.copyItem(atPath: folder + "/hub", toPath: folder + "/copy \(copies)")
            return try startHub()
        }
        count("hub restore")
        let copy = dice.chance(70) ? copies : 1 + dice.below(copies)
        try files.removeItem(atPath: folder + "/hub")
        try files.copyItem(atPath: folder + "/copy \(copy)", toPath: folder + "/hub")
        try startHub()
        try storage?.renewEpoch(now: clock.now)
    }

    private func start(_ device: Device) throws {
        let world = clock
        let own = device.clock
        let source = device.source
        device.replica = try Replica.open(
            at: folder + "/" + device.name,
            schema: schema,
            author: device.name,
            environment: CoreEnvironment(
                now: { world.now + own.now },
                random: { source.next() }
            )
        )
    }

    func restart(_ device: Device) throws {
        count("device restart")
        device.replica = nil
        try start(device)
    }

    /// Clocks are wrong by up to five years, and step.
    func setClock(of device: Device) {
        let year: Int64 = 31_556_952_000
        switch dice.below(4) {
        case 0: device.clock.set(0)
        case 1: device.clock.set(Int64(dice.below(600_000)) - 300_000)
        default: device.clock.set(Int64(dice.below(Int(10 * year))) - 5 * year)
        }
    }

    func replica(_ device: Device) throws -> Replica {
        guard let replica = device.replica else { throw Gone() }
        return replica
    }

    struct Gone: Error {}

    func count(_ fault: String) { faults[fault, default: 0] += 1 }

    // MARK: Scopes

    /// Somebody is posted elsewhere.
    private func subscribe(_ device: Device) throws {
        let scopes = ScopedEdits.subscription(&dice)
        do {
            try replica(device).subscribe(to: scopes)
        } catch let error as SyncError where error.code == .refused {
            // The last change of scopes is still under way.
            return
        }
        count("subscription")
        device.scopes = scopes
    }

    private func edit(
        _ transaction: Transaction,
        _ device: Device,
        holding keys: [RecordKey]
    ) throws {
        guard isScoped else { return try RandomEdits.one(transaction, &dice, device.name) }
        try ScopedEdits.one(
            transaction,
            holding: keys,
            scopes: device.scopes,
            &dice,
            count: { count($0) }
        )
    }

    /// The records that somebody has now.
    private func holdings(_ replica: Replica) throws -> [RecordKey] {
        guard isScoped else { return [] }
        return try replica.read { reading in
            try reading.allRecords()
                .filter { try reading.view($0).map { $0.lifecycle != .unknown } ?? false }
                .sorted()
        }
    }

    // MARK: Writing

    /// Somebody writes one change, and the vector of all they have seen is noted.
    func write(_ device: Device) throws {
        let replica = try replica(device)
        let keys = try holdings(replica)
        var dot: Dot?
        do {
            dot = try replica.write(reason: dice.chance(10) ? "更正" : "") { transaction in
                let before = transaction.dot
                try edit(transaction, device, holding: keys)
                return before
            }
        } catch is EditError {
            return
        }
        guard let dot else { return }
        try replica.read { reading in
            let entries = try reading.log(limit: 200).map(\.entry).filter { $0.dot == dot }
            guard !entries.isEmpty else { return }
            var seen: [RecordKey: Set<Dot>] = [:]
            for entry in entries {
                let log = try reading.log(of: entry.record, limit: .max)
                seen[entry.record] = Set(log.map(\.entry.dot))
            }
            let vector = try reading.status().knowledge
            written[dot] = Written(
                entries: entries.reversed(),
                vector: vector,
                place: written.count,
                seen: seen
            )
        }
    }

    /// One person's changes go to another without the hub.
    func meet(_ sender: Device, _ receiver: Device) throws {
        // Open, see the limits of `docs/epochs.md`.
        if isScoped, isRestored { return }
        let status = try replica(receiver).status()
        let delta = try replica(sender).delta(for: status)
        do {
            try replica(receiver).merge(delta: delta)
            count("meeting")
        } catch let error as SyncError where isRestored && error.code == .newEpoch {
            // One of the two does not know yet that the hub was restored.
            count("meeting between epochs")
        } catch let error as SyncError where isScoped && error.code == .invalidAnswer {
            // It leaves out what the sender has not got.
            count("refused meeting")
        }
    }

    // MARK: Syncing

    /// One sync; with faults it may end early, as syncs do.
    func sync(_ device: Device, isFaulty: Bool) throws {
        var session = SyncSession(options: options)
        var effects = session.receive(.start, random: 0)
        for _ in 0..<4_000 {
            clock.advance(1)
            if isFaulty, dice.chance(2) {
                try restart(device)
                return
            }
            var event: SyncSession.Event?
            for effect in effects {
                switch effect {
                case .report: break
                case .finish: return
                case .fail(let error):
                    // A sync may give up; the next one goes on from there.
                    if isFaulty, error.code == .unreachable || error.code == .stalled { return }
                    throw error
                case .prepare, .apply: event = try replica(device).perform(effect)
                case .wait: event = .woke
                case .send(let bytes):
                    do throws(TransportError) {
                        event = .received(try carry(bytes, device, isFaulty: isFaulty))
                    } catch {
                        event = .failed(error)
                    }
                }
            }
            guard let event else { throw SyncError(.stalled, "nothing is left to do") }
            effects = session.receive(event, random: 0)
        }
        throw SyncError(.stalled, "a sync does not end")
    }

    private func carry(
        _ bytes: [UInt8],
        _ device: Device,
        isFaulty: Bool
    ) throws(TransportError) -> [UInt8] {
        guard let service else { throw TransportError(.unreachable, "the hub is down") }
        guard isFaulty else { return service.handle(bytes) }
        if oldRequests.count < 40 { oldRequests.append(bytes) }
        switch dice.below(18) {
        case 0:
            count("lost request")
            throw TransportError(.unreachable, "lost")
        case 1:
            count("lost response")
            _ = service.handle(bytes)
            throw TransportError(.cut, "lost")
        case 2, 3:
            count("cut response")
            let answer = service.handle(bytes)
            let part = Array(answer.prefix(dice.below(answer.count)))
            throw TransportError(.cut, "cut", received: part)
        case 4:
            count("cut request")
            service.receivedPart(of: Array(bytes.prefix(dice.below(bytes.count))))
            throw TransportError(.unreachable, "cut")
        case 5:
            count("duplicate")
            _ = service.handle(bytes)
            return service.handle(bytes)
        case 6:
            count("late duplicate")
            let answer = service.handle(bytes)
            _ = service.handle(bytes)
            return answer
        case 7:
            count("old request")
            _ = service.handle(dice.pick(oldRequests))
            return service.handle(bytes)
        case 8, 9:
            count("interlude")
            let isBefore = dice.chance(50)
            if isBefore { interlude(device) }
            let answer = service.handle(bytes)
            if !isBefore { interlude(device) }
            return answer
        default: return service.handle(bytes)
        }
    }

    /// What happens while a message is on its way: an edit, or a friend comes by.
    private func interlude(_ device: Device) {
        do {
            if dice.chance(50) {
                try write(device)
            } else {
                let other = dice.pick(devices)
                if other !== device { try meet(other, device) }
            }
        } catch {
            interludeErrors.append("\(error)")
        }
    }

    private(set) var interludeErrors: [String] = []

    // MARK: The whole story

    func live(steps: Int) throws {
        for _ in 0..<steps {
            clock.advance(Int64(dice.below(90_000)))
            let device = dice.pick(devices)
            if isRestored, dice.chance(8) { try copyOrRestoreHub() }
            switch dice.below(100) {
            case 0..<55: try write(device)
            case 55..<82: try sync(device, isFaulty: true)
            case 82..<88 where isScoped:
                if device !== devices[0], try replica(device).status().cursor > 0 {
                    try subscribe(device)
                }
            case 82..<93:
                let other = dice.pick(devices)
                if other !== device { try meet(other, device) }
            case 93..<96: try restart(device)
            case 96..<98: setClock(of: device)
            default: try restartHub()
            }
        }
    }

    /// Everyone syncs over a good network until nobody has anything to say.
    func quiesce() throws {
        for _ in 0..<3 {
            for device in devices { try sync(device, isFaulty: false) }
        }
    }
}
