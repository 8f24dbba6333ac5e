import Foundation
import MergeServer
import Models
import Replication
import SyncCore
import Synchronization

extension FuzzTarget {
    /// Bytes that go to a store: what they do not bring leaves it as it was.
    static let stores: [FuzzTarget] = [
        FuzzTarget(
            name: "merge",
            subject: "deltas that a device's store takes",
            seeds: [
                "Tests/SyncCoreTests/Fixtures/frames", "Tests/SyncCoreTests/Fixtures/malformed",
                "Fuzz/Seeds/merge",
            ],
            names: { $0 is SyncError || $0 is WireError },
            read: { bytes in try FuzzStores.device().take(bytes) }
        ),
        FuzzTarget(
            name: "hub",
            subject: "messages that a hub answers",
            seeds: [
                "Tests/SyncCoreTests/Fixtures/frames", "Tests/SyncCoreTests/Fixtures/malformed",
                "Fuzz/Seeds/hub",
            ],
            names: { _ in false },
            read: { bytes in try FuzzStores.hub().take(bytes) }
        ),
    ]
}

/// The stores of a run; they are made anew from time to time, so that they stay small.
private enum FuzzStores {
    private static let turnsMax = 2_000
    private static let devices = Mutex<(device: FuzzDevice, turns: Int)?>(nil)
    private static let hubs = Mutex<(hub: FuzzHub, turns: Int)?>(nil)

    static func device() throws -> FuzzDevice {
        try devices.withLock { held in
            if let (device, turns) = held, turns < turnsMax {
                held = (device, turns + 1)
                return device
            }
            held = nil
            let device = try FuzzDevice(folder: try emptied("device"))
            held = (device, 0)
            return device
        }
    }

    static func hub() throws -> FuzzHub {
        try hubs.withLock { held in
            if let (hub, turns) = held, turns < turnsMax {
                held = (hub, turns + 1)
                return hub
            }
            held = nil
            let hub = try FuzzHub(folder: try emptied("hub"))
            held = (hub, 0)
            return hub
        }
    }

    private static func emptied(_ name: String) throws -> String {
        let folder = FuzzTarget.scratch + "/" + name
        try? FileManager.default.removeItem(atPath: folder)
        return folder
    }

    static let environment = CoreEnvironment(now: { 1_785_744_000_000 }, random: { 0x5EED })
}

/// A device with a few changes.
private final class FuzzDevice: Sendable {
    private let replica: Replica

    init(folder: String) throws {
        replica = try Replica.open(
            at: folder,
            schema: District.schema,
            author: "bob",
            environment: FuzzStores.environment
        )
        var finding = Finding()
        finding.title = "电鱼"
        try replica.write { try $0.insert(finding) }
    }

    func take(_ bytes: [UInt8]) throws {
        let before = try replica.status()
        do {
            try replica.merge(delta: bytes)
        } catch {
            try hold(try replica.status() == before, "what is refused changes nothing")
            throw error
        }
        let problems = try replica.checkRecords()
        try hold(problems.isEmpty, "records follow from their log: \(problems)")
    }
}

/// A hub that knows nobody yet.
private final class FuzzHub: Sendable {
    private let storage: SQLiteHubStorage
    private let service: MergeService

    init(folder: String) throws {
        storage = try SQLiteHubStorage(
            folder: folder,
            schema: District.schema,
            environment: FuzzStores.environment
        )
        service = MergeService(storage: storage, environment: FuzzStores.environment)
    }

    func take(_ bytes: [UInt8]) throws {
        let before = try recorded()
        let answer = service.handle(bytes)
        let failure = service.metrics.takeFailure()
        try hold(failure == nil, "no message makes the storage fail: \(failure ?? "")")
        guard case .message(let message) = try Transfer.downward(answer) else { return }
        let response = try SyncResponse.decode(message, dictionaries: [], resolve: { _ in nil })
        if response.status != .done {
            try hold(try recorded() == before, "what is refused records nothing")
        }
    }

    /// What is recorded of changes: a device that introduces itself is registered all the same.
    private func recorded() throws -> [Int] {
        let figures = try storage.statistics()
        return [
            Int(clamping: figures.head), figures.records, figures.conflicts, figures.quarantined,
        ]
    }
}
