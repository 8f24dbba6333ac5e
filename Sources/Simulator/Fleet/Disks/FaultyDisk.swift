import DiskFaults
import Foundation
import MergeServer
import Replication
import SyncCore

/// The disk of one machine, which fails while one operation runs and forgets what was not synced
/// when the power goes.
final class FaultyDisk: FleetDisk {
    private let disk: FaultDisk
    private let files = SoundDisk()
    /// Decides how the next operations fail, until one has.
    private var pending: RandomStream?

    /// - `isLying`: a planted fault: syncs only say that they are done.
    init(isLying: Bool = false) throws {
        // As a sound disk: nobody else opens these files.
        disk = try FaultDisk(beneath: SoundDisk.vfs)
        disk.lie(isLying)
    }

    var storeDisk: StoreDisk {
        StoreDisk(vfs: disk.vfsName, reserveBytes: 0, freeBytes: { _ in nil })
    }

    func image(of folder: String, in target: String) throws {
        try files.image(of: folder, in: target)
    }

    func replace(_ folder: String, by source: String) throws {
        // What the old files had not synced is not taken back from the new ones.
        try disk.losePower(.nothing)
        try files.replace(folder, by: source)
    }

    func stop(_ folder: String, seed: UInt64, end: () -> Void) throws {
        let loss: FaultDisk.Loss =
            switch RandomStream(seed: seed, name: "loss").below(4) {
            case 0: .nothing
            case 1: .some(seed: seed)
            default: .everything
            }
        try disk.losePower(loss)
        end()
    }

    func fail(_ seed: UInt64) { pending = RandomStream(seed: seed, name: "disk") }

    private(set) var hasStruck = false

    func whileFailing<Result>(_ body: () throws -> Result) rethrows -> Result {
        hasStruck = false
        guard let random = pending else { return try body() }
        arm(random)
        defer {
            hasStruck = disk.fired > 0
            if hasStruck { pending = nil }
            disk.disarm()
        }
        return try body()
    }

    private func arm(_ random: RandomStream) {
        let kinds: [(FaultDisk.Operations, FaultDisk.Effect)] = [
            (.write, .fails(.full)), (.write, .isCutShort(.inputOutput)),
            (.changes, .fails(.inputOutput)), (.sync, .fails(.inputOutput)),
            ([.read, .size], .fails(.inputOutput)), (.lock, .fails(.busy)),
        ]
        let (operations, effect) = random.pick(kinds)
        disk.arm(
            operations,
            first: 1 + random.below(random.pick([1, 3, 10, 30])),
            times: random.chance(500) ? 1 : nil,
            effect
        )
    }
}
