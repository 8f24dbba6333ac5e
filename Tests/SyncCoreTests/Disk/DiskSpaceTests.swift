import DiskFaults
import Foundation
import Replication
import SyncCore
import Testing

/// A full disk: capture goes on from the space that was kept back, everything else waits.
@Suite struct DiskSpaceTests {
    private let bench: Workbench
    private let disk: FaultDisk

    init() throws {
        bench = try Workbench()
        disk = try FaultDisk()
    }

    private var folder: String { bench.path("alice") }
    private var reserve: String { folder + "/store.reserve" }
    private var used: Int {
        ["store.sqlite", "store.sqlite-wal", "store.reserve", "store.lock"]
            .reduce(0) { $0 + FaultFiles.bytes(of: folder + "/" + $1) }
    }

    private func open() throws -> Replica {
        let disk = disk
        return try DiskBench.replica(
            in: folder,
            on: disk,
            reserveBytes: StoreDisk.standardReserveBytes,
            freeBytes: { disk.freeBytes(in: $0) }
        )
    }

    /// Captures until nothing goes any more; what went is counted.
    private func capture(in replica: Replica, atMost most: Int) -> Int {
        for number in 0..<most {
            do {
                try replica.write {
                    try $0.insert(Sighting(title: "满盘第\(number)次", town: "330502100"))
                }
            } catch {
                #expect((error as? StoreError)?.code == .full)
                return number
            }
        }
        return most
    }

    @Test func `a store keeps space back where there is some`() throws {
        let replica = try open()
        #expect(FaultFiles.bytes(of: reserve) == StoreDisk.standardReserveBytes)
        #expect(!replica.isShortOfSpace)
    }

    @Test func `a disk that is nearly full is left alone`() throws {
        disk.limit(bytes: 3 << 20)
        let replica = try open()
        #expect(FaultFiles.bytes(of: reserve) == 0)
        #expect(replica.isShortOfSpace)
        try replica.write { try $0.insert(Errand(what: "still works")) }
    }

    @Test func `capture goes on when the disk is full, for a day's work and more`() throws {
        var captured = 0
        var records = 0
        do {
            let replica = try open()
            captured += capture(in: replica, atMost: 20)
            disk.limit(bytes: used)
            captured += capture(in: replica, atMost: 400)
            #expect(captured == 420)
            #expect(replica.isShortOfSpace)
            records = try replica.records(of: Sighting.self).count
        }
        #expect(records == captured)
        let replica = try open()
        #expect(try replica.records(of: Sighting.self).count == captured)
        #expect(try replica.checkFile().isEmpty)
        #expect(try replica.differences().isEmpty)
    }

    @Test func `when even the reserve is used up, it says so and keeps what it has`() throws {
        let replica = try open()
        disk.limit(bytes: used)
        try FileManager.default.removeItem(atPath: reserve)
        disk.limit(bytes: used)
        let captured = capture(in: replica, atMost: 2_000)
        #expect(captured < 2_000)
        #expect(try replica.records(of: Sighting.self).count == captured)
        disk.limit(bytes: nil)
        try replica.write { try $0.insert(Sighting(title: "又有地方了")) }
        #expect(try replica.records(of: Sighting.self).count == captured + 1)
        #expect(try replica.differences().isEmpty)
    }

    @Test func `an import and what others wrote never take the reserve`() throws {
        let bob = try bench.replica("bob")
        let text = (0..<60_000).map { String($0) }.joined()
        try bob.write { try $0.insert(Sighting(title: "长", remark: text)) }
        let delta = try bob.delta(since: VersionVector(), cursor: 0)
        let replica = try open()
        disk.limit(bytes: used)
        for attempt in [
            { try replica.merge(delta: delta) },
            {
                try replica.writeAll(0..<200) { number, transaction in
                    try transaction.insert(Sighting(title: "导入\(number)"))
                }
            },
        ] as [() throws -> Int] {
            let error = #expect(throws: StoreError.self) { try attempt() }
            #expect(error?.code == .full)
            #expect(!replica.isShortOfSpace)
        }
        try replica.write { try $0.insert(Sighting(title: "现场")) }
        #expect(replica.isShortOfSpace)
    }

    @Test func `pages wait while the reserve is gone and acknowledgements do not`() throws {
        let replica = try open()
        try replica.write { try $0.insert(Sighting(title: "第一次")) }
        try FileManager.default.removeItem(atPath: reserve)
        disk.limit(bytes: used + 100_000)
        var page = SyncResponse(status: .done, through: 1, head: 1)
        let text = (0..<3_000).map { String($0, radix: 36) }.joined()
        page.entries = Batch(
            entries: [
                Batch.Item(
                    entry: LogEntry.creation(of: "别人的", remark: text),
                    recordNumber: 1,
                    introducesRecord: true,
                    sequence: 1
                )
            ],
            isSequenced: true
        )
        let bytes = page.encoded(dictionary: nil)
        let error = #expect(throws: SyncError.self) { try DiskBench.apply(bytes, to: replica) }
        #expect(error?.message.contains("full") == true)
        try DiskBench.apply(
            SyncResponse(status: .done, through: 0, head: 0).encoded(dictionary: nil),
            to: replica
        )
        disk.limit(bytes: nil)
        try DiskBench.apply(bytes, to: replica)
        #expect(try replica.records(of: Sighting.self).count == 2)
        #expect(!replica.isShortOfSpace)
    }

    @Test func `the reserve is kept again when there is space again`() throws {
        let replica = try open()
        disk.limit(bytes: used)
        try replica.write { try $0.insert(Sighting(title: "满盘")) }
        #expect(replica.isShortOfSpace)
        disk.limit(bytes: nil)
        try replica.write { try $0.insert(Sighting(title: "又有地方了")) }
        #expect(!replica.isShortOfSpace)
        #expect(FaultFiles.bytes(of: reserve) == StoreDisk.standardReserveBytes)
    }
}

extension LogEntry {
    /// Somebody else's first change, of one sighting.
    fileprivate static func creation(of title: String, remark: String) -> LogEntry {
        var entry = LogEntry.sample()
        entry.context = CausalContext(base: 0)
        entry.record = RecordKey(type: 1, id: .named(title))
        entry.actions = [
            .create, .write(SlotKey(1), .text(title)), .write(SlotKey(12), .text(remark)),
        ]
        return entry
    }
}
