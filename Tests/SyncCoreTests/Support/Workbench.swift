import Foundation
import GRDB
import Replication
import SyncCore

/// A folder of its own for each test, with people's stores in it.
final class Workbench: Sendable {
    let folder: String
    let clock = TestClock()

    init() throws {
        folder = NSTemporaryDirectory() + "workbench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Opens somebody's store; each name is one store.
    func replica(
        _ name: String = "alice",
        schema: Schema? = nil,
        opening: Replica.Opening = .openOrCreate,
        clockOffset: Int64 = 0
    ) throws -> Replica {
        let clock = clock
        let seed = SeededSource(seed: name.utf8.reduce(17) { $0 &* 31 &+ UInt64($1) })
        return try Replica.open(
            at: path(name),
            schema: schema ?? TestSchema.make(),
            author: name,
            opening: opening,
            environment: CoreEnvironment(
                now: { clock.now + clockOffset },
                random: { seed.next() }
            )
        )
    }

    /// A second connection to a store's file, to look at it or to damage it.
    func database(_ name: String = "alice") throws -> DatabaseQueue {
        try DatabaseQueue(path: path(name) + "/store.sqlite")
    }

    /// Brings what each has to the other, without a hub.
    func exchange(_ left: Replica, _ right: Replica) throws {
        try right.merge(delta: left.delta(for: right.status()))
        try left.merge(delta: right.delta(for: left.status()))
    }
}

extension Replica {
    /// Runs a body on the store's own connection.
    func withDatabase<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try core.withLock { core in
            try core.file.queue.writeWithoutTransaction { try body($0) }
        }
    }

    /// What differs between the stored records and their log.
    func differences() throws -> [StoreMaintenance.Difference] {
        try core.withLock { core in
            try core.file.queue.writeWithoutTransaction {
                try StoreMaintenance.compare(core.store, $0)
            }
        }
    }
}
