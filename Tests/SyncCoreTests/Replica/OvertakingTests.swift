import Replication
import SyncCore
import Testing

/// A receipt is for what a request brought or what had been answered for before it, and for nothing
/// else under the same number.
@Suite struct OvertakingTests {
    private func errands(_ replica: Replica) throws -> [String] {
        try replica.records(of: Errand.self).map(\.record.what)
    }

    @Test func `what is written during an exchange is not taken for another store's change`() throws
    {
        let replica = try Workbench().replica()
        for what in ["一", "二"] { try replica.write { try $0.insert(Errand(what: what)) } }
        try replica.request()
        #expect(try replica.answer(.receipts(of: replica.id, 1, 2, at: 10)).acknowledged == 2)
        // This is a restored backup: change 3 of this id went up before the restore.
        try replica.request()
        try replica.write { try $0.insert(Errand(what: "三")) }
        let outcome = try replica.answer(.receipts(of: replica.id, 3, 1, at: 30))
        #expect(outcome.acknowledged == 0)
        #expect(outcome.waiting == 1)
        #expect(outcome.ahead > 0)
        let old = replica.id
        #expect(try replica.request().push.entries.map(\.entry.dot) == [Dot(old, 3)])
        #expect(try replica.answer(SyncResponse(status: .fork(counter: 3))).waiting == 1)
        #expect(replica.id != old)
        #expect(try errands(replica) == ["一", "二", "三"])
        #expect(try replica.differences().map(\.problem) == [])
    }

    @Test func `a write that is refused during an exchange forgets nothing of it`() throws {
        let replica = try Workbench().replica()
        try replica.write { try $0.insert(Errand(what: "一")) }
        try replica.request()
        #expect(throws: EditError.self) {
            try replica.write { try $0.edit(RecordKey(type: 3, id: .named("?")), [.set(1, .null)]) }
        }
        let outcome = try replica.answer(.receipts(of: replica.id, 1, 1, at: 10))
        #expect(outcome.acknowledged == 1)
        #expect(outcome.waiting == 0)
    }

    @Test func `a request that brings peers' changes only compares none of its own`() throws {
        let bench = try Workbench()
        let alice = try bench.replica()
        let bob = try bench.replica("bob")
        for _ in 0..<3 { try bob.write { try $0.insert(Errand(what: "别人的")) } }
        try alice.merge(delta: bob.delta(for: alice.status()))
        try alice.write { try $0.insert(Errand(what: "自己的")) }
        try alice.request(pushBytesMax: 1)
        let outcome = try alice.answer(.receipts(of: alice.id, 1, 1, at: 30))
        #expect(outcome.acknowledged == 0)
        #expect(try alice.status().waitingChanges == 1)
    }

    @Test func `a change held apart under a number that was not sent is another's`() throws {
        let replica = try Workbench().replica()
        try replica.request()
        try replica.write { try $0.insert(Errand(what: "一")) }
        var response = SyncResponse(status: .done, through: 4, head: 4)
        response.quarantined = [.init(counter: 1, reason: "别人的")]
        #expect(try replica.answer(response).waiting == 1)
    }

    @Test func `scopes chosen during an exchange are kept, and told with the next request`() throws
    {
        let replica = try Workbench().replica()
        try replica.request()
        try replica.subscribe(to: ["town=1"])
        var response = SyncResponse(status: .done, through: 7, head: 7)
        response.registration = .init(number: 3, tag: 4, epoch: Frames.epoch)
        let outcome = try replica.answer(response)
        #expect(outcome.ahead > 0)
        guard case .introduction(let introduction) = try replica.request().caller else {
            Issue.record("the new scopes are not told")
            return
        }
        #expect(introduction.scopes == ["town=1"])
        #expect(introduction.transition == SyncRequest.Transition(from: [], after: 0))
        #expect(introduction.epoch == Frames.epoch)
    }
}
