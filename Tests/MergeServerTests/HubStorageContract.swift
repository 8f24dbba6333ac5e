import MergeServer
import Replication
import SyncCore
import Testing

/// What every implementation of `HubStorage` must do.
///
/// A suite for an implementation calls each of these with a storage of its own, made for the schema
/// `TestSchema.ruled()`.
struct HubStorageContract<Storage: HubStorage> {
    let make: () throws -> Storage

    private func desk() throws -> HubDesk<Storage> { HubDesk(try make()) }

    // MARK: Registration

    func registersEachReplicaOnce() throws {
        let desk = try desk()
        let alice = try desk.register(People.alice, tag: 7)
        let bob = try desk.register(People.bob, scopes: ["town=a", "town=b"], tag: 8)
        #expect(alice.number != bob.number)
        #expect(try desk.storage.registered(number: alice.number, tag: 7)?.replica == People.alice)
        #expect(try desk.storage.registered(number: bob.number, tag: 8) == bob)
        #expect(try desk.storage.registered(number: bob.number, tag: 7) == nil)
        #expect(try desk.storage.registered(number: 99, tag: 7) == nil)
        #expect(try desk.storage.registered(number: .max, tag: 7) == nil)
        let again = try desk.register(People.alice, scopes: ["town=a"], tag: 9)
        #expect(again.number == alice.number)
        #expect(again.scopes == ["town=a"])
        #expect(try desk.storage.registered(number: alice.number, tag: 7) == nil)
        #expect(try desk.storage.statistics().replicas == 2)
    }

    // MARK: Appending

    func numbersDenselyInCommitOrder() throws {
        let desk = try desk()
        let people = [People.alice, People.bob, People.carol]
        for round in 0..<4 {
            for replica in people {
                let parts = (0...round % 3)
                    .map {
                        (People.sighting("\(replica) \(round) \($0)"), People.titled("x"))
                    }
                try desk.append(desk.change(replica, parts), from: replica)
            }
        }
        let log = try desk.storage.wholeLog()
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 })
        #expect(try desk.storage.statistics().head == UInt64(log.count))
        for replica in people {
            let counters = log.filter { $0.entry.dot.replica == replica }.map(\.entry.dot.counter)
            #expect(counters == counters.sorted())
            #expect(Set(counters) == [1, 2, 3, 4])
        }
    }

    func takesARepeatedPushAsDone() throws {
        let desk = try desk()
        var batch = desk.change(People.alice, [(People.sighting("a"), People.titled("一"))])
        batch.entries +=
            desk.change(
                People.alice,
                [(People.sighting("a"), [.write(SlotKey(2), .integer(1))])]
            )
            .entries
        let first = try desk.append(batch, from: People.alice)
        guard case .stored(let stored) = first else { throw Unexpected(first) }
        #expect((stored.changes, stored.repeated) == (2, 0))
        let before = try desk.storage.wholeLog()
        batch.entries +=
            desk.change(
                People.alice,
                [(People.sighting("a"), [.write(SlotKey(2), .integer(2))])]
            )
            .entries
        let second = try desk.append(batch, from: People.alice)
        guard case .stored(let again) = second else { throw Unexpected(second) }
        #expect((again.changes, again.repeated) == (1, 2))
        #expect(try desk.storage.wholeLog().prefix(2).elementsEqual(before))
        #expect(try desk.storage.wholeLog().count == 3)
    }

    func refusesAGapWhole() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        let lost = desk.change(People.alice, [(People.sighting("b"), People.titled("二"))])
        let later = desk.change(People.alice, [(People.sighting("c"), People.titled("三"))])
        #expect(try desk.append(later, from: People.alice) == .gap(expected: 2))
        var both = later
        both.entries.insert(contentsOf: lost.entries, at: 0)
        both.entries += desk.change(People.alice, []).entries
        #expect(try desk.storage.wholeLog().count == 1)
        guard case .stored = try desk.append(both, from: People.alice) else {
            Issue.record("the way out of a gap is to send what is missing")
            return
        }
        #expect(try desk.storage.wholeLog().count == 3)
    }

    func findsAForkAndStoresNothingOfIt() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        try desk.write(People.alice, People.sighting("a"), [.write(SlotKey(2), .integer(1))])
        desk.rewind(People.alice, to: 1)
        var clone = desk.change(
            People.alice,
            [(People.sighting("a"), [.write(SlotKey(2), .integer(9))])]
        )
        clone.entries +=
            desk.change(
                People.alice,
                [(People.sighting("a"), [.write(SlotKey(2), .integer(10))])]
            )
            .entries
        let before = try desk.storage.wholeLog()
        #expect(try desk.append(clone, from: People.alice) == .fork(counter: 2))
        #expect(try desk.storage.wholeLog() == before)
    }

    func refusesAChangeThatIsTorn() throws {
        let desk = try desk()
        let whole = desk.change(
            People.alice,
            ["a", "b", "c"].map { (People.sighting($0), People.titled($0)) }
        )
        for missing in 0..<3 {
            var torn = whole
            torn.entries.remove(at: missing)
            #expect(throws: SyncError.self) { try desk.append(torn, from: People.alice) }
        }
        #expect(try desk.storage.wholeLog().isEmpty)
        guard case .stored = try desk.append(whole, from: People.alice) else {
            Issue.record("the whole change is taken")
            return
        }
    }

    func takesAPeersChangesFromWhoeverBringsThem() throws {
        let desk = try desk()
        let alices = desk.change(People.alice, [(People.sighting("a"), People.titled("一"))])
        var seen = VersionVector()
        seen[People.alice] = 1
        let bobs = desk.change(
            People.bob,
            peers: seen,
            [(People.sighting("a"), [.write(SlotKey(2), .integer(1))])]
        )
        var batch = alices
        batch.entries += bobs.entries
        try desk.append(batch, from: People.bob)
        #expect(try desk.storage.wholeLog().map(\.entry.dot.replica) == [People.alice, People.bob])
        guard case .stored(let stored) = try desk.append(alices, from: People.alice) else {
            Issue.record("Alice's own push is a repeat")
            return
        }
        #expect(stored.repeated == 1)
        #expect(try desk.storage.wholeLog().count == 2)
    }

    func holdsApartWhatClaimsToHaveSeenAPeersUnknownChange() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        var unseen = VersionVector()
        unseen[People.alice] = 2
        let batch = desk.change(
            People.bob,
            peers: unseen,
            [(People.sighting("c"), People.titled("三"))]
        )
        guard case .stored(let stored) = try desk.append(batch, from: People.bob) else {
            Issue.record("it is held apart, not refused")
            return
        }
        #expect(stored.quarantined.map(\.counter) == [1])
        #expect(try desk.storage.wholeLog().count == 1)
        var blind = desk.change(People.carol, [(People.sighting("a"), People.titled("三"))])
        blind.entries[0].entry.context.onlySeen = [Dot(People.alice, 2)]
        guard case .stored(let stored) = try desk.append(blind, from: People.carol) else {
            Issue.record("a blind one is held apart, not refused")
            return
        }
        #expect(stored.quarantined.map(\.counter) == [1])
        #expect(try desk.storage.wholeLog().count == 1)
    }

    // MARK: Authority

    func holdsHubOnlyWritesApartAndLetsTheRestFlow() throws {
        let desk = try desk()
        let rule = RecordKey(type: 7, id: .named("rule"))
        var batch = desk.change(People.alice, [(People.sighting("a"), People.titled("一"))])
        batch.entries +=
            desk.change(
                People.alice,
                [(rule, [.create, .write(SlotKey(1), .text("自封"))])]
            )
            .entries
        let held = batch
        batch.entries +=
            desk.change(
                People.alice,
                [(People.sighting("a"), [.write(SlotKey(2), .integer(3))])]
            )
            .entries
        guard case .stored(let stored) = try desk.append(batch, from: People.alice) else {
            Issue.record("the batch is taken")
            return
        }
        #expect(stored.changes == 2)
        #expect(stored.quarantined.map(\.counter) == [2])
        #expect(stored.quarantined.first?.reason.contains("rule") == true)
        #expect(try desk.storage.wholeLog().map(\.entry.dot.counter) == [1, 3])
        #expect(try desk.storage.statistics().quarantined == 1)
        // The answer was lost: the device asks again and hears the same.
        guard case .stored(let again) = try desk.append(held, from: People.alice) else {
            Issue.record("a repeat of what is held apart is no fork")
            return
        }
        #expect(again.repeated == 2)
        #expect(again.quarantined == stored.quarantined)
        #expect(try desk.storage.statistics().quarantined == 1)
        let alice = try desk.register(People.alice)
        let receipts = try #require(try desk.page(alice).receipts.first)
        #expect(receipts.runs.map(\.first) == [1, 3])
    }

    func boundsClocksThatAreAhead() throws {
        let desk = try desk()
        let year: Int64 = 31_556_952_000
        let fast = desk.change(
            People.alice,
            wallTime: desk.now + 3 * year,
            [(People.sighting("a"), People.titled("快"))]
        )
        try desk.append(fast, from: People.alice)
        let slow = desk.change(
            People.bob,
            wallTime: desk.now - 3 * year,
            [(People.sighting("a"), People.titled("慢"))]
        )
        try desk.append(slow, from: People.bob)
        let log = try desk.storage.wholeLog()
        let bound = try #require(log[0].bound)
        #expect(bound.wallTime <= desk.now)
        #expect(log[1].bound == nil)
        #expect(log[0].entry == fast.entries[0].entry)
        // The bound grows with the sequence.
        let more = desk.change(
            People.alice,
            wallTime: desk.now + 3 * year,
            [(People.sighting("a"), People.titled("快"))]
        )
        _ = try desk.storage.append(more, from: People.alice, cursor: 0, now: desk.now - year)
        let later = try #require(try desk.storage.wholeLog().last?.bound)
        #expect(bound < later)
        let alice = try desk.register(People.alice)
        let receipts = try #require(try desk.page(alice).receipts.first)
        #expect(receipts.bounds.map(\.timestamp) == [bound, later])
    }

    struct Unexpected: Error {
        let outcome: AppendOutcome
        init(_ outcome: AppendOutcome) { self.outcome = outcome }
    }
}
