import Replication
import SyncCore

/// One device of a fleet: a store, a clock, a link and at most one exchange.
final class FleetDevice {
    let index: Int
    let name: String
    let folder: String
    let link: FleetLink
    let phase: Int64
    let disk: any FleetDisk
    private var schema: Schema
    /// Whether its program is the version before.
    private(set) var isOld: Bool
    private let clock: VirtualClock
    /// How far the device's clock is from the true time, in ms, without its drift.
    let clockError = VirtualClock()
    private let drift: Int64
    private let source: RandomStream
    private var open: Replica?
    /// When its store was last asked for, in ms since 1970.
    private(set) var usedAt: Int64 = 0

    /// The device is gone for ever.
    var isLost = false
    /// Nothing of it runs before this moment.
    var pausedUntil: Int64 = 0
    /// Messages up, and down, are lost until then.
    var cutUpUntil: Int64 = 0
    var cutDownUntil: Int64 = 0
    /// Messages are held until then.
    var clogUntil: Int64 = 0
    /// The towns that it wants, as bits; 0 for all.
    var towns: Int64
    /// Every town that it ever wanted, or wrote in.
    var townsEver: Int64
    /// Every town that it had by right.
    var townsByRight: Int64
    /// The towns that it has been given wrongly and has now.
    var granted: Int64 = 0
    /// Whether the last change of its subscription has been carried out.
    var isSubscriptionSettled = true

    /// Its log, as far as the checks have read it.
    var log = FleetDeviceLog()
    /// Where the hub stood when this device had nothing left to say or to hear, in the second phase.
    var settledAt: UInt64?

    /// The exchange that is under way.
    var exchange: Exchange?
    private var exchanges = 0

    /// One live session with what the network needs to know of it.
    struct Exchange {
        var session: SyncSession
        /// Decides everything about its messages.
        let random: RandomStream
        let number: Int
        /// The message that is under way; others are too late.
        var message = 0
        /// The hub's last sequence when the last request was made: its answer must come so far.
        var headAtRequest: UInt64 = 0
    }

    init(
        _ plan: FleetPlan,
        _ index: Int,
        folder: String,
        schema: Schema,
        clock: VirtualClock,
        disk: any FleetDisk
    ) {
        let device = plan.devices[index]
        self.index = index
        name = device.name
        self.folder = folder + "/" + device.name
        link = plan.links[device.link]
        phase = FleetPlan.phase(device, link)
        self.disk = disk
        self.schema = schema
        isOld = device.schema < FleetSchema.version
        self.clock = clock
        drift = device.drift
        clockError.set(device.clock)
        source = RandomStream(seed: device.seed, name: "chance")
        towns = device.towns
        townsEver = device.towns == 0 ? -1 : device.towns
        townsByRight = townsEver
    }

    /// Whether the process runs now.
    var isRunning: Bool { open != nil }

    /// The scopes of the towns that it wants.
    var scopes: [String] { FleetDevice.scopes(towns) }

    static func scopes(_ towns: Int64) -> [String] {
        (0..<9).filter { towns & 1 << Int64($0) != 0 }.map { FleetSchema.scope($0) }
    }

    /// The store; its process is started where it does not run.
    func replica() throws -> Replica {
        usedAt = clock.now
        if let open { return open }
        let replica = try openAgain()
        open = replica
        if replica.account().knowledge.isEmpty, towns != 0, try replica.status().scopes.isEmpty {
            try replica.subscribe(to: scopes)
        }
        return replica
    }

    /// Opens the store once more, as a second process would.
    func openAgain() throws -> Replica {
        let (clock, clockError, source, drift) = (clock, clockError, source, drift)
        return try disk.openReplica(
            at: folder,
            schema: schema,
            author: name,
            environment: CoreEnvironment(
                now: { clock.now + clockError.now + clock.now / 1_000_000 * drift },
                random: { source.next() }
            )
        )
    }

    /// Ends the process.
    func kill() {
        exchange = nil
        open = nil
    }

    /// Ends the process with the files as they stand.
    func crash(seed: UInt64) throws {
        guard open != nil else { return }
        try disk.stop(folder, seed: seed) { kill() }
    }

    /// Another version of the program is installed.
    func install(_ schema: Schema) {
        kill()
        self.schema = schema
        isOld = schema.version < FleetSchema.version
    }

    /// Copies the files while the process runs.
    func keep(in target: String) throws {
        _ = try replica()
        try disk.image(of: folder, in: target)
    }

    /// Puts a copy in the place of the files.
    func restore(from source: String) throws {
        kill()
        try disk.replace(folder, by: source)
        log = FleetDeviceLog()
    }

    /// Begins an exchange.
    func begin(_ options: SyncSession.Options, seed: UInt64) -> Int {
        exchanges += 1
        exchange = Exchange(
            session: SyncSession(options: options),
            random: RandomStream(seed: seed, name: "messages"),
            number: exchanges
        )
        return exchanges
    }
}
