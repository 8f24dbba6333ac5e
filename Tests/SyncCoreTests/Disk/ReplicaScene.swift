import DiskFaults
import Foundation
import Replication
import SyncCore
import Testing

/// Somebody's store on a disk that may fail, with time standing still and the same chance each time.
enum DiskBench {
    private static let schema = Result { try TestSchema.make() }

    static func replica(
        in folder: String,
        on disk: FaultDisk,
        schema: Schema? = nil,
        reserveBytes: Int = 0,
        freeBytes: @escaping @Sendable (String) -> Int64? = { _ in .max }
    ) throws -> Replica {
        let seed = SeededSource(seed: 17)
        return try Replica.open(
            at: folder,
            schema: schema ?? DiskBench.schema.get(),
            author: "alice",
            environment: CoreEnvironment(
                now: { 1_785_744_000_000 },
                random: { seed.next() }
            ),
            disk: StoreDisk(
                vfs: disk.vfsName,
                reserveBytes: reserveBytes,
                freeBytes: freeBytes
            )
        )
    }

    /// What the open process takes for true.
    static func belief(_ replica: Replica) throws -> [String] {
        // First what memory alone tells: whatever reads the file may mend it.
        let account = "\(replica.id) \(replica.account())"
        guard
            case .prepared(let request, _, let waiting)? = replica.perform(
                .prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)
            )
        else { throw StoreError(.database, "no request can be made") }
        return [
            "\(try replica.status())", account, "waiting \(waiting)",
            "request \(Data(request).base64EncodedString())",
        ]
    }

    static func rows(_ replica: Replica) throws -> [String] {
        try replica.withDatabase { try StoreRows.all($0) }
    }

    static func isNamed(_ error: any Error) -> Bool {
        error is StoreError || error is SyncError
    }

    /// Runs an answer through the store as a session does.
    static func apply(_ bytes: [UInt8], to replica: Replica) throws {
        switch replica.perform(.apply(bytes)) {
        case .applied?: return
        case .rejected(let error)?: throw error
        default: throw StoreError(.database, "the answer was neither applied nor rejected")
        }
    }
}

/// An operation of an open store.
struct ReplicaScene: FaultScene {
    var schema: Schema?
    let operation: (Replica) throws -> Void

    func begin(in folder: String, on disk: FaultDisk) throws -> Replica {
        try DiskBench.replica(in: folder, on: disk, schema: schema)
    }

    func act(_ replica: Replica) throws { try operation(replica) }
    func belief(_ replica: Replica) throws -> [String] { try DiskBench.belief(replica) }
    func rows(_ replica: Replica) throws -> [String] { try DiskBench.rows(replica) }
    func isNamed(_ error: any Error) -> Bool { DiskBench.isNamed(error) }
}

/// The opening of a store: its making, or its migration.
struct OpeningScene: FaultScene {
    var schema: Schema?

    final class Door {
        let folder: String
        let disk: FaultDisk
        var replica: Replica?

        init(folder: String, disk: FaultDisk) {
            self.folder = folder
            self.disk = disk
        }
    }

    func begin(in folder: String, on disk: FaultDisk) throws -> Door {
        Door(folder: folder, disk: disk)
    }

    func act(_ door: Door) throws {
        door.replica = try DiskBench.replica(in: door.folder, on: door.disk, schema: schema)
    }

    /// A process that is not let in believes nothing.
    func belief(_ door: Door) throws -> [String] { [] }

    func rows(_ door: Door) throws -> [String] {
        if door.replica == nil { try act(door) }
        return try door.replica.map { try DiskBench.rows($0) } ?? []
    }

    func isNamed(_ error: any Error) -> Bool { DiskBench.isNamed(error) }
}

/// Runs a scene's loop for one fault and says what was wrong.
func expectNothingBetween<Scene: FaultScene>(
    _ scene: Scene,
    base: String?,
    in bench: Workbench,
    _ fault: DiskFault,
    indicesMax: Int = 16
) throws {
    let loop = FaultLoop(scene, base: base, work: bench.path("loop"), indicesMax: indicesMax)
    let report = try loop.run(fault)
    for problem in report.problems.prefix(5) { Issue.record("\(fault): \(problem)") }
    #expect(report.problems.isEmpty, "\(report.problems.count) of \(report.tried)")
    #expect(report.tried > 0)
    if report.operations > 0 { #expect(report.reported > 0, "the fault struck nothing") }
}
