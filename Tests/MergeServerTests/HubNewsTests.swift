import SyncCore
import Testing

@testable import MergeServer

/// Who is woken by what, and who is not.
@Suite struct HubNewsTests {
    private static func interest(_ scopes: String...) -> HubNews.Interest {
        HubNews.Interest(
            of: RegisteredReplica(
                number: 1,
                tag: 0,
                replica: ReplicaID(7),
                scopes: scopes,
                dictionaryVersion: 0
            )
        )
    }

    @Test func `a commit wakes those of its scopes and nobody else`() async {
        let news = HubNews()
        let north = news.wait(for: HubNewsTests.interest("town=north"), after: 3)
        let south = news.wait(for: HubNewsTests.interest("town=south"), after: 3)
        let all = news.wait(for: HubNewsTests.interest(), after: 3)
        news.announce(["town=north"], through: 4)
        #expect(await north.result())
        #expect(await all.result())
        news.stop(south)
        #expect(await !south.result())
        news.stop(north)
        news.stop(all)
        #expect(news.waitingCount == 0)
    }

    @Test(arguments: ["*", "replica:0000000000000007"])
    func `what everybody has and what one made elsewhere wakes too`(scope: String) async {
        let news = HubNews()
        let ticket = news.wait(for: HubNewsTests.interest("town=north"), after: 3)
        news.announce([scope], through: 4)
        #expect(await ticket.result())
    }

    @Test func `a commit before the wait and after the answer is not missed`() async {
        let news = HubNews()
        news.announce(["town=north"], through: 4)
        #expect(await news.wait(for: HubNewsTests.interest("town=north"), after: 3).result())
        #expect(await news.wait(for: HubNewsTests.interest(), after: 3).result())
        let told = news.wait(for: HubNewsTests.interest("town=north"), after: 4)
        let elsewhere = news.wait(for: HubNewsTests.interest("town=south"), after: 3)
        #expect(news.waitingCount == 2)
        // The answer was made of this commit already.
        news.announce(["town=north"], through: 4)
        told.end(isNews: false)
        elsewhere.end(isNews: false)
        #expect(await !told.result())
        #expect(await !elsewhere.result())
    }

    @Test func `a hub of very many scopes forgets which they were and misses nothing`() async {
        let news = HubNews()
        for number in 0..<300 {
            let scopes = (0..<400).map { "place=\(number)-\($0)" }
            news.announce(scopes, through: UInt64(number) + 1)
        }
        // It does not know any more that nothing came here.
        #expect(await news.wait(for: HubNewsTests.interest("place=other"), after: 1).result())
        let quiet = news.wait(for: HubNewsTests.interest("place=other"), after: 300)
        quiet.end(isNews: false)
        #expect(await !quiet.result())
    }
}
