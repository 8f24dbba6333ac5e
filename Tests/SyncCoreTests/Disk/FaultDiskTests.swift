import DiskFaults
import Foundation
import GRDB
import Replication
import SyncCore
import Testing

/// The failing disk itself: what it loses is what a disk may lose, and no more.
@Suite struct FaultDiskTests {
    private let bench: Workbench
    private let disk: FaultDisk

    init() throws {
        bench = try Workbench()
        disk = try FaultDisk()
    }

    /// Writes one sighting and loses power while the store is open.
    private func writeAndLosePower(_ loss: FaultDisk.Loss) throws {
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        try replica.write { try $0.insert(Sighting(title: "第一次")) }
        disk.lie(true)
        try replica.write { try $0.insert(Sighting(title: "第二次")) }
        #expect(disk.unsyncedBytes > 0)
        try disk.losePower(loss)
        disk.lie(false)
        #expect(throws: StoreError.self) { try replica.write { try $0.insert(Errand()) } }
    }

    private func titles() throws -> [String] {
        try DiskBench.replica(in: bench.path("alice"), on: disk).records(of: Sighting.self)
            .map(\.record.title)
    }

    @Test func `what was synced outlives a loss of power and what was not is gone`() throws {
        try writeAndLosePower(.everything)
        #expect(try titles() == ["第一次"])
    }

    @Test func `a kill loses nothing that was written`() throws {
        try writeAndLosePower(.nothing)
        #expect(try titles() == ["第一次", "第二次"])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a log that is there in parts gives its whole commits`(seed: UInt64) throws {
        try writeAndLosePower(.some(seed: seed))
        let found = try titles()
        #expect(found == ["第一次"] || found == ["第一次", "第二次"])
    }

    @Test func `a disk lies over the VFS that it was made with`() throws {
        #expect(throws: FaultDisk.OutOfMemory.self) { try FaultDisk(beneath: "no such VFS") }
        let disk = try FaultDisk(beneath: "unix-excl")
        let folder = bench.path("carol")
        let replica = try DiskBench.replica(in: folder, on: disk)
        // That VFS keeps its shared memory in the process.
        #expect(!FileManager.default.fileExists(atPath: folder + "/store.sqlite-shm"))
        try replica.write { try $0.insert(Sighting(title: "第一次")) }
        disk.arm(.write, first: 1, .fails(.full))
        #expect(throws: StoreError.self) { try replica.write { try $0.insert(Errand()) } }
        disk.disarm()
        try disk.losePower(.everything)
        let again = try DiskBench.replica(in: bench.path("dave"), on: disk)
        #expect(try again.records(of: Sighting.self).isEmpty)
    }

    @Test func `a plan counts its own operations and fails those it names`() throws {
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        disk.resetCounts()
        try replica.write { try $0.insert(Sighting(title: "好")) }
        #expect(disk.count(of: .sync) == 1)
        #expect(disk.count(of: .write) > 2)
        disk.arm(.sync, first: 2, .fails(.inputOutput))
        try replica.write { try $0.insert(Sighting(title: "好")) }
        #expect(disk.fired == 0)
        let error = #expect(throws: StoreError.self) {
            try replica.write { try $0.insert(Sighting(title: "坏")) }
        }
        #expect(error?.code == .input)
        #expect(disk.fired == 1)
        try replica.write { try $0.insert(Sighting(title: "好")) }
        #expect(try replica.records(of: Sighting.self).count == 3)
    }

    @Test(
        arguments: [
            (FaultDisk.Answer.full, StoreError.Code.full), (.inputOutput, .input),
            (.readOnly, .readOnly),
        ]
    )
    func `each error of the disk has its name`(
        answer: FaultDisk.Answer,
        code: StoreError.Code
    ) throws {
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        disk.arm(.write, first: 1, .fails(answer))
        let error = #expect(throws: StoreError.self) {
            try replica.write { try $0.insert(Errand(what: "x")) }
        }
        #expect(error?.code == code)
    }

    @Test func `a store whose lock is held is named as locked`() throws {
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        disk.arm(.lock, first: 1, times: nil, .fails(.busy))
        let error = #expect(throws: StoreError.self) {
            try replica.write { try $0.insert(Errand(what: "x")) }
        }
        #expect(error?.code == .locked)
    }

    @Test func `a disk that can only be read is named at open`() throws {
        _ = try DiskBench.replica(in: bench.path("alice"), on: disk).id
        disk.writeProtect(true)
        let error = #expect(throws: StoreError.self) {
            try DiskBench.replica(in: bench.path("alice"), on: disk)
        }
        #expect(error?.code == .readOnly)
        disk.writeProtect(false)
        #expect(throws: Never.self) { try DiskBench.replica(in: bench.path("alice"), on: disk) }
    }
}
