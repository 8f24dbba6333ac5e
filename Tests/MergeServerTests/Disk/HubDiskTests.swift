import DiskFaults
import Foundation
import GRDB
import Replication
import SyncCore
import Testing

@testable import MergeServer

/// Every disk operation of each transaction of a hub fails in turn.
@Suite struct HubDiskTests {
    private let shelf = Shelf()

    private func expectNothingBetween(
        _ fault: DiskFault,
        _ operation: @escaping (SQLiteHubStorage) throws -> Void
    ) throws {
        try DiskLoops.expectNothingBetween(
            HubScene(operation: operation),
            base: base(),
            work: shelf.path + "/loop",
            fault
        )
    }

    /// A hub with two towns' records and a device, as a kill leaves it.
    private func base() throws -> String {
        let disk = try FaultDisk()
        let storage = try HubScene.open(in: shelf.path + "/hub", on: disk)
        let desk = HubDesk(storage)
        _ = try desk.register(People.alice, scopes: ["town=a"], tag: 5)
        for number in 0..<4 {
            try desk.write(
                People.alice,
                People.sighting("s\(number)"),
                People.titled("第\(number)次", town: number % 2 == 0 ? "a" : "b")
            )
            try desk.write(
                People.alice,
                People.weighing("w\(number)"),
                People.weighs(People.sighting("s\(number)"))
            )
        }
        let folder = shelf.path + "/base"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FaultFiles.copyStore(from: storage.folder, to: folder)
        return folder
    }

    /// Bob's push: new records, a move to another town with what belongs to it, and one for want of
    /// authority.
    private func push() -> Batch {
        var batch = Batch(isSequenced: false)
        let rule = RecordKey(type: 7, id: .named("rule"))
        let parts: [[(RecordKey, [SyncCore.Operation.Action])]] = [
            [
                (People.sighting("new"), People.titled("新", town: "a")),
                (People.weighing("new"), People.weighs(People.sighting("new"))),
            ],
            [(People.sighting("s0"), [.write(SlotKey(6), .text("b"))])],
            [(rule, [.create, .write(SlotKey(1), .text("自封"))])],
            [(People.sighting("s1"), [.write(SlotKey(3), .text("电鱼"))])],
        ]
        for (index, entries) in parts.enumerated() {
            for (part, (key, actions)) in entries.enumerated() {
                let entry = LogEntry(
                    dot: Dot(People.bob, UInt64(index) + 1),
                    part: UInt32(part),
                    parts: UInt32(entries.count),
                    context: CausalContext(base: 8),
                    timestamp: HybridTimestamp(wallTime: 1_785_744_000_000),
                    author: "bob",
                    reason: "",
                    record: key,
                    actions: actions
                )
                batch.entries.append(Batch.Item(entry: entry))
            }
        }
        return batch
    }

    @Test(arguments: DiskFault.standard)
    func `a push is numbered whole or not at all`(fault: DiskFault) throws {
        let push = push()
        try expectNothingBetween(fault) { storage in
            let outcome = try storage.append(
                push,
                from: People.bob,
                cursor: 8,
                now: 1_785_744_100_000
            )
            guard case .stored(let stored) = outcome else {
                throw StoreError(.database, "the push was answered by \(outcome)")
            }
            #expect(stored.changes == 3 && stored.quarantined.count == 1)
        }
    }

    @Test(arguments: DiskFault.standard)
    func `a device is registered or it is not`(fault: DiskFault) throws {
        try expectNothingBetween(fault) { storage in
            _ = try HubDesk(storage).register(People.bob, scopes: ["town=b"], tag: 9)
        }
    }

    @Test(arguments: DiskFault.standard)
    func `a hub is made whole, or can be made then`(fault: DiskFault) throws {
        try DiskLoops.expectNothingBetween(
            HubOpeningScene(),
            base: nil,
            work: shelf.path + "/loop",
            fault
        )
    }

    @Test(arguments: DiskFault.standard)
    func `a hub adopts a new schema at open, or can then`(fault: DiskFault) throws {
        var sighting = Sighting.mapping.schema
        for index in sighting.fields.indices where sighting.fields[index].name == "method" {
            sighting.fields[index].policy = .lastWriter
            sighting.fields[index].query = []
        }
        let others = try TestSchema.ruled().records.filter { $0.number != sighting.number }
        let schema = try Schema(version: 2, timeZoneMinutes: 480, records: [sighting] + others)
        try DiskLoops.expectNothingBetween(
            HubOpeningScene(schema: schema),
            base: base(),
            work: shelf.path + "/loop",
            fault
        )
    }

    @Test func `a full hub asks to come again and takes the push then`() throws {
        let disk = try FaultDisk()
        let storage = try HubScene.open(in: shelf.path + "/hub", on: disk)
        let service = MergeService(storage: storage)
        let alice = try Replica.open(
            at: shelf.path + "/alice",
            schema: TestSchema.ruled(),
            author: "alice"
        )
        try alice.write { try $0.insert(Errand(what: "加油")) }
        guard
            case .prepared(let request, _, _)? = alice.perform(
                .prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)
            )
        else {
            Issue.record("no request can be made")
            return
        }
        disk.limit(bytes: 0)
        let busy = try SyncResponse.decode(
            service.handle(request),
            dictionaries: [],
            resolve: { _ in nil }
        )
        guard case .busy = busy.status else {
            Issue.record("a full hub answered \(busy.status)")
            return
        }
        disk.limit(bytes: nil)
        let done = try SyncResponse.decode(
            service.handle(request),
            dictionaries: [],
            resolve: { _ in nil }
        )
        #expect(done.status == .done)
        #expect(try storage.wholeLog().count == 1)
    }

    @Test func `a hub that is read all the time keeps a small log`() throws {
        let disk = try FaultDisk()
        let storage = try HubScene.open(in: shelf.path + "/hub", on: disk)
        let desk = HubDesk(storage)
        let bob = try desk.register(People.bob)
        var highest = 0
        for number in 0..<400 {
            let text = String(repeating: "雨后水位\(number)。", count: 60)
            try desk.write(People.alice, People.sighting("s\(number)"), People.titled(text))
            _ = try desk.page(bob, after: UInt64(number), bytesMax: 1 << 16)
            highest = max(highest, FaultFiles.bytes(of: storage.folder + "/store.sqlite-wal"))
        }
        #expect(highest > 1 << 20)
        #expect(highest < 6 << 20, "1,000 pages, and the writes until a checkpoint")
    }

    @Test func `an answer that was given survives a loss of power`() throws {
        let disk = try FaultDisk()
        let folder = shelf.path + "/hub"
        for round in 0..<20 {
            let name = People.sighting("r\(round)")
            do {
                let storage = try HubScene.open(in: folder, on: disk)
                let desk = HubDesk(storage)
                desk.rewind(People.alice, to: UInt64(round))
                try desk.write(People.alice, name, People.titled("第\(round)次", town: "a"))
                try disk.losePower(.some(seed: UInt64(round)))
            }
            let storage = try HubScene.open(in: folder, on: disk)
            #expect(try storage.wholeLog().map(\.sequence) == (0...UInt64(round)).map { $0 + 1 })
        }
    }
}

/// An operation of an open hub.
struct HubScene: FaultScene {
    let operation: (SQLiteHubStorage) throws -> Void

    private static let schema = Result { try TestSchema.ruled() }

    static func open(
        in folder: String,
        on disk: FaultDisk,
        schema: Schema? = nil
    ) throws -> SQLiteHubStorage {
        let seed = SeededSource(seed: 5)
        return try SQLiteHubStorage(
            folder: folder,
            schema: schema ?? HubScene.schema.get(),
            environment: CoreEnvironment(
                now: { 1_785_744_000_000 },
                random: { seed.next() }
            ),
            disk: StoreDisk(vfs: disk.vfsName, reserveBytes: 0)
        )
    }

    func begin(in folder: String, on disk: FaultDisk) throws -> SQLiteHubStorage {
        try HubScene.open(in: folder, on: disk)
    }

    func act(_ storage: SQLiteHubStorage) throws { try operation(storage) }

    func belief(_ storage: SQLiteHubStorage) throws -> [String] {
        let knowledge = try storage.knowledge()
        let statistics = try storage.statistics()
        return [
            "\(storage.epoch)", "\(storage.replica)", "\(knowledge)",
            "head \(statistics.head), \(statistics.records) records",
            "\(statistics.replicas) replicas, \(statistics.quarantined) held apart",
        ]
    }

    func rows(_ storage: SQLiteHubStorage) throws -> [String] {
        try storage.core.withLock { core in try core.read { try StoreRows.all($0) } }
    }

    func isNamed(_ error: any Error) -> Bool { error is StoreError || error is SyncError }
}

/// The making of a hub, or its opening by a program with another schema.
struct HubOpeningScene: FaultScene {
    var schema: Schema?

    final class Door {
        let folder: String
        let disk: FaultDisk
        var storage: SQLiteHubStorage?

        init(folder: String, disk: FaultDisk) {
            self.folder = folder
            self.disk = disk
        }
    }

    func begin(in folder: String, on disk: FaultDisk) throws -> Door {
        Door(folder: folder, disk: disk)
    }

    func act(_ door: Door) throws {
        door.storage = try HubScene.open(in: door.folder, on: door.disk, schema: schema)
    }

    func belief(_ door: Door) throws -> [String] { [] }

    func rows(_ door: Door) throws -> [String] {
        if door.storage == nil { try act(door) }
        return try door.storage.map { try HubScene(operation: { _ in }).rows($0) } ?? []
    }

    func isNamed(_ error: any Error) -> Bool { error is StoreError }
}

enum DiskLoops {
    /// Runs a scene's loop for one fault and says what was wrong.
    static func expectNothingBetween<Scene: FaultScene>(
        _ scene: Scene,
        base: String?,
        work: String,
        _ fault: DiskFault,
        indicesMax: Int = 16
    ) throws {
        let loop = FaultLoop(scene, base: base, work: work, indicesMax: indicesMax)
        let report = try loop.run(fault)
        for problem in report.problems.prefix(5) { Issue.record("\(fault): \(problem)") }
        #expect(report.problems.isEmpty, "\(report.problems.count) of \(report.tried)")
        #expect(report.tried > 0)
        if report.operations > 0 { #expect(report.reported > 0, "the fault struck nothing") }
    }
}
