import SyncCore
import Testing

@testable import MergeServer

/// Who is woken by what, and who is not.
@Suite struct HubArrivalsTests {
    private static func interest(_ scopes: String...) -> HubArrivals.Interest {
        HubArrivals.Interest(
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
        let arrivals = HubArrivals()
        let north = arrivals.wait(for: HubArrivalsTests.interest("town=north"), after: 3)
        let south = arrivals.wait(for: HubArrivalsTests.interest("town=south"), after: 3)
        let all = arrivals.wait(for: HubArrivalsTests.interest(), after: 3)
        arrivals.announce(["town=north"], through: 4)
        #expect(await north.result())
        #expect(await all.result())
        arrivals.stop(south)
        #expect(await !south.result())
        arrivals.stop(north)
        arrivals.stop(all)
        #expect(arrivals.waitingCount == 0)
    }

    @Test(arguments: ["*", "replica:0000000000000007"])
    func `what everybody has and what one made elsewhere wakes too`(scope: String) async {
        let arrivals = HubArrivals()
        let ticket = arrivals.wait(for: HubArrivalsTests.interest("town=north"), after: 3)
        arrivals.announce([scope], through: 4)
        #expect(await ticket.result())
    }

    @Test func `a commit before the wait and after the answer is not missed`() async {
        let arrivals = HubArrivals()
        arrivals.announce(["town=north"], through: 4)
        #expect(
            await arrivals.wait(for: HubArrivalsTests.interest("town=north"), after: 3).result()
        )
        #expect(await arrivals.wait(for: HubArrivalsTests.interest(), after: 3).result())
        let told = arrivals.wait(for: HubArrivalsTests.interest("town=north"), after: 4)
        let elsewhere = arrivals.wait(for: HubArrivalsTests.interest("town=south"), after: 3)
        #expect(arrivals.waitingCount == 2)
        // The answer was made of this commit already.
        arrivals.announce(["town=north"], through: 4)
        told.end(isArrival: false)
        elsewhere.end(isArrival: false)
        #expect(await !told.result())
        #expect(await !elsewhere.result())
    }

    @Test func `a hub of very many scopes forgets which they were and misses nothing`() async {
        let arrivals = HubArrivals()
        for number in 0..<300 {
            let scopes = (0..<400).map { "place=\(number)-\($0)" }
            arrivals.announce(scopes, through: UInt64(number) + 1)
        }
        // It does not know any more that nothing came here.
        #expect(
            await arrivals.wait(for: HubArrivalsTests.interest("place=other"), after: 1).result()
        )
        let quiet = arrivals.wait(for: HubArrivalsTests.interest("place=other"), after: 300)
        quiet.end(isArrival: false)
        #expect(await !quiet.result())
    }
}
