import Foundation
import Replication
import SyncCore
import Synchronization

/// A sync in the memory of a device, between two links.
struct InterruptedSync {
    var session: SyncSession
    /// Whether its requests travel in parts that a small budget can carry.
    var isFine: Bool
}

/// One device of a replay: a real store in a folder, with a clock and chance of its own.
final class ReplayDevice {
    let name: String
    let folder: String
    private let schema: Schema
    private let clock: VirtualClock
    /// How far the device's wall clock is ahead of the true time, in ms.
    let clockError = VirtualClock()
    private let source: RandomStream
    /// Decides where its messages are cut and how long it would wait.
    let network: RandomStream
    private var open: Replica?
    /// A sync that was interrupted and goes on when there is a link again; it ends with the process.
    var interrupted: InterruptedSync?
    /// What was acknowledged to the device and stands in its files, or was synced from earlier ones.
    var ledger: ChangeLedger

    init(name: String, folder: String, schema: Schema, clock: VirtualClock, seed: UInt64) {
        self.name = name
        self.folder = folder
        self.schema = schema
        self.clock = clock
        ledger = ChangeLedger(schema)
        source = RandomStream(seed: seed, name: "device " + name)
        network = RandomStream(seed: seed, name: "network " + name)
    }

    /// The store; it is opened when it is first needed.
    func replica() throws -> Replica {
        if let open { return open }
        let replica = try openStore()
        open = replica
        return replica
    }

    private func openStore() throws -> Replica {
        let (clock, clockError, source) = (clock, clockError, source)
        return try Replica.open(
            at: folder,
            schema: schema,
            author: name,
            environment: CoreEnvironment(
                now: { clock.now + clockError.now },
                random: { source.next() }
            )
        )
    }

    /// Ends the device's process: the store is closed.
    func stop() {
        open = nil
        interrupted = nil
    }

    /// Keeps the device's files as they are now.
    func keep(in folder: String) throws {
        // Closing writes the log back, so that the one file holds everything.
        _ = try replica()
        stop()
        try ReplayDevice.replaceFolder(folder, by: self.folder)
    }

    /// Puts files in the place of the device's own.
    func putBack(from folder: String) throws {
        stop()
        try ReplayDevice.replaceFolder(self.folder, by: folder)
    }

    private static func replaceFolder(_ target: String, by source: String) throws {
        let files = FileManager.default
        if files.fileExists(atPath: target) { try files.removeItem(atPath: target) }
        let parent = (target as NSString).deletingLastPathComponent
        try files.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try files.copyItem(atPath: source, toPath: target)
    }
}
