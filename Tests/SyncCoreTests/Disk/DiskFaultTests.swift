import DiskFaults
import Foundation
import Replication
import SyncCore
import Testing

/// Every disk operation of each transaction of a device's store fails in turn.
@Suite struct DiskFaultTests {
    private let bench: Workbench

    init() throws { bench = try Workbench() }

    /// A store with sightings, a contest and changes that wait, as a kill leaves it: the last of it
    /// stands in the write-ahead log only.
    private func base() throws -> String {
        let folder = bench.path("base")
        let disk = try FaultDisk()
        let replica = try DiskBench.replica(in: bench.path("alice"), on: disk)
        let bob = try bench.replica("bob")
        let shared = try replica.write { try $0.insert(Sighting(title: "船", town: "330502100")) }
        try bob.merge(delta: replica.delta(for: bob.status()))
        for (person, method) in [(replica, "电鱼"), (bob, "地笼")] {
            try person.write { try $0.update(shared) { $0.method = method } }
        }
        try replica.merge(delta: bob.delta(for: replica.status()))
        try replica.writeAll(0..<4) { number, transaction in
            let sighting = try transaction.insert(Sighting(title: "第\(number)次", town: "t"))
            try transaction.insert(Weighing(sighting: sighting, grams: number))
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FaultFiles.copyStore(from: replica.folder, to: folder)
        return folder
    }

    private func expectNothingBetween(
        _ fault: DiskFault,
        indicesMax: Int = 16,
        _ operation: @escaping (Replica) throws -> Void
    ) throws {
        try SyncCoreTests.expectNothingBetween(
            ReplicaScene(operation: operation),
            base: base(),
            in: bench,
            fault,
            indicesMax: indicesMax
        )
    }

    @Test(arguments: DiskFault.standard)
    func `a local write is done or it is not`(fault: DiskFault) throws {
        let id = try DiskBench.replica(in: bench.path("alice"), on: FaultDisk()).id
        let first = Reference<Sighting>(.created(by: Dot(id, 1), index: 0))
        try expectNothingBetween(fault, indicesMax: 60) { replica in
            try replica.write { transaction in
                let sighting = try transaction.insert(Sighting(title: "新的", town: "t"))
                try transaction.insert(Weighing(sighting: sighting, grams: 7))
                try transaction.update(first) {
                    $0.remark = "复核"
                    $0.visits += 1
                }
            }
        }
    }

    @Test(arguments: DiskFault.standard)
    func `a bulk write is done whole or not at all`(fault: DiskFault) throws {
        try expectNothingBetween(fault) { replica in
            try replica.writeAll(0..<60) { number, transaction in
                let story = String(repeating: "雨后水位\(number)。", count: 20)
                try transaction.insert(Sighting(title: "第\(number)处", story: story))
            }
        }
    }

    @Test(arguments: DiskFault.standard)
    func `a peer's delta is merged or it is not`(fault: DiskFault) throws {
        let carol = try bench.replica("carol")
        try carol.write { try $0.insert(Sighting(title: "网", town: "t")) }
        try carol.write { try $0.insert(Errand(what: "加油")) }
        let delta = try carol.delta(since: VersionVector(), cursor: 0)
        try expectNothingBetween(fault) { try $0.merge(delta: delta) }
    }

    @Test(arguments: DiskFault.standard)
    func `every record and query table is made again or stays`(fault: DiskFault) throws {
        try expectNothingBetween(fault) { try $0.rebuildRecords() }
    }

    @Test(arguments: DiskFault.standard)
    func `a new identity is taken with all its changes or not at all`(fault: DiskFault) throws {
        let answer = SyncResponse(status: .fork(counter: 2)).encoded(dictionary: nil)
        try expectNothingBetween(fault) { try DiskBench.apply(answer, to: $0) }
    }

    @Test(arguments: DiskFault.standard)
    func `another subscription is chosen or it is not`(fault: DiskFault) throws {
        try expectNothingBetween(fault, indicesMax: 60) { try $0.subscribe(to: ["town=330502100"]) }
    }

    @Test(arguments: DiskFault.standard)
    func `a store is made whole, or can be made then`(fault: DiskFault) throws {
        try SyncCoreTests.expectNothingBetween(OpeningScene(), base: nil, in: bench, fault)
    }

    @Test(arguments: DiskFault.standard)
    func `a new schema is adopted at open, or can be then`(fault: DiskFault) throws {
        let sighting = Sighting.mapping.schema.with {
            for index in $0.fields.indices where $0.fields[index].name == "method" {
                $0.fields[index].policy = .lastWriter
                $0.fields[index].query = []
            }
        }
        let schema = try Schema(
            timeZoneMinutes: 480,
            records: [sighting, Weighing.mapping.schema, Errand.mapping.schema]
        )
        try SyncCoreTests.expectNothingBetween(
            OpeningScene(schema: schema),
            base: base(),
            in: bench,
            fault
        )
    }
}
