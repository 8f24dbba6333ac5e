import DiskFaults
import Foundation
import GRDB
import Replication
import SyncCore
import Testing

/// Files that changed while nobody looked.
@Suite struct DamagedFileTests {
    private let bench: Workbench

    init() throws { bench = try Workbench() }

    /// Alice's store after a kill: part of it in the file, part of it in the log.
    private func killedStore() throws -> String {
        let disk = try FaultDisk()
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        for number in 0..<20 {
            try replica.write { transaction in
                let sighting = try transaction.insert(Sighting(title: "第\(number)次", town: "t"))
                try transaction.insert(Weighing(sighting: sighting, grams: number))
            }
            if number == 14 { _ = try replica.withDatabase { try $0.checkpoint(.truncate) } }
        }
        return try copy(replica.folder)
    }

    private func copy(_ folder: String) throws -> String {
        let target = bench.path(UUID().uuidString)
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        try FaultFiles.copyStore(from: folder, to: target)
        return target
    }

    /// Reads and writes everything; what goes wrong has a name.
    private func use(_ folder: String) throws {
        let replica = try DiskBench.replica(in: folder, on: FaultDisk())
        _ = try replica.records(of: Sighting.self)
        _ = try replica.records(of: Weighing.self)
        _ = try replica.read { try $0.log(limit: .max) }
        _ = try replica.checkFile()
        _ = try replica.checkRecords()
        _ = try DiskBench.belief(replica)
        try replica.write { try $0.insert(Sighting(title: "后来")) }
        try replica.rebuildRecords()
    }

    @Test(arguments: 0..<(FaultLoopSetting.isWhole ? 120 : 8) as Range<UInt64>)
    func `bits that rot are named or harmless, and never end the process`(seed: UInt64) throws {
        var random = Seeded(seed)
        let store = try killedStore()
        let size = FaultFiles.bytes(of: store + "/store.sqlite")
        for _ in 0..<25 {
            let folder = try copy(store)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let offset = random.chance(1, in: 4) ? random.below(4_096) : random.below(size)
            let mask = random.pick([1, 2, 4, 8, 16, 32, 64, 128, 255] as [UInt8])
            try FaultFiles.rot(folder + "/store.sqlite", at: offset, mask: mask)
            do {
                try use(folder)
            } catch {
                #expect(
                    DiskBench.isNamed(error) || error is WireError || error is EditError,
                    "byte \(offset) ^ \(mask): \(error)"
                )
            }
        }
    }

    @Test func `a log that rots gives the commits before the damage`() throws {
        let store = try killedStore()
        let size = FaultFiles.bytes(of: store + "/store.sqlite-wal")
        var counts: Set<Int> = []
        for step in 0..<30 {
            let folder = try copy(store)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FaultFiles.rot(folder + "/store.sqlite-wal", at: size * step / 30, mask: 0x10)
            let replica = try DiskBench.replica(in: folder, on: FaultDisk())
            let sightings = try replica.records(of: Sighting.self).count
            #expect((15...20).contains(sightings))
            #expect(try replica.records(of: Weighing.self).count == sightings)
            #expect(try replica.checkFile().isEmpty)
            #expect(try replica.differences().isEmpty)
            counts.insert(sightings)
        }
        #expect(counts.count > 3)
    }

    @Test func `without its log the store is the one of the last checkpoint`() throws {
        let store = try killedStore()
        try FileManager.default.removeItem(atPath: store + "/store.sqlite-wal")
        let replica = try DiskBench.replica(in: store, on: FaultDisk())
        #expect(try replica.records(of: Sighting.self).count == 15)
        #expect(try replica.checkFile().isEmpty)
        #expect(try replica.differences().isEmpty)
        try replica.write { try $0.insert(Sighting(title: "后来")) }
    }
}
