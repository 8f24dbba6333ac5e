import Replication
import SyncCore
import Testing

@Suite struct ReplicaObserveTests {
    @Test func `commits are told in order, with their records and where they came from`()
        async throws
    {
        let bench = try Workbench()
        let alice = try bench.replica()
        let bob = try bench.replica("bob")
        let changes = alice.changes()
        let errand = try alice.write { try $0.insert(Errand(what: "拍照")) }
        try alice.write { _ in }
        #expect(throws: EditError.self) {
            try alice.write { try $0.edit(errand.key, [.set(99, .null)]) }
        }
        try alice.write {
            try $0.update(errand) { $0.what = "再拍" }
            try $0.insert(Errand(what: "取样"))
        }
        let other = try bob.write { try $0.insert(Sighting(title: "电鱼")) }
        try alice.merge(delta: bob.delta(for: alice.status()))
        try alice.merge(delta: bob.delta(for: bob.status()))
        var seen: [StoreChange] = []
        for await change in changes {
            seen.append(change)
            if seen.count == 3 { break }
        }
        #expect(seen.map(\.records.count) == [1, 2, 1])
        #expect(seen.map(\.records.first) == [errand.key, errand.key, other.key])
        #expect(seen.map(\.origin) == [.local, .local, .remote])
    }

    @Test func `every listener is told, and one that has ended is forgotten`() async throws {
        let replica = try Workbench().replica()
        var first = replica.changes().makeAsyncIterator()
        do {
            var second = replica.changes().makeAsyncIterator()
            try replica.write { try $0.insert(Errand(what: "一")) }
            #expect(await second.next() != nil)
        }
        try replica.write { try $0.insert(Errand(what: "二")) }
        #expect(await first.next() != nil)
        #expect(await first.next() != nil)
    }
}
