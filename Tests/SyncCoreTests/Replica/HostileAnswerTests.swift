import Replication
import SyncCore
import Testing

/// A hub can be wrong, hostile or another program: the device says so and stays as it was.
@Suite struct HostileAnswerTests {
    private static func done(_ change: (inout SyncResponse) -> Void) -> SyncResponse {
        var response = SyncResponse(status: .done)
        change(&response)
        return response
    }

    private static func receipts(
        _ first: UInt64,
        _ count: UInt64,
        at sequence: UInt64
    ) -> SyncResponse {
        done {
            $0.through = 500
            $0.head = 500
            $0.receipts = [
                SyncResponse.ReplicaReceipts(
                    replica: ReplicaID(0),
                    runs: [Receipts.Run(first: first, count: count, sequence: sequence)],
                    bounds: [],
                    records: []
                )
            ]
        }
    }

    private static func entries(_ items: [Batch.Item], through: UInt64) -> SyncResponse {
        done {
            $0.through = through
            $0.head = through
            $0.entries = Batch(entries: items, isSequenced: true)
        }
    }

    /// Answers that cannot be followed; replica 0 stands for the device itself.
    static let answers: [(name: String, response: SyncResponse)] = [
        ("fork at 0", SyncResponse(status: .fork(counter: 0))),
        ("fork beyond what is here", SyncResponse(status: .fork(counter: 99))),
        ("fork at the last number", SyncResponse(status: .fork(counter: .max))),
        ("gap", SyncResponse(status: .gap(expected: 0))),
        ("refused", SyncResponse(status: .refused(code: 9, message: "no"))),
        ("new epoch", SyncResponse(status: .newEpoch(Frames.epoch))),
        ("change 0 held apart", done { $0.quarantined = [.init(counter: 0, reason: "")] }),
        (
            "a change held apart that is not here",
            done {
                $0.quarantined = [.init(counter: 1 << 60, reason: "")]
            }
        ),
        (
            "the last number held apart",
            done { $0.quarantined = [.init(counter: .max, reason: "")] }
        ),
        ("receipts of nothing", receipts(0, 0, at: 5)),
        ("receipts that overflow", receipts(3, .max, at: 5)),
        ("receipts at no sequence", receipts(1, 1, at: 0)),
        ("an entry beyond the page", entries([item(at: 9)], through: 8)),
        ("entries out of order", entries([item(1, at: 9), item(2, at: 8)], through: 9)),
        ("an entry without number", entries([item(at: 0)], through: 9)),
        (
            "a record of this device that it never made",
            entries([item(named: true, at: 9)], through: 9)
        ),
        ("this device's own change", entries([item(own: true, at: 9)], through: 9)),
    ]

    private static func item(
        _ counter: UInt64 = 1,
        own: Bool = false,
        named: Bool = false,
        at sequence: UInt64
    ) -> Batch.Item {
        var entry = LogEntry.sample(counter: counter)
        if own { entry.dot = Dot(ReplicaID(0), 50) }
        if named {
            entry.record = RecordKey(type: 1, id: .created(by: Dot(ReplicaID(0), 3), index: 0))
        }
        entry.actions.insert(.create, at: 0)
        return Batch.Item(entry: entry, sequence: sequence)
    }

    @Test(arguments: 0..<answers.count)
    func `an answer that cannot be followed changes nothing`(index: Int) throws {
        let replica = try Workbench().replica()
        try replica.write { try $0.insert(Sighting(title: "电鱼")) }
        try replica.write { try $0.insert(Errand(what: "拍照")) }
        try replica.request()
        let before = try replica.status()
        let log = try replica.read { try $0.log(limit: 9) }
        var (name, response) = HostileAnswerTests.answers[index]
        for place in response.receipts.indices { response.receipts[place].replica = replica.id }
        for place in response.entries.entries.indices
        where response.entries.entries[place].entry.dot.replica.rawValue == 0 {
            response.entries.entries[place].entry.dot = Dot(replica.id, 50)
        }
        for place in response.entries.entries.indices {
            let key = response.entries.entries[place].entry.record
            guard case .created(let dot, let index) = key.id, dot.replica.rawValue == 0 else {
                continue
            }
            response.entries.entries[place].entry.record = RecordKey(
                type: key.type,
                id: .created(by: Dot(replica.id, dot.counter), index: index)
            )
        }
        guard
            case .rejected(let error)? = replica.perform(.apply(response.encoded(dictionary: nil)))
        else {
            Issue.record("\(name) was followed")
            return
        }
        #expect([.invalidAnswer, .refused, .newEpoch].contains(error.code), "\(name): \(error)")
        #expect(try replica.status() == before, "\(name)")
        #expect(try replica.read { try $0.log(limit: 9) } == log, "\(name)")
        try replica.write { try $0.insert(Errand(what: "weiter")) }
        #expect(try replica.differences().isEmpty)
    }

    @Test func `receipts that contradict earlier ones are refused`() throws {
        let replica = try Workbench().replica()
        for _ in 0..<5 { try replica.write { try $0.insert(Errand(what: "x")) } }
        try replica.request()
        func acknowledge(
            _ first: UInt64,
            _ count: UInt64,
            at sequence: UInt64
        ) -> SyncSession.Event? {
            var response = HostileAnswerTests.receipts(first, count, at: sequence)
            response.receipts[0].replica = replica.id
            return replica.perform(.apply(response.encoded(dictionary: nil)))
        }
        guard case .applied(let outcome)? = acknowledge(1, 2, at: 10) else {
            Issue.record("an honest receipt was refused")
            return
        }
        #expect(outcome.acknowledged == 2)
        for (first, count, sequence) in [(1, 2, 11), (3, 1, 11), (1, 3, 20)]
            as [(UInt64, UInt64, UInt64)]
        {
            guard case .rejected(let error)? = acknowledge(first, count, at: sequence) else {
                Issue.record("\(first), \(count) at \(sequence) was taken")
                continue
            }
            #expect(error.code == .invalidAnswer)
        }
        #expect(try replica.status().waitingChanges == 3)
    }

    @Test func `random answers never break the store`() throws {
        let replica = try Workbench().replica()
        try replica.write { try $0.insert(Sighting(title: "电鱼")) }
        var page = Frames.page
        page.receipts[0] = SyncResponse.ReplicaReceipts(
            replica: replica.id,
            runs: [Receipts.Run(first: 1, count: 1, sequence: 30)],
            bounds: [.init(counter: 1, timestamp: HybridTimestamp(wallTime: 5))],
            records: [.init(counter: 1, part: 0, number: 12)]
        )
        page.quarantined = []
        let bytes = page.encoded(dictionary: nil)
        try replica.request()
        var random = Seeded(8)
        for _ in 0..<600 {
            _ = replica.perform(.apply(Mutation.apply(to: bytes, &random)))
        }
        #expect(try replica.differences().map(\.problem) == [])
        #expect(try replica.records(of: Sighting.self).map(\.record.title).contains("电鱼"))
    }

    @Test func `scopes that no hub would take are refused at once`() throws {
        let replica = try Workbench().replica()
        for scopes in [["a\nb"], [""], ["a\0"], [String(repeating: "x", count: 1_025)]] {
            #expect(throws: SyncError.self) { try replica.subscribe(to: scopes) }
        }
        #expect(throws: SyncError.self) { try replica.subscribe(to: (0...4_096).map { "s\($0)" }) }
        try replica.subscribe(to: ["town=2", "town=1", "town=2"])
        #expect(try replica.status().scopes == ["town=1", "town=2"])
    }
}
