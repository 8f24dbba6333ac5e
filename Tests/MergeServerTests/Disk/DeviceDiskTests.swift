import DiskFaults
import Foundation
import GRDB
import MergeServer
import Replication
import SyncCore
import Testing

/// Every disk operation fails in turn while a device follows a real hub's answer.
@Suite struct DeviceDiskTests {
    private let fleet: Fleet

    init() throws { fleet = try Fleet(schema: TestSchema.make()) }

    /// Alice's store before the answer, and the hub's answer to what it asks.
    private struct Moment {
        var base: String
        var answer: [UInt8]
    }

    private func expectNothingBetween(
        _ moment: Moment,
        _ fault: DiskFault,
        isEnough: @escaping (SyncSession.Outcome) -> Bool
    ) throws {
        try DiskLoops.expectNothingBetween(
            AnswerScene(schema: fleet.schema, answer: moment.answer, isEnough: isEnough),
            base: moment.base,
            work: fleet.folder + "/loop",
            fault
        )
    }

    /// Freezes the device's files as a kill leaves them, and asks the hub as it would.
    private func freeze(_ device: Replica) throws -> Moment {
        let base = fleet.folder + "/base"
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        try FaultFiles.copyStore(from: device.folder, to: base)
        guard
            case .prepared(let request, _, _)? = device.perform(
                .prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)
            )
        else { throw StoreError(.database, "no request can be made") }
        return Moment(base: base, answer: fleet.service.handle(request))
    }

    private func sighting(_ title: String, town: String) -> Sighting {
        var sighting = Sighting()
        sighting.title = title
        sighting.town = town
        return sighting
    }

    @Test(arguments: DiskFault.standard)
    func `a page with receipts is followed whole or not at all`(fault: DiskFault) async throws {
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let shared = try alice.write { try $0.insert(sighting("船", town: "a")) }
        try await fleet.sync(alice, bob)
        try bob.write { try $0.update(shared) { $0.method = "地笼" } }
        for number in 0..<12 {
            let sighting = sighting("岸边\(number)", town: "a")
            try bob.write { transaction in
                var weighing = Weighing()
                weighing.sighting = try transaction.insert(sighting)
                try transaction.insert(weighing)
            }
        }
        try await fleet.sync(bob)
        try alice.write { try $0.update(shared) { $0.method = "电鱼" } }
        try alice.write { try $0.insert(sighting("自己的", town: "a")) }
        try expectNothingBetween(freeze(alice), fault) {
            $0.entries == 25 && $0.acknowledged == 2
        }
    }

    @Test(arguments: DiskFault.standard)
    func `an acknowledgement is noted or it is not`(fault: DiskFault) async throws {
        let alice = try fleet.device("alice")
        try await fleet.sync(alice)
        for number in 0..<5 {
            let sighting = sighting("第\(number)次", town: "a")
            try alice.write { try $0.insert(sighting) }
        }
        try expectNothingBetween(freeze(alice), fault) { $0.acknowledged == 5 }
    }

    @Test(arguments: DiskFault.standard)
    func `a change of subscription goes one step or none`(fault: DiskFault) async throws {
        let office = try fleet.device("office")
        for number in 0..<8 {
            let town = number % 2 == 0 ? "330502100" : "330502104"
            let sighting = sighting("第\(number)次", town: town)
            try office.write { transaction in
                var weighing = Weighing()
                weighing.sighting = try transaction.insert(sighting)
                try transaction.insert(weighing)
            }
        }
        let team = try fleet.device("team", scopes: ["town=330502100"])
        try await fleet.sync(office, team)
        try team.subscribe(to: ["town=330502104"])
        try expectNothingBetween(freeze(team), fault) { $0.entries == 8 }
    }

    @Test(arguments: DiskFault.standard)
    func `a collection is followed whole or not at all`(fault: DiskFault) async throws {
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let text = String(repeating: "加油", count: 1_000)
        let errands = try (0..<3)
            .map { _ in try alice.write { try $0.insert(Errand(what: text)) } }
        try await fleet.settle(alice, bob)
        try bob.write { transaction in for errand in errands { try transaction.delete(errand) } }
        try await fleet.settle(bob, alice)
        fleet.wait(days: 31)
        #expect(try fleet.compact().closed == 3)
        try await fleet.settle(bob, alice)
        #expect(try fleet.compact().collected == 3)
        try expectNothingBetween(freeze(alice), fault) { $0.entries == 3 }
    }
}

/// A device that follows an answer of the hub.
struct AnswerScene: FaultScene {
    let schema: Schema
    let answer: [UInt8]
    let isEnough: (SyncSession.Outcome) -> Bool

    func begin(in folder: String, on disk: FaultDisk) throws -> Replica {
        let seed = SeededSource(seed: 3)
        return try Replica.open(
            at: folder,
            schema: schema,
            author: "alice",
            environment: CoreEnvironment(
                now: { 1_785_744_900_000 },
                random: { seed.next() }
            ),
            disk: StoreDisk(vfs: disk.vfsName, reserveBytes: 0)
        )
    }

    private func request(_ replica: Replica) throws -> [UInt8] {
        switch replica.perform(.prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)) {
        case .prepared(let request, _, _)?: return request
        case .rejected(let error)?: throw error
        default: throw StoreError(.database, "no request can be made")
        }
    }

    func act(_ replica: Replica) throws {
        _ = try request(replica)
        switch replica.perform(.apply(answer)) {
        case .applied(let outcome)?: #expect(isEnough(outcome))
        case .rejected(let error)?: throw error
        default: throw StoreError(.database, "the answer was neither applied nor rejected")
        }
    }

    func belief(_ replica: Replica) throws -> [String] {
        // First what memory alone tells: whatever reads the file may mend it.
        let account = "\(replica.id) \(replica.account())"
        return [
            account, "\(try replica.status())",
            Data(try request(replica)).base64EncodedString(),
        ]
    }

    func rows(_ replica: Replica) throws -> [String] {
        try replica.core.withLock { core in
            try core.file.queue.writeWithoutTransaction { try StoreRows.all($0) }
        }
    }

    /// The disk's fault is never told as the hub's.
    func isNamed(_ error: any Error) -> Bool {
        error is StoreError || (error as? SyncError)?.code == .store
    }
}
