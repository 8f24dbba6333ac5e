import MergeServer
import Replication
import SyncCore
import Testing

/// A hub with many at its door, and devices that do several things at the same time: above all for
/// the thread sanitizer.
@Suite struct EverybodyAtOnceTests {
    private static let names = ["alice", "bob", "carol", "dave", "erin", "frank"]

    /// What an app does beside a sync: it records, looks and listens.
    private static func live(_ device: Replica, _ name: String) async throws {
        for number in 0..<4 {
            try device.write { try $0.insert(Sighting(title: "\(name) \(number)", town: "t")) }
            try device.write {
                try $0.update(Reference<Sighting>(.named("shared"))) { $0.visits += 1 }
            }
            _ = try device.records(of: Sighting.self).count
            _ = try device.status()
            _ = try device.conflicts()
            await Task.yield()
        }
    }

    @Test func `everybody syncs, records, looks and listens at once, and the hub compacts`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make(), pageBytes: 2_000)
        let first = try fleet.device("first")
        try first.write { try $0.insert(Sighting(title: "共同"), named: "shared") }
        try await fleet.sync(first)
        let devices = try EverybodyAtOnceTests.names.map { ($0, try fleet.device($0)) }
        for (_, device) in devices { try await fleet.sync(device) }
        try await ServedHub.run(fleet) { hub in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (name, device) in devices {
                    let changes = device.changes()
                    group.addTask { for await _ in changes.prefix(4) {} }
                    group.addTask { try await EverybodyAtOnceTests.live(device, name) }
                    group.addTask {
                        for _ in 0..<3 { try await device.synchronize(with: hub.transport()) }
                    }
                }
                group.addTask {
                    for _ in 0..<6 {
                        _ = try await hub.get("/metrics")
                        _ = try fleet.storage.statistics()
                        let now = fleet.clock.now
                        _ = try fleet.storage.compact(HubCompaction.Options(), now: now)
                        fleet.clock.advance(1_000)
                    }
                }
                try await group.waitForAll()
            }
        }
        for _ in 0..<2 { for (_, device) in devices { try await fleet.sync(device) } }
        let expected = Int64(devices.count * 4)
        for (name, device) in devices {
            let shared = try device.record(Reference<Sighting>(.named("shared")))
            #expect(shared?.visits == expected, "\(name)")
            #expect(try fleet.picture(of: device) == fleet.hubPicture(), "\(name)")
        }
    }
}
