import MergeServer
import Replication
import SyncCore
import Testing

extension HubStorageContract {
    private func desk() throws -> HubDesk<Storage> { HubDesk(try make()) }

    // MARK: Pages

    func neverTearsAChangeAtAnyPageSize() throws {
        let desk = try desk()
        for round in 0..<12 {
            let parts = (0...(round * 5) % 7)
                .map {
                    (People.sighting("s \(round) \($0)"), People.titled("第\(round)次", town: "a"))
                }
            try desk.append(desk.change(People.alice, parts), from: People.alice)
        }
        let log = try desk.storage.wholeLog()
        for scopes in [[], ["town=a"]] {
            let bob = try desk.register(People.bob, scopes: scopes)
            for bytesMax in [1, 2, 30, 70, 100, 150, 200, 300, 500, 1_000, 100_000] {
                let pages = try desk.pages(bob, bytesMax: bytesMax)
                for page in pages {
                    let parts = Dictionary(grouping: page.entries.entries, by: \.entry.dot)
                    for (_, items) in parts {
                        #expect(items.count == Int(items[0].entry.parts), "\(bytesMax)")
                    }
                    #expect(page.entries.entries.allSatisfy { $0.sequence <= page.through })
                }
                let together = pages.flatMap(\.entries.entries).map(\.entry)
                #expect(together == log.map(\.entry), "\(scopes) \(bytesMax)")
            }
        }
    }

    func sendsNothingTwiceAndNothingOfTheDevicesOwn() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        try desk.write(People.bob, People.sighting("b"), People.titled("二"))
        try desk.write(People.alice, People.sighting("a"), [.write(SlotKey(2), .integer(1))])
        let bob = try desk.register(People.bob)
        let page = try desk.page(bob)
        #expect(page.entries.entries.map(\.sequence) == [1, 3])
        #expect((page.through, page.head) == (3, 3))
        #expect(try desk.page(bob, after: 3).entries.entries.isEmpty)
        let none = try desk.page(bob, bytesMax: 0)
        #expect((none.through, none.head) == (0, 3))
        #expect(none.entries.entries.isEmpty)
        #expect(throws: SyncError.self) { try desk.page(bob, after: 4) }
    }

    func givesReceiptsExactly() throws {
        let desk = try desk()
        let alice = try desk.register(People.alice)
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        try desk.write(People.alice, People.sighting("a"), [.write(SlotKey(2), .integer(1))])
        try desk.write(People.bob, People.sighting("b"), People.titled("二"))
        let parts = ["c", "d"].map { (People.sighting($0), People.titled($0)) }
        try desk.append(desk.change(People.alice, parts), from: People.alice)
        let receipts = try #require(try desk.page(alice).receipts.first)
        #expect(receipts.replica == People.alice)
        #expect(receipts.places == [1: 1, 2: 2, 3: 4])
        #expect(receipts.runs.last?.entries == 2)
        #expect(receipts.records.map(\.counter) == [1, 3, 3])
        #expect(receipts.records.map(\.part) == [0, 0, 1])
        for (record, name) in zip(receipts.records, ["a", "c", "d"]) {
            #expect(try desk.storage.record(number: record.number) == People.sighting(name))
        }
        #expect(try desk.storage.record(number: 99) == nil)
        #expect(try desk.storage.record(number: .max) == nil)
        // From a cursor on: what lies before it is known.
        let later = try #require(try desk.page(alice, after: 3).receipts.first)
        #expect(later.runs == [Receipts.Run(first: 3, count: 1, sequence: 4, entries: 2)])
        let middle = try #require(try desk.page(alice, after: 1).receipts.first)
        #expect(middle.runs.map(\.first) == [2, 3])
        #expect(try desk.page(alice, after: 5).receipts.isEmpty)
    }

    func sendsReceiptsInPlaceOfWhatAPeerBrought() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        try desk.write(People.bob, People.sighting("b"), People.titled("二"))
        try desk.write(People.alice, People.sighting("a"), [.write(SlotKey(2), .integer(1))])
        let carol = try desk.register(People.carol)
        var held = VersionVector()
        held[People.alice] = 1
        let page = try desk.page(carol, held: held)
        #expect(page.entries.entries.map(\.sequence) == [2, 3])
        let receipts = try #require(page.receipts.first)
        #expect(page.receipts.count == 1)
        #expect(receipts.replica == People.alice)
        #expect(receipts.runs == [Receipts.Run(first: 1, count: 1, sequence: 1)])
        #expect(receipts.records.count == 1)
        held[People.bob] = 9
        #expect(try desk.page(carol, held: held).receipts.count == 2)
    }

    // MARK: Scopes

    func sendsAScopeItsRecordsAndThoseOfNoScope() throws {
        let desk = try desk()
        let errand = RecordKey(type: 3, id: .named("差事"))
        try desk.write(People.alice, People.sighting("a"), People.titled("一", town: "a"))
        try desk.write(People.alice, People.sighting("b"), People.titled("二", town: "b"))
        try desk.write(People.alice, errand, [.create])
        try desk.write(People.alice, People.weighing("w"), People.weighs(People.sighting("a")))
        let bob = try desk.register(People.bob, scopes: ["town=a"])
        let page = try desk.page(bob)
        #expect(page.entries.entries.map(\.sequence) == [1, 3, 4])
        #expect(page.through == 4)
        let nobody = try desk.register(People.carol, scopes: ["town=unknown"])
        #expect(try desk.page(nobody).entries.entries.map(\.sequence) == [3])
    }

    func movesARecordBetweenScopesWithItsHistoryAndItsChildren() throws {
        let desk = try desk()
        let sighting = People.sighting("a")
        try desk.write(People.alice, sighting, People.titled("一", town: "a"))
        try desk.write(People.alice, People.weighing("w"), People.weighs(sighting))
        try desk.write(People.alice, sighting, [.write(SlotKey(2), .integer(1))])
        let bob = try desk.register(People.bob, scopes: ["town=a"])
        let carol = try desk.register(People.carol, scopes: ["town=b"])
        #expect(try desk.page(bob).entries.entries.count == 3)
        #expect(try desk.page(carol).entries.entries.isEmpty)
        try desk.write(People.alice, sighting, base: 0, [.write(SlotKey(6), .text("b"))])
        let leaving = try desk.page(bob, after: 3)
        #expect(leaving.leaves.count == 2)
        #expect(leaving.entries.entries.isEmpty)
        let entering = try desk.page(carol, after: 3)
        #expect(entering.entries.entries.map(\.sequence) == [1, 2, 3, 4])
        #expect(entering.entries.entries.allSatisfy { $0.introducesRecord })
        #expect(try desk.page(carol, after: 4).entries.entries.isEmpty)
    }

    func keepsARecordInBothScopesWhileItsScopeIsDisputed() throws {
        let desk = try desk()
        let sighting = People.sighting("a")
        try desk.write(People.alice, sighting, People.titled("一", town: "a"))
        try desk.write(People.bob, sighting, base: 1, [.write(SlotKey(6), .text("b"))])
        try desk.write(People.carol, sighting, base: 1, [.write(SlotKey(6), .text("c"))])
        for (town, isSeen) in [("a", false), ("b", true), ("c", true)] {
            let reader = try desk.register(ReplicaID(0xD), scopes: ["town=\(town)"])
            #expect(try desk.page(reader).entries.entries.isEmpty != isSeen, "\(town)")
        }
    }

    func findsAChildThatCameBeforeItsParent() throws {
        let desk = try desk()
        let sighting = People.sighting("late")
        try desk.write(People.bob, People.weighing("w"), People.weighs(sighting))
        let carol = try desk.register(People.carol, scopes: ["town=a"])
        #expect(try desk.page(carol).entries.entries.isEmpty)
        try desk.write(People.alice, sighting, People.titled("一", town: "a"))
        let page = try desk.page(carol, after: 1)
        #expect(Set(page.entries.entries.map(\.entry.record)) == [sighting, People.weighing("w")])
    }

    func carriesOutAChangeOfSubscriptionInPages() throws {
        let desk = try desk()
        for number in 0..<30 {
            let town = ["a", "b"][number % 2]
            try desk.write(
                People.alice,
                People.sighting("s\(number)"),
                People.titled(String(repeating: "长", count: 200), town: town)
            )
        }
        let bob = try desk.register(People.bob, scopes: ["town=b"])
        var transition = SyncRequest.Transition(from: ["town=a"], after: 0)
        var entered: [RecordKey] = []
        var left: [UInt64] = []
        var pages = 0
        repeat {
            let page = try desk.storage.transitionPage(
                for: bob,
                transition,
                HubPull(cursor: 30, bytesMax: 2_000)
            )
            #expect(page.through == 30)
            #expect(page.entries.entries.count <= 5)
            entered += page.entries.entries.map(\.entry.record)
            left += page.leaves
            pages += 1
            transition.after = try #require(page.transitionThrough)
        } while transition.after != 0 && pages < 40
        #expect(Set(entered).count == 15 && entered.count == 15)
        #expect(Set(left).count == 15 && left.count == 15)
        #expect(pages > 3)
    }
}

extension SyncResponse.ReplicaReceipts {
    /// The sequence of each change's first entry, by counter.
    var places: [UInt64: UInt64] {
        var places: [UInt64: UInt64] = [:]
        for run in runs {
            for offset in 0..<run.count {
                places[run.first + offset] = run.sequence + offset * run.entries
            }
        }
        return places
    }
}
