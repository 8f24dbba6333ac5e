import Foundation
import MergeServer
import Replication
import SyncCore

/// Opens the files of a fleet, and does to them what machines do to files.
///
/// This is the seam for faults of the disk: `FaultyDisk` opens the same folders over a SQLite VFS that
/// fails, and forgets what was not synced when the machine stops.
protocol FleetDisk {
    /// The disk on which stores are opened.
    var storeDisk: StoreDisk { get }

    /// The files as they would be found after the machine had stopped now.
    func image(of folder: String, in target: String) throws

    /// Replaces a folder's files by those of another folder.
    func replace(_ folder: String, by source: String) throws

    /// The machine stops now, and with it the process, which is what `end` is for.
    func stop(_ folder: String, seed: UInt64, end: () -> Void) throws

    /// The disk is to fail during the next operation that says so; the seed decides how.
    func fail(_ seed: UInt64)

    /// Runs an operation during which the disk may fail.
    func whileFailing<Result>(_ body: () throws -> Result) rethrows -> Result

    /// Whether it did, the last time.
    var hasStruck: Bool { get }
}

extension FleetDisk {
    /// Opens a device's store.
    func openReplica(
        at folder: String,
        schema: Schema,
        author: String,
        environment: CoreEnvironment
    ) throws -> Replica {
        try Replica.open(
            at: folder,
            schema: schema,
            author: author,
            environment: environment,
            disk: storeDisk
        )
    }

    /// Opens the hub's file.
    func openHub(
        at folder: String,
        schema: Schema,
        environment: CoreEnvironment
    ) throws -> SQLiteHubStorage {
        try SQLiteHubStorage(
            folder: folder,
            schema: schema,
            environment: environment,
            disk: storeDisk
        )
    }

    func stop(_ folder: String, seed: UInt64, end: () -> Void) throws {
        let image = folder + "-image"
        try self.image(of: folder, in: image)
        end()
        let files = FileManager.default
        if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
        try files.moveItem(atPath: image, toPath: folder)
    }

    func fail(_ seed: UInt64) {}

    func whileFailing<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }

    var hasStruck: Bool { false }
}

/// Files that do what they should.
struct SoundDisk: FleetDisk {
    /// A planted fault: what the write-ahead log holds is forgotten when a machine stops.
    ///
    /// It breaks the promise of durability, so every plan with a crash after a write must fail. A
    /// run with it proves that the alarm rings.
    var forgetsLog = false

    /// The system's files without its locks between processes.
    ///
    /// Every store of a fleet is in this process, and `StoreLock` keeps a second owner out. No space
    /// is kept back for a full disk, which this one never is.
    let storeDisk = StoreDisk(vfs: SoundDisk.vfs, reserveBytes: 0)

    static let vfs = "unix-excl"

    func image(of folder: String, in target: String) throws {
        let files = FileManager.default
        if files.fileExists(atPath: target) { try files.removeItem(atPath: target) }
        try files.createDirectory(atPath: target, withIntermediateDirectories: true)
        // The shared memory beside a write-ahead log does not survive a machine.
        for name in forgetsLog ? ["store.sqlite"] : ["store.sqlite", "store.sqlite-wal"] {
            let path = folder + "/" + name
            guard files.fileExists(atPath: path) else { continue }
            try files.copyItem(atPath: path, toPath: target + "/" + name)
        }
    }

    func replace(_ folder: String, by source: String) throws {
        let files = FileManager.default
        if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
        try files.copyItem(atPath: source, toPath: folder)
    }
}
