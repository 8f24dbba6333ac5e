import MergeServer
import Replication
import SyncCore
import Testing

extension HubStorageContract {
    private func desk() throws -> HubDesk<Storage> { HubDesk(try make()) }

    private func stored(_ outcome: AppendOutcome) throws -> AppendOutcome.Stored {
        guard case .stored(let stored) = outcome else { throw Unexpected(outcome) }
        return stored
    }

    private static var earlier: Epoch { Epoch(high: 77, low: 7) }

    /// The hub was restored at its head; `earlier` had gone on from there.
    private func restored(
        _ desk: HubDesk<Storage>,
        numbers: [EpochNews.Numbers]
    ) throws -> EpochNews {
        let head = try desk.storage.statistics().head
        let parent = try desk.storage.epoch
        #expect(try desk.storage.renewEpoch(now: desk.now, unlessSince: nil))
        return EpochNews(
            births: [EpochBirth(epoch: Self.earlier, parent: parent, head: head, records: 1)],
            numbers: numbers
        )
    }

    func beginsAnEpochAtItsHead() throws {
        let desk = try desk()
        let first = try desk.storage.epoch
        let alice = try desk.register(People.alice, tag: 7)
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        #expect(try desk.storage.births() == [EpochBirth(epoch: first)])
        #expect(try desk.storage.renewEpoch(now: 1_000, unlessSince: nil))
        #expect(try !desk.storage.renewEpoch(now: 2_000, unlessSince: 999))
        let second = try desk.storage.epoch
        #expect(second != first)
        let birth = EpochBirth(epoch: second, parent: first, head: 1, records: 1)
        #expect(try Set(desk.storage.births()) == [EpochBirth(epoch: first), birth])
        #expect(try desk.storage.registered(number: alice.number, tag: 7) == nil)
        #expect(try desk.register(People.alice, tag: 8).number == alice.number)
        // What was there has its numbers; what comes goes on from the head.
        try desk.write(People.alice, People.sighting("b"), base: 1, People.titled("二"))
        #expect(try desk.storage.wholeLog().map(\.sequence) == [1, 2])
        #expect(try desk.storage.wholeLog().last?.entry.context.epoch == second)
        #expect(try desk.storage.renewEpoch(now: 2_000, unlessSince: 1_000))
    }

    func judgesWhatComesBackByTheNumbersOfItsEpoch() throws {
        let desk = try desk()
        let key = People.sighting("a")
        try desk.write(People.alice, key, People.titled("一"))
        let news = try restored(
            desk,
            numbers: [
                .init(
                    epoch: Self.earlier,
                    replica: People.alice,
                    runs: [.init(first: 2, count: 1, sequence: 2)]
                )
            ]
        )
        func retitled(_ replica: ReplicaID, _ title: String, base: UInt64) -> Batch {
            var batch = desk.change(
                replica,
                base: base,
                [(key, [.write(SlotKey(1), .text(title))])]
            )
            batch.entries[0].entry.context.epoch = Self.earlier
            return batch
        }
        // Bob had seen Alice's second change, and comes before it.
        let alices = retitled(People.alice, "二", base: 1)
        let bobs = retitled(People.bob, "三", base: 2)
        let unknown = #expect(throws: SyncError.self) {
            try desk.append(bobs, from: People.bob, cursor: 1)
        }
        #expect(unknown?.code == .refused)
        _ = try stored(
            desk.storage.append(bobs, news: news, from: People.bob, cursor: 1, now: desk.now)
        )
        #expect(try stored(desk.append(alices, from: People.alice, cursor: 1)).changes == 1)
        #expect(try desk.storage.statistics().conflicts == 0, "Bob's has replaced Alice's")
        // The news are told to whoever comes past the place where they came.
        let carol = try desk.register(People.carol)
        let page = try desk.page(carol, after: 1)
        #expect(page.news.numbers == news.numbers)
        #expect(page.news.births.contains(news.births[0]))
        #expect(try desk.page(carol, after: 2).news.isEmpty)
    }

    func tellsNewsThatComeAlone() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        let news = try restored(
            desk,
            numbers: [
                .init(
                    epoch: Self.earlier,
                    replica: People.alice,
                    runs: [.init(first: 2, count: 3, sequence: 2)]
                )
            ]
        )
        let nothing = Batch(isSequenced: false)
        for _ in 0..<2 {
            _ = try stored(
                desk.storage.append(nothing, news: news, from: People.bob, cursor: 1, now: desk.now)
            )
        }
        let carol = try desk.register(People.carol)
        let page = try desk.page(carol, after: 1)
        #expect((page.head, page.through) == (2, 2), "one note, and one only")
        #expect(page.news.numbers == news.numbers)
    }

    func passesOverWhatFollowsAMissingChange() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        let second = desk.change(
            People.alice,
            [(People.sighting("b"), People.titled("二"))]
        )
        let third = desk.change(People.alice, [(People.sighting("c"), People.titled("三"))])
        #expect(throws: SyncError.self) { try desk.append(third, from: People.bob) }
        let news = try restored(
            desk,
            numbers: [
                .init(
                    epoch: Self.earlier,
                    replica: People.alice,
                    runs: [.init(first: 2, count: 2, sequence: 2)]
                )
            ]
        )
        let passed = try stored(
            desk.storage.append(third, news: news, from: People.bob, cursor: 1, now: desk.now)
        )
        #expect((passed.changes, passed.quarantined.count) == (0, 0))
        #expect(try stored(desk.append(second, from: People.carol)).changes == 1)
        #expect(try stored(desk.append(third, from: People.bob)).changes == 1)
        #expect(try desk.storage.statistics().quarantined == 0)
    }
}
