import MergeServer
import Replication
import SyncCore
import Synchronization
import Testing

/// Devices that ask the hub to answer when there is something to say.
@Suite struct HeldRequestTests {
    private static let options = HubServer.Options(
        port: 0,
        requestsPerSecond: 0,
        holdGatherMilliseconds: 1
    )

    /// Follows the hub in a task of its own for as long as the body runs.
    private static func following(
        _ device: Replica,
        _ hub: ServedHub,
        _ body: () async throws -> Void
    ) async throws {
        let transport = try hub.transport(timeoutSeconds: 70)
        let following = Task {
            for try await _ in device.follow(transport, holdSeconds: 60) {}
        }
        defer { following.cancel() }
        try await body()
    }

    /// Waits for what comes by itself; the test's own time limit is the only one.
    private static func until(_ condition: () throws -> Bool) async throws {
        while try !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what one device sends is on another one without being asked for`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet, options: HeldRequestTests.options) { hub in
            let alice = try fleet.device("alice")
            let bob = try fleet.device("bob")
            try await HeldRequestTests.following(bob, hub) {
                try await HeldRequestTests.until { fleet.storage.arrivals.waitingCount == 1 }
                let before = fleet.service.metrics.requests.count
                try Samples.write(3, to: alice)
                try await alice.synchronize(with: hub.transport())
                try await HeldRequestTests.until { try bob.status().entries == 3 }
                // Alice's exchange, and the answer to bob's question made anew.
                #expect(fleet.service.metrics.requests.count >= before + 2)
                #expect(fleet.service.metrics.holdsEnded.count == 1)
                try await HeldRequestTests.until { fleet.storage.arrivals.waitingCount == 1 }
                #expect(try fleet.picture(of: bob) == fleet.hubPicture())
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is recorded meanwhile goes up at once`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet, options: HeldRequestTests.options) { hub in
            let bob = try fleet.device("bob")
            try await HeldRequestTests.following(bob, hub) {
                for count in 1...3 {
                    try await HeldRequestTests.until { fleet.storage.arrivals.waitingCount == 1 }
                    try Samples.write(1, to: bob)
                    try await HeldRequestTests.until {
                        try fleet.storage.statistics().head == UInt64(count)
                    }
                }
                try await HeldRequestTests.until { fleet.storage.arrivals.waitingCount == 1 }
                #expect(try bob.status().waitingChanges == 0)
            }
            // The connection is gone, and with it the wait.
            try await HeldRequestTests.until { fleet.storage.arrivals.waitingCount == 0 }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hub that stops answers those whom it holds`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let bob = try fleet.device("bob")
        let answered = Mutex(false)
        try await ServedHub.run(fleet, options: HeldRequestTests.options) { hub in
            var session = SyncSession.Options.quick
            session.holdSeconds = 60
            // The first exchange introduces, the second is held.
            try await bob.synchronize(with: hub.transport())
            async let held = bob.synchronize(
                with: hub.transport(timeoutSeconds: 70),
                options: session
            )
            try await HeldRequestTests.until { fleet.storage.arrivals.waitingCount == 1 }
            await hub.shutDown()
            let second = try await held
            answered.withLock { $0 = second.entriesDown == 0 }
        }
        #expect(answered.withLock { $0 })
    }

    @Test(.timeLimit(.minutes(1)))
    func `a request that is held for nothing is answered when its time is over`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet, options: HeldRequestTests.options) { hub in
            let bob = try fleet.device("bob")
            try await bob.synchronize(with: hub.transport())
            var session = SyncSession.Options.quick
            session.holdSeconds = 1
            let idle = try await bob.synchronize(with: hub.transport(), options: session)
            #expect(idle.roundTrips == 1)
            #expect(idle.retries == 0)
            #expect(fleet.service.metrics.holdsBegun.count == 1)
            #expect(fleet.service.metrics.holdsEnded.count == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what comes into another town wakes nobody here`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet, options: HeldRequestTests.options) { hub in
            let alice = try fleet.device("alice")
            let bob = try fleet.device("bob", scopes: ["town=织里"])
            try await HeldRequestTests.following(bob, hub) {
                try await HeldRequestTests.until { fleet.storage.arrivals.waitingCount == 1 }
                for town in ["埭溪", "埭溪", "织里"] {
                    try alice.write { try $0.insert(Sighting(title: town, town: town)) }
                    try await alice.synchronize(with: hub.transport())
                }
                try await HeldRequestTests.until { try bob.status().entries == 1 }
                #expect(fleet.service.metrics.holdsEnded.count == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `one who brings something or lags is answered at once`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet, options: HeldRequestTests.options) { hub in
            let alice = try fleet.device("alice")
            let bob = try fleet.device("bob")
            var session = SyncSession.Options.quick
            session.holdSeconds = 3_600
            try Samples.write(3, to: alice)
            try await alice.synchronize(with: hub.transport(), options: session)
            let down = try await bob.synchronize(with: hub.transport(), options: session)
            #expect(down.entriesDown == 3)
            #expect(fleet.service.metrics.holdsBegun.count == 0)
        }
    }
}
