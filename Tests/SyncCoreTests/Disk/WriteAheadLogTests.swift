import DiskFaults
import Foundation
import Replication
import SyncCore
import Testing

/// The write-ahead log stays small beside the store.
@Suite struct WriteAheadLogTests {
    private let bench: Workbench
    private let disk: FaultDisk

    init() throws {
        bench = try Workbench()
        disk = try FaultDisk()
    }

    private var logBytes: Int { FaultFiles.bytes(of: bench.path("alice") + "/store.sqlite-wal") }

    /// What `journal_size_limit` allows.
    private static let cap = 16 << 20

    @Test func `many small writes keep it under a few megabytes`() throws {
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        var highest = 0
        for number in 0..<600 {
            try replica.write { try $0.insert(Sighting(title: "第\(number)次", town: "t")) }
            highest = max(highest, logBytes)
        }
        #expect(highest > 0)
        #expect(highest < 6 << 20, "1,000 pages, and the writes until a checkpoint")
    }

    @Test func `a large import leaves no large log behind`() throws {
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        let text = String(repeating: "雨后水位上涨，岸边有脚印。", count: 700)
        try replica.writeAll(0..<800) { number, transaction in
            var sighting = Sighting(title: "导入\(number)")
            sighting.remark = text
            try transaction.insert(sighting)
        }
        #expect(logBytes > WriteAheadLogTests.cap, "the import is one commit of this size")
        for number in 0..<3 {
            try replica.write { try $0.insert(Errand(what: "\(number)")) }
        }
        #expect(logBytes <= WriteAheadLogTests.cap)
    }
}
