import DiskFaults
import Foundation
import GRDB
import Replication
import SyncCore
import Testing

/// The loop has teeth: it finds what it is for.
@Suite struct FaultLoopTests {
    private let bench: Workbench

    init() throws { bench = try Workbench() }

    private func report<Scene: FaultScene>(
        _ scene: Scene,
        _ name: String
    ) throws -> FaultLoop<Scene>.Report {
        let fault = try #require(DiskFault.standard.first { $0.name == name })
        let base = bench.path("base")
        do {
            let disk = try FaultDisk()
            let replica = try DiskBench.replica(in: base, on: disk)
            try replica.write { try $0.insert(Sighting(title: "以前的")) }
        }
        return try FaultLoop(scene, base: base, work: bench.path("loop")).run(fault)
    }

    private func insert(_ replica: Replica) throws {
        try replica.write { try $0.insert(Sighting(title: "新的")) }
    }

    /// A store that does not wait for the disk.
    private struct HastyScene: FaultScene {
        var scene: ReplicaScene

        func begin(in folder: String, on disk: FaultDisk) throws -> Replica {
            let replica = try scene.begin(in: folder, on: disk)
            try replica.withDatabase { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
            return replica
        }

        func act(_ replica: Replica) throws { try scene.act(replica) }
        func belief(_ replica: Replica) throws -> [String] { try scene.belief(replica) }
        func rows(_ replica: Replica) throws -> [String] { try scene.rows(replica) }
        func isNamed(_ error: any Error) -> Bool { scene.isNamed(error) }
    }

    /// A store that says what it believes and forgets to read it anew.
    private final class StubbornScene: FaultScene {
        private let scene: ReplicaScene
        private var memory = 0

        init(_ scene: ReplicaScene) { self.scene = scene }

        func begin(in folder: String, on disk: FaultDisk) throws -> Replica {
            let replica = try scene.begin(in: folder, on: disk)
            memory = try replica.records(of: Sighting.self).count
            return replica
        }

        func act(_ replica: Replica) throws {
            memory += 1
            try scene.act(replica)
        }

        func belief(_ replica: Replica) throws -> [String] { ["\(memory)"] }
        func rows(_ replica: Replica) throws -> [String] { try scene.rows(replica) }
        func isNamed(_ error: any Error) -> Bool { scene.isNamed(error) }
    }

    private let power = "the process is killed, or the power goes"

    @Test func `a write in order has nothing to find`() throws {
        #expect(try report(ReplicaScene(operation: insert), power).problems == [])
    }

    @Test func `it notices a commit that was acknowledged and not synced`() throws {
        let problems = try report(HastyScene(scene: ReplicaScene(operation: insert)), power)
            .problems
        #expect(problems.contains { $0.contains("was done, but") })
    }

    @Test(arguments: ["the process is killed, or the power goes", "the disk is full once"])
    func `it notices an operation in two commits`(name: String) throws {
        let twice = ReplicaScene { replica in
            try replica.write { try $0.insert(Sighting(title: "一")) }
            try replica.write { try $0.insert(Sighting(title: "二")) }
        }
        #expect(!(try report(twice, name).problems.isEmpty))
    }

    @Test func `it notices memory that outlives a rollback`() throws {
        let scene = StubbornScene(ReplicaScene(operation: insert))
        let problems = try report(scene, "the disk is full once").problems
        #expect(problems.contains { $0.contains("memory") })
    }
}
