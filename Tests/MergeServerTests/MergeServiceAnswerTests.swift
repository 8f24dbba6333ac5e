import MergeServer
import Replication
import SyncCore
import Synchronization
import Testing

/// What the hub answers when something comes twice, when it has lost something, when it fails.
@Suite struct MergeServiceAnswerTests {
    // MARK: Twice

    @Test func `a request that comes twice stores its changes once`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(120, to: alice)
        _ = try fleet.ask(alice.nextRequest())
        let bob = try fleet.device("bob")
        try Samples.write(3, to: bob)
        let request = try bob.nextRequest()
        _ = fleet.service.handle(request)
        _ = fleet.service.handle(request)
        #expect(fleet.service.metrics.changesRepeated.count == 3)
        #expect(try fleet.hubLog().count == 123)
    }

    @Test(arguments: [false, true])
    func `the same request in a later exchange is answered as of then`(isPart: Bool) throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        try Samples.write(30, to: alice)
        let request = try alice.nextRequest()
        let digest = Transfer.digest(of: request)
        let whole = Transfer.part(digest: digest, total: request.count, offset: 0, bytes: request)
        func through() throws -> UInt64 {
            let answer = fleet.service.handle(isPart ? whole.encoded : request)
            return
                try SyncResponse.decode(
                    answer,
                    dictionaries: [],
                    skippingEntries: { _ in true },
                    resolve: { _ in nil }
                )
                .through
        }
        #expect(try through() == 30)
        // The answer was lost, Alice gave up. Hours later the hub has gone on.
        try Samples.write(120, to: bob)
        _ = fleet.service.handle(try bob.nextRequest())
        #expect(try through() == 150)
    }

    @Test func `what arrived of a request that comes anew takes the old answer's place`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(30, to: alice)
        let request = try alice.nextRequest()
        let digest = Transfer.digest(of: request)
        let whole = Transfer.part(digest: digest, total: request.count, offset: 0, bytes: request)
        _ = fleet.service.handle(whole.encoded)
        fleet.service.receivedPart(of: Array(whole.encoded.dropLast(100)))
        let probe = Transfer.part(digest: digest, total: request.count, offset: 0, bytes: [])
        let answer = try Transfer.downward(fleet.service.handle(probe.encoded))
        #expect(answer == .progress(offset: request.count - 100))
    }

    @Test func `the answer to an upload in parts is kept, however small`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(30, to: alice)
        let request = try alice.nextRequest()
        let digest = Transfer.digest(of: request)
        let part = Transfer.part(digest: digest, total: request.count, offset: 0, bytes: request)
        let answer = fleet.service.handle(part.encoded)
        #expect(answer.count < 1_024)
        // The answer was lost; the device asks how much of its request arrived.
        let empty = Transfer.part(digest: digest, total: request.count, offset: 0, bytes: [])
        #expect(fleet.service.handle(empty.encoded) == answer)
        let rest = fleet.service.handle(Transfer.resume(digest: digest, offset: 0).encoded)
        #expect(try Transfer.downward(rest) == .rest(.init(of: answer, from: 0)))
        #expect(fleet.service.metrics.changesRepeated.count == 0)
    }

    @Test func `an answer that says that nothing is new is made anew each time`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let request = SyncRequest(caller: .introduction(Hostile.introduction([])), cursor: 0)
            .encoded(dictionary: nil)
        let part = Transfer.part(
            digest: Transfer.digest(of: request),
            total: request.count,
            offset: 0,
            bytes: request
        )
        func head() throws -> UInt64 {
            try SyncResponse.decode(
                fleet.service.handle(part.encoded),
                dictionaries: [],
                skippingEntries: { _ in true },
                resolve: { _ in nil }
            )
            .through
        }
        #expect(try head() == 0)
        let alice = try fleet.device("alice")
        try Samples.write(2, to: alice)
        _ = fleet.service.handle(try alice.nextRequest())
        #expect(try head() == 2)
    }

    @Test func `uploads by many at once keep each other's parts apart`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let requests = try (0..<20)
            .map { number in
                let device = try fleet.device("device \(number)")
                try Samples.write(10, to: device)
                return try device.nextRequest()
            }
        let longest = requests.map(\.count).max() ?? 0
        for offset in stride(from: 0, to: longest, by: 50) {
            for request in requests where offset < request.count {
                let part = Transfer.part(
                    digest: Transfer.digest(of: request),
                    total: request.count,
                    offset: offset,
                    bytes: Array(request[offset..<min(request.count, offset + 50)])
                )
                _ = fleet.service.handle(part.encoded)
            }
        }
        #expect(try fleet.hubLog().count == 200)
    }

    // MARK: A hub that has lost something

    @Test func `a hub restored from an older copy takes nothing and says so`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        try Samples.write(4, to: alice)
        try await fleet.sync(alice, bob)
        try Samples.write(2, to: bob)
        try await fleet.sync(bob)
        let older = try Fleet(schema: TestSchema.make())
        var introduction = Hostile.introduction([])
        introduction.epoch = older.storage.epoch
        introduction.acknowledged = 4
        let ahead = SyncRequest(
            caller: .introduction(introduction),
            cursor: 0,
            push: Batch(
                entries: try bob.read { try $0.log(limit: 2) }.map { Batch.Item(entry: $0.entry) },
                isSequenced: false
            )
        )
        #expect(try older.ask(ahead.encoded(dictionary: nil)).status == .gap(expected: 1))
        introduction.acknowledged = 0
        let seen = SyncRequest(
            caller: .introduction(introduction),
            cursor: 4,
            push: ahead.push
        )
        #expect(
            try older.ask(seen.encoded(dictionary: nil)).status == .newEpoch(older.storage.epoch)
        )
        let statistics = try older.storage.statistics()
        #expect((statistics.replicas, statistics.quarantined, statistics.head) == (0, 0, 0))
    }

    // MARK: Failures

    @Test(
        arguments: [
            (.full, 5), (.locked, 5), (.input, 5), (.corrupt, 4), (.database, 4), (.readOnly, 4),
        ] as [(StoreError.Code, Int)]
    )
    func `what passes by itself is answered busy, what does not is refused, and both are told`(
        code: StoreError.Code,
        status: Int
    ) throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let storage = FailingStorage(fleet.storage)
        let service = MergeService(storage: storage)
        let alice = try fleet.device("alice")
        try Samples.write(2, to: alice)
        _ = service.handle(try alice.nextRequest())
        // Alice names her record by its number now: looking that up fails.
        let number = try #require(
            try fleet.hubLog().first.flatMap { item in item.recordNumber }
        )
        let entry = LogEntry(
            dot: Dot(ReplicaID(0xBAD), 1),
            part: 0,
            parts: 1,
            context: CausalContext(),
            timestamp: HybridTimestamp(wallTime: 0),
            author: "alice",
            reason: "",
            record: RecordKey(type: 1, id: .named("")),
            actions: [.write(SlotKey(1), .text("新"))]
        )
        let request = SyncRequest(
            caller: .introduction(Hostile.introduction([])),
            cursor: 0,
            push: Batch(entries: [.init(entry: entry, recordNumber: number)], isSequenced: false)
        )
        storage.fail(with: StoreError(code, "failed"))
        let answer = try SyncResponse.decode(
            service.handle(request.encoded(dictionary: nil)),
            dictionaries: [],
            resolve: { _ in nil }
        )
        switch answer.status {
        case .busy: #expect(status == 5)
        case .refused(let code, _): #expect((status, code) == (4, 3))
        default: Issue.record("\(answer.status)")
        }
        #expect(service.metrics.takeFailure() == "failed")
        storage.fail(with: nil)
        let again = try SyncResponse.decode(
            service.handle(request.encoded(dictionary: nil)),
            dictionaries: [],
            resolve: { _ in RecordKey(type: 1, id: .named("")) }
        )
        #expect(again.status == .done)
    }
}

/// A storage whose look-up of records fails when it is told to.
final class FailingStorage: HubStorage {
    private let storage: SQLiteHubStorage
    private let failure = Mutex<StoreError?>(nil)

    init(_ storage: SQLiteHubStorage) { self.storage = storage }

    func fail(with error: StoreError?) { failure.withLock { $0 = error } }

    var epoch: Epoch { storage.epoch }

    var arrivals: HubArrivals { storage.arrivals }

    func births() throws -> [EpochBirth] { try storage.births() }

    func renewEpoch(now: Int64, unlessSince limit: Int64?) throws -> Bool {
        try storage.renewEpoch(now: now, unlessSince: limit)
    }

    func register(
        _ introduction: SyncRequest.Introduction,
        tag: UInt32
    ) throws -> RegisteredReplica { try storage.register(introduction, tag: tag) }

    func registered(number: UInt64, tag: UInt32) throws -> RegisteredReplica? {
        try storage.registered(number: number, tag: tag)
    }

    func position(of replica: ReplicaID) throws -> HubPosition {
        try storage.position(of: replica)
    }

    func resolving<Result>(
        _ body: (_ record: (UInt64) throws -> RecordKey?) throws -> Result
    ) throws -> Result {
        if let failure = failure.withLock({ $0 }) { return try body { _ in throw failure } }
        return try storage.resolving(body)
    }

    func append(
        _ batch: Batch,
        news: EpochNews,
        from replica: ReplicaID,
        cursor: UInt64,
        now: Int64
    ) throws -> AppendOutcome {
        try storage.append(batch, news: news, from: replica, cursor: cursor, now: now)
    }

    func page(for replica: RegisteredReplica, _ pull: HubPull) throws -> HubPage {
        try storage.page(for: replica, pull)
    }

    func transitionPage(
        for replica: RegisteredReplica,
        _ transition: SyncRequest.Transition,
        _ pull: HubPull
    ) throws -> HubPage { try storage.transitionPage(for: replica, transition, pull) }

    func note(_ contact: HubContact) throws { try storage.note(contact) }

    func roster(now: Int64) throws -> [HubReplica] { try storage.roster(now: now) }

    func retire(
        _ replica: ReplicaID,
        reason: String,
        silentFor: Int64,
        now: Int64
    ) throws -> HubReplica {
        try storage.retire(replica, reason: reason, silentFor: silentFor, now: now)
    }

    func compact(_ options: HubCompaction.Options, now: Int64) throws -> HubCompaction {
        try storage.compact(options, now: now)
    }

    func statistics() throws -> HubStatistics { try storage.statistics() }

    func ping() throws { try storage.ping() }
}
