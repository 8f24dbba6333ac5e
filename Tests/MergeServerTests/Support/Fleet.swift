import Foundation
import MergeServer
import Replication
import SyncCore
import Synchronization

/// A hub and people's devices in one process: real stores, the real codec, no network and a clock
/// that the test turns.
final class Fleet: Sendable {
    let folder: String
    let schema: Schema
    let storage: SQLiteHubStorage
    let service: MergeService
    let clock = TestClock()

    init(schema: Schema, dictionary: CompressionDictionary? = nil) throws {
        folder = NSTemporaryDirectory() + "fleet-" + UUID().uuidString
        self.schema = schema
        let clock = clock
        let seed = SeededSource(seed: 7)
        let environment = CoreEnvironment(now: { clock.now }, random: { seed.next() })
        storage = try SQLiteHubStorage(
            folder: folder + "/hub",
            schema: schema,
            environment: environment
        )
        service = MergeService(
            storage: storage,
            dictionaries: dictionary.map { [$0] } ?? [],
            environment: environment
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Opens somebody's device; each name is one store.
    func device(
        _ name: String,
        author: String? = nil,
        scopes: [String] = [],
        schema: Schema? = nil,
        clockOffset: Int64 = 0
    ) throws -> Replica {
        let clock = clock
        let seed = SeededSource(seed: name.utf8.reduce(17) { $0 &* 31 &+ UInt64($1) })
        let replica = try Replica.open(
            at: folder + "/" + name,
            schema: schema ?? self.schema,
            author: author ?? name,
            environment: CoreEnvironment(
                now: { clock.now + clockOffset },
                random: { seed.next() }
            )
        )
        if !scopes.isEmpty { try replica.subscribe(to: scopes) }
        return replica
    }

    /// Syncs devices one after the other, and turns the clock on.
    @discardableResult
    func sync(_ devices: Replica...) async throws -> [SyncSummary] {
        var summaries: [SyncSummary] = []
        for device in devices {
            clock.advance(1_000)
            summaries.append(
                try await device.synchronize(with: LocalHub(service: service))
            )
        }
        return summaries
    }

    /// What every device and the hub show of every record, as text to compare.
    func picture(of device: Replica) throws -> [String] {
        try device.read { reading in
            try reading.allRecords().map { key in
                try reading.view(key).map { Fleet.describe(key, $0) } ?? ""
            }
        }.sorted()
    }

    func hubPicture() throws -> [String] {
        var lines: [String] = []
        try storage.forEachRecord { key, _, _, view in lines.append(Fleet.describe(key, view)) }
        return lines.sorted()
    }

    private static func describe(_ key: RecordKey, _ view: RecordView) -> String {
        "\(key.type)/\(key.id) \(view.lifecycle) \(view.values) "
            + "\(view.conflicts.map { "\($0.subject) \($0.candidates.map { "\($0.stamp.dot)=\($0.value)" })" })"
    }
}

/// The hub as a transport: a call instead of a network.
struct LocalHub: SyncTransport {
    let service: MergeService

    func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8] {
        service.handle(body)
    }
}

/// A clock that only tests turn.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_785_744_000_000)

    var now: Int64 { time.withLock { $0 } }

    func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}

/// SplitMix64 (Steele et al. 2014), from a seed.
final class SeededSource: Sendable {
    private let state: Mutex<UInt64>

    init(seed: UInt64) { state = Mutex(seed) }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
