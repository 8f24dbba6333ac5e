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

    init(
        schema: Schema,
        dictionary: CompressionDictionary? = nil,
        pageBytes: Int = 1 << 20,
        transferBytesMax: Int = 32 << 20
    ) throws {
        folder = Fleet.newFolder()
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
            environment: environment,
            pageBytes: pageBytes,
            transferBytesMax: transferBytesMax
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A folder of its own for one test.
    static func newFolder() -> String { NSTemporaryDirectory() + "fleet-" + UUID().uuidString }

    /// Opens somebody's device; each name is one store.
    func device(
        _ name: String,
        author: String? = nil,
        scopes: [String] = [],
        schema: Schema? = nil,
        clockOffset: Int64 = 0,
        dictionary: CompressionDictionary? = nil
    ) throws -> Replica {
        let clock = clock
        let seed = SeededSource(seed: name.utf8.reduce(17) { $0 &* 31 &+ UInt64($1) })
        let replica = try Replica.open(
            at: folder + "/" + name,
            schema: schema ?? self.schema,
            author: author ?? name,
            dictionary: dictionary,
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
    func picture(of device: Replica) throws -> [String] { try Picture.of(device) }

    func hubPicture() throws -> [String] { try Picture.of(storage) }

    /// Everything that the hub has in its log, in its order.
    func hubLog() throws -> [Batch.Item] { try storage.wholeLog() }
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
    private let time: Mutex<Int64>

    init(_ start: Int64 = 1_785_744_000_000) { time = Mutex(start) }

    var now: Int64 { time.withLock { $0 } }

    func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }

    func set(_ milliseconds: Int64) { time.withLock { $0 = milliseconds } }
}

/// Random bits that a seed decides, for several threads.
final class SeededSource: Sendable {
    private let dice: Mutex<Dice>

    init(seed: UInt64) { dice = Mutex(Dice(seed: seed)) }

    func next() -> UInt64 { dice.withLock { $0.next() } }
}
