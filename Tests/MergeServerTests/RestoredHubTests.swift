import Foundation
import MergeServer
import Replication
import SyncCore
import Testing

/// A hub that is restored from an older copy, in stories.
@Suite struct RestoredHubTests {
    /// A hub whose files are copied and put back.
    final class Office {
        let fleet: Fleet
        private(set) var storage: SQLiteHubStorage?
        private(set) var service: MergeService
        private let source = SeededSource(seed: 99)

        init(schema: Schema? = nil) throws {
            fleet = try Fleet(schema: schema ?? TestSchema.make())
            service = fleet.service
            try open()
        }

        var folder: String { fleet.folder + "/office" }

        private func open() throws {
            let clock = fleet.clock
            let source = source
            let environment = CoreEnvironment(now: { clock.now }, random: { source.next() })
            let storage = try SQLiteHubStorage(
                folder: folder,
                schema: fleet.schema,
                environment: environment
            )
            self.storage = storage
            service = MergeService(storage: storage, environment: environment)
        }

        private func close() throws {
            service = fleet.service
            storage = nil
        }

        func copy(_ name: String) throws {
            try close()
            try FileManager.default.copyItem(atPath: folder, toPath: folder + " " + name)
            try open()
        }

        func restore(_ name: String, isDeclared: Bool = true) throws {
            try close()
            try FileManager.default.removeItem(atPath: folder)
            try FileManager.default.copyItem(atPath: folder + " " + name, toPath: folder)
            try open()
            if isDeclared { try hub().renewEpoch(now: fleet.clock.now) }
        }

        func hub() throws -> SQLiteHubStorage { try #require(storage) }

        func sync(_ devices: Replica...) async throws {
            for device in devices {
                fleet.clock.advance(1_000)
                try await device.synchronize(with: LocalHub(service: service))
            }
        }

        func expectEqual(_ devices: Replica...) throws {
            for device in devices {
                #expect(try Picture.of(device) == Picture.of(hub()), "\(device.id)")
                #expect(try device.status().waitingChanges == 0)
                #expect(try device.checkRecords().isEmpty)
            }
            let folders = devices.map { fleet.folder + "/" + $0.author }
            let check = try FleetVerification(of: [folder] + folders, schema: fleet.schema)
            #expect(check.findings.map { "\($0)" } == [])
        }
    }

    private let sighting = Reference<Sighting>(.named("s"))

    @Test func `what the hub had acknowledged comes back from those who had received it`()
        async throws
    {
        let office = try Office()
        let carol = try office.fleet.device("carol")
        do {
            let alice = try office.fleet.device("alice")
            try alice.write { try $0.insert(Sighting(title: "电鱼"), named: "s") }
            try await office.sync(alice)
            try office.copy("monday")
            try alice.write { try $0.update(sighting) { $0.method = "地笼" } }
            try await office.sync(alice, carol)
            // Alice's device is lost, and the hub's disk.
        }
        try office.restore("monday")
        #expect(try office.hub().wholeLog().count == 1)
        let bob = try office.fleet.device("bob")
        try await office.sync(bob, carol, bob)
        #expect(try bob.record(sighting)?.method == "地笼")
        try office.expectEqual(bob, carol)
        #expect(office.service.metrics.epochs.count == 0)
    }

    @Test func `what was decided stays decided, and what was in dispute stays in dispute`()
        async throws
    {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        let bob = try office.fleet.device("bob")
        try alice.write { try $0.insert(Sighting(title: "一"), named: "s") }
        try await office.sync(alice, bob)
        try office.copy("monday")
        // Bob has seen Alice's; Carol, who comes later, has not.
        try alice.write { try $0.update(sighting) { $0.method = "地笼" } }
        try await office.sync(alice, bob)
        try bob.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try await office.sync(bob, alice)
        try office.restore("monday")
        let carol = try office.fleet.device("carol")
        try await office.sync(carol)
        try carol.write { try $0.update(sighting) { $0.method = "毒鱼" } }
        // The numbers of Alice's and Bob's are Carol's now.
        try await office.sync(carol, bob, alice, carol, bob)
        try office.expectEqual(alice, bob, carol)
        let conflict = try #require(try alice.read { try $0.conflicts() }.first)
        #expect(conflict.siblings.count == 2, "Bob's and Carol's; Alice's was replaced")
        #expect(try office.hub().statistics().quarantined == 0)
    }

    @Test func `a device goes on recording before, between and after, and nothing is discarded`()
        async throws
    {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        let bob = try office.fleet.device("bob")
        try office.copy("empty")
        try Samples.write(5, to: alice)
        try await office.sync(alice, bob)
        try office.copy("monday")
        try Samples.write(5, to: alice)
        try await office.sync(alice, bob)
        try Samples.write(5, to: alice)
        try office.restore("monday")
        try await office.sync(bob)
        try Samples.write(5, to: bob)
        // Bob sleeps through a second restore, to a copy from before the first.
        try office.restore("empty")
        try await office.sync(alice)
        try Samples.write(5, to: alice)
        try office.copy("tuesday")
        try await office.sync(alice, bob, alice)
        try office.restore("tuesday")
        try await office.sync(bob, alice, bob)
        try office.expectEqual(alice, bob)
        #expect(try alice.read { try $0.allRecords() }.count == 25)
        #expect(try office.hub().wholeLog().count == 25)
        #expect(try office.hub().births().count == 4)
    }

    @Test func `a hub that nobody declared restored finds it out from a device`() async throws {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        let bob = try office.fleet.device("bob")
        try Samples.write(2, to: alice)
        try await office.sync(alice, bob)
        try office.copy("monday")
        try Samples.write(2, to: alice)
        try await office.sync(alice, bob)
        let before = try office.hub().epoch
        try office.restore("monday", isDeclared: false)
        try Samples.write(2, to: bob)
        try await office.sync(bob, alice, bob)
        #expect(try office.hub().epoch != before)
        #expect(office.service.metrics.epochs.count == 1)
        try office.expectEqual(alice, bob)
        #expect(try office.hub().wholeLog().count == 6)
    }

    @Test func `whoever claims to have seen more begins one epoch an hour at most`() throws {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        try Samples.write(2, to: alice)
        let service = office.service
        _ = service.handle(try alice.nextRequest())
        func claim() throws -> SyncResponse.Status {
            let introduction = Hostile.introduction([])
            let request = SyncRequest(caller: .introduction(introduction), cursor: 1_000_000)
            return
                try SyncResponse.decode(
                    service.handle(request.encoded(dictionary: nil)),
                    dictionaries: [],
                    resolve: { _ in nil }
                )
                .status
        }
        #expect(try claim() == .newEpoch(office.hub().epoch))
        for _ in 0..<5 {
            office.fleet.clock.advance(600_000)
            guard case .busy = try claim() else {
                Issue.record("a second epoch within the hour")
                return
            }
        }
        office.fleet.clock.advance(600_001)
        #expect(try claim() == .newEpoch(office.hub().epoch))
        #expect(service.metrics.epochs.count == 2)
        #expect(service.metrics.prometheusText(.init()).contains("fieldhub_epochs_total 2"))
    }

    @Test func `a hub that went on unnoticed loses nothing of a device's own`() async throws {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        let bob = try office.fleet.device("bob")
        try Samples.write(2, to: alice)
        try await office.sync(alice)
        try office.copy("monday")
        try Samples.write(3, to: alice)
        try await office.sync(alice)
        try office.restore("monday", isDeclared: false)
        try Samples.write(9, to: bob)
        try await office.sync(bob)
        try Samples.write(1, to: alice)
        try await office.sync(alice, bob, alice)
        #expect(try office.hub().wholeLog().count == 15)
        try office.expectEqual(bob)
    }

    @Test func `a device's own go up in their order, whichever epoch numbered them last`()
        async throws
    {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        let bob = try office.fleet.device("bob")
        try office.copy("empty")
        // The first epoch puts Alice's behind many of Bob's, the second before them.
        try Samples.write(9, to: bob)
        try Samples.write(2, to: alice)
        try await office.sync(bob, alice)
        try office.restore("empty")
        try await office.sync(alice)
        try Samples.write(2, to: alice)
        try await office.sync(alice, bob, alice)
        try office.restore("empty")
        try await office.sync(alice, bob, alice)
        try office.expectEqual(alice, bob)
        #expect(try office.hub().wholeLog().count == 13)
        #expect(try office.hub().statistics().quarantined == 0)
    }

    @Test func `a device does not hand its records to another hub`() async throws {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        try Samples.write(2, to: alice)
        try await office.sync(alice)
        let other = LocalHub(service: office.fleet.service)
        let error = await #expect(throws: SyncError.self) {
            try await alice.synchronize(with: other)
        }
        #expect(error?.code == .newEpoch)
        #expect(try office.fleet.hubLog().isEmpty)
        try await office.sync(alice)
        try office.expectEqual(alice)
    }

    @Test func `a process that ends at any message of the return goes on`() async throws {
        let office = try Office()
        var alice: Replica? = try office.fleet.device("alice")
        let bob = try office.fleet.device("bob")
        try office.copy("empty")
        try Samples.write(6, to: #require(alice))
        try await office.sync(#require(alice), bob)
        try Samples.write(6, to: bob)
        try await office.sync(bob)
        try await office.sync(#require(alice))
        try office.restore("empty")
        for round in 0..<24 {
            guard
                case .prepared(let request, _, _)? = alice?
                    .perform(
                        .prepare(pushBytesMax: 1, pullBytesMax: 1)
                    )
            else {
                Issue.record("there is a request to make")
                return
            }
            let answer = office.service.handle(request)
            // Every other answer is lost with the process.
            if round % 2 == 0 { _ = alice?.perform(.apply(answer)) }
            alice = nil
            alice = try office.fleet.device("alice")
        }
        try await office.sync(#require(alice), bob, #require(alice))
        try office.expectEqual(#require(alice), bob)
        #expect(try office.hub().wholeLog().count == 12)
    }

    @Test func `a clone that shows itself after a restore keeps both branches`() async throws {
        let office = try Office()
        do {
            let alice = try office.fleet.device("alice")
            try Samples.write(2, to: alice)
            try await office.sync(alice)
        }
        try FileManager.default.copyItem(
            atPath: office.fleet.folder + "/alice",
            toPath: office.fleet.folder + "/carla"
        )
        try office.copy("monday")
        let alice = try office.fleet.device("alice")
        try Samples.write(2, to: alice)
        try await office.sync(alice)
        let carla = try office.fleet.device("carla")
        try Samples.write(3, to: carla)
        try office.restore("monday")
        try await office.sync(carla, alice, carla)
        try office.expectEqual(alice, carla)
        #expect(try alice.read { try $0.allRecords() }.count == 7)
    }

    @Test func `an idle exchange costs as much after a restore as before`() async throws {
        let office = try Office()
        let alice = try office.fleet.device("alice")
        try Samples.write(3, to: alice)
        try await office.sync(alice)
        func idle() throws -> (Int, Int) {
            let request = try alice.nextRequest()
            return (request.count, office.service.handle(request).count)
        }
        let before = try idle()
        try office.copy("monday")
        try Samples.write(3, to: alice)
        try await office.sync(alice)
        try office.restore("monday")
        try await office.sync(alice)
        let after = try idle()
        #expect(after == before)
    }
}
