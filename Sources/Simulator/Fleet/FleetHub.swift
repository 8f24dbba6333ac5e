import MergeServer
import Replication
import SyncCore

/// The hub of a fleet: the real service over the real storage, and a process that can end.
final class FleetHub {
    let folder: String
    private var schema: Schema
    private let clock: VirtualClock
    let disk: any FleetDisk
    private let source: RandomStream
    private let pageBytes: Int
    private let keptBytes: Int
    private(set) var storage: SQLiteHubStorage?
    private(set) var service: MergeService?
    /// It does not answer before this moment.
    var downUntil: Int64 = 0
    /// What is shown of each record since the process was started, as far as it was looked at.
    private var shown: [Int64: Shown] = [:]

    private struct Shown {
        let stored: SQLiteHubStorage.StoredRecord
        let key: RecordKey
        let view: RecordView
    }

    /// When every run starts, 2026-01-01T00:00:00Z; the hub's clock is right.
    static let start: Int64 = 1_767_225_600_000

    init(
        _ plan: FleetPlan,
        folder: String,
        schema: Schema,
        clock: VirtualClock,
        disk: any FleetDisk
    ) throws {
        self.folder = folder + "/hub"
        self.schema = schema
        self.clock = clock
        self.disk = disk
        pageBytes = plan.pageBytes
        keptBytes = plan.keptBytes
        source = RandomStream(seed: plan.seed, name: "hub")
        try start()
    }

    private func start() throws {
        let (clock, source) = (clock, source)
        let environment = CoreEnvironment(now: { clock.now }, random: { source.next() })
        let storage = try disk.openHub(at: folder, schema: schema, environment: environment)
        self.storage = storage
        service = MergeService(
            storage: storage,
            environment: environment,
            pageBytes: pageBytes,
            transferBytesMax: keptBytes
        )
    }

    private func stop() {
        service = nil
        storage = nil
        shown = [:]
    }

    /// Whether its program is the version before.
    var isOld: Bool { schema.version < FleetSchema.version }

    /// Another version of the program is installed, and started.
    func install(_ schema: Schema) throws {
        self.schema = schema
        try restart()
    }

    /// Ends the process and starts it again.
    func restart() throws {
        stop()
        try start()
    }

    /// The same, with the files as they stand.
    func crash(seed: UInt64) throws {
        try disk.stop(folder, seed: seed) { stop() }
        try start()
    }

    /// What the hub shows now, of visible records.
    ///
    /// A view is made anew only where what it is made of is not what it was at the last look.
    func visible(_ storage: SQLiteHubStorage) throws -> [RecordKey: RecordView] {
        var views: [RecordKey: RecordView] = [:]
        try storage.forEachStored { stored, view in
            if shown[stored.number]?.stored != stored {
                shown[stored.number] = try view()
                    .map { Shown(stored: stored, key: $0.key, view: $0.view) }
            }
            guard let found = shown[stored.number], found.view.lifecycle.isVisible else { return }
            views[found.key] = found.view
        }
        return views
    }

    /// Answers a message; nil while it is down.
    func handle(_ bytes: [UInt8], at time: Int64) -> [UInt8]? {
        time < downUntil ? nil : disk.whileFailing { service?.handle(bytes) }
    }

    /// A part of a message has come.
    func receivedPart(of bytes: [UInt8]) { service?.receivedPart(of: bytes) }
}
