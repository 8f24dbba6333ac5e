import MergeServer
import Replication
import SyncCore
import Testing

extension HubStorageContract {
    private func desk() throws -> HubDesk<Storage> { HubDesk(try make()) }

    /// What a device of a scope has after it has read everything in pages, by record.
    private func follow(
        _ desk: HubDesk<Storage>,
        _ replica: RegisteredReplica,
        bytesMax: Int
    ) throws -> [RecordKey: Set<UInt64>] {
        var numbers: [UInt64: RecordKey] = [:]
        var held: [RecordKey: Set<UInt64>] = [:]
        for page in try desk.pages(replica, bytesMax: bytesMax) {
            for number in page.leaves { numbers[number].map { held[$0] = nil } }
            for item in page.entries.entries {
                if item.introducesRecord, let number = item.recordNumber {
                    numbers[number] = item.entry.record
                }
                held[item.entry.record, default: []].insert(item.sequence)
            }
        }
        return held
    }

    func losesNoEntryOfAChildThatMoves() throws {
        for order in 0..<6 {
            let desk = try desk()
            let sighting = People.sighting("a")
            let weighing = People.weighing("w")
            var first = desk.change(People.alice, [(sighting, People.titled("一", town: "a"))])
            first.entries +=
                desk.change(People.alice, [(weighing, People.weighs(sighting))]).entries
            try desk.append(first, from: People.alice)
            // In one push: the child changes, the parent moves, in every order.
            let moves: [(RecordKey, [Operation.Action])] = [
                (weighing, [.write(SlotKey(2), .integer(2))]),
                (sighting, [.write(SlotKey(6), .text("b"))]),
                (weighing, [.write(SlotKey(2), .integer(3))]),
            ]
            var push = Batch(isSequenced: false)
            for place in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]][order] {
                push.entries += desk.change(People.alice, [moves[place]]).entries
            }
            try desk.append(push, from: People.alice)
            let log = try desk.storage.wholeLog()
            func sequences(_ key: RecordKey) -> Set<UInt64> {
                Set(log.filter { $0.entry.record == key }.map(\.sequence))
            }
            let carol = try desk.register(People.carol, scopes: ["town=b"])
            let bob = try desk.register(People.bob, scopes: ["town=a"])
            for bytesMax in [1, 60, 100, 1 << 20] {
                let held = try follow(desk, carol, bytesMax: bytesMax)
                #expect(held[sighting] == sequences(sighting), "\(order) \(bytesMax)")
                #expect(held[weighing] == sequences(weighing), "\(order) \(bytesMax)")
                #expect(try follow(desk, bob, bytesMax: bytesMax).isEmpty, "\(order) \(bytesMax)")
            }
        }
    }

    func keepsWhatMovesBetweenTwoTownsOfADevice() throws {
        let desk = try desk()
        let (sighting, weighing) = (People.sighting("a"), People.weighing("w"))
        try desk.write(People.alice, sighting, People.titled("一", town: "a"))
        try desk.write(People.alice, weighing, People.weighs(sighting))
        try desk.write(People.alice, sighting, base: 2, [.write(SlotKey(2), .integer(1))])
        for (town, base) in [("b", 3), ("c", 4), ("a", 5)] as [(String, UInt64)] {
            try desk.write(People.alice, sighting, base: base, [.write(SlotKey(6), .text(town))])
        }
        try desk.write(People.alice, sighting, base: 6, [.write(SlotKey(2), .integer(2))])
        // Bob has the first two towns, Carol all three.
        let bob = try desk.register(People.bob, scopes: ["town=a", "town=b"])
        let carol = try desk.register(People.carol, scopes: ["town=a", "town=b", "town=c"])
        for cursor in 1...7 as ClosedRange<UInt64> {
            for bytesMax in [1, 60, 1 << 20] {
                let pages = try desk.pages(carol, after: cursor, bytesMax: bytesMax)
                #expect(pages.allSatisfy { $0.leaves == [] }, "\(cursor) \(bytesMax)")
                let sequences = pages.flatMap(\.entries.entries).map(\.sequence)
                #expect(sequences == (1...7).filter { $0 > cursor }, "\(cursor) \(bytesMax)")
            }
            // It was in neither of Bob's from the fifth change to the sixth.
            let page = try desk.page(bob, after: cursor)
            let records = Set(page.entries.entries.filter(\.introducesRecord).map(\.entry.record))
            #expect(records == (cursor < 6 ? [sighting, weighing] : []), "\(cursor)")
        }
        let left = try desk.page(bob, after: 3, bytesMax: 1)
        #expect((left.through, left.leaves.count) == (4, 2))
        for bytesMax in [1, 60, 1 << 20] {
            for reader in [bob, carol] {
                let held = try follow(desk, reader, bytesMax: bytesMax)
                #expect(held[sighting] == [1, 3, 4, 5, 6, 7], "\(bytesMax)")
                #expect(held[weighing] == [2], "\(bytesMax)")
            }
        }
    }

    func followsEveryParentAndForgetsAClearedOne() throws {
        let desk = try desk()
        let (first, second) = (People.sighting("a"), People.sighting("b"))
        let weighing = People.weighing("w")
        try desk.write(People.alice, first, People.titled("一", town: "a"))
        try desk.write(People.alice, second, People.titled("二", town: "b"))
        try desk.write(People.alice, weighing, People.weighs(first))
        // Bob, who has not seen Alice's, says it belongs to the other one: it is in both.
        try desk.write(People.bob, weighing, base: 2, [.write(SlotKey(1), .reference(second))])
        func readers(after cursor: UInt64 = 0) throws -> [String] {
            try ["a", "b", "c"]
                .filter { town in
                    let reader = try desk.register(ReplicaID(0xD), scopes: ["town=\(town)"])
                    return try follow(desk, reader, bytesMax: 1)[weighing] != nil
                }
        }
        #expect(try readers() == ["a", "b"])
        try desk.write(People.alice, first, base: 4, [.write(SlotKey(6), .text("c"))])
        #expect(try readers() == ["b", "c"])
        // Cleared, it follows nobody, wherever they go.
        try desk.write(People.alice, weighing, base: 5, [.write(SlotKey(1), .null)])
        #expect(try readers() == [])
        try desk.write(People.alice, second, base: 6, [.write(SlotKey(6), .text("c"))])
        #expect(try readers() == [])
        // And one that was lost and never found is not found later.
        let lost = People.sighting("lost")
        try desk.write(People.alice, weighing, base: 7, [.write(SlotKey(1), .reference(lost))])
        try desk.write(People.alice, weighing, base: 8, [.write(SlotKey(1), .null)])
        try desk.write(People.bob, lost, People.titled("三", town: "a"))
        #expect(try readers() == [])
    }

    func carriesAMassMoveInPages() throws {
        let desk = try desk()
        let story = String(repeating: "长", count: 10_000)
        let keys = (0..<60).map { People.sighting("s\($0)") }
        for key in keys {
            try desk.write(
                People.alice,
                key,
                People.titled("一", town: "a") + [.write(SlotKey(13), .text(story))]
            )
        }
        let before = try desk.storage.statistics().head
        let move = desk.change(
            People.alice,
            base: before,
            keys.map { ($0, [.write(SlotKey(6), .text("b"))]) }
        )
        try desk.append(move, from: People.alice)
        let carol = try desk.register(People.carol, scopes: ["town=b"])
        let bob = try desk.register(People.bob, scopes: ["town=a"])
        for bytesMax in [1, 100_000, 1 << 20] {
            let pages = try desk.pages(carol, after: before, bytesMax: bytesMax)
            for page in pages {
                let size = page.entries.entries.reduce(0) { $0 + $1.entry.approximateSize }
                #expect(size < 2 << 20, "\(bytesMax)")
            }
            let held = try follow(desk, carol, bytesMax: bytesMax)
            #expect(Set(held.keys) == Set(keys), "\(bytesMax)")
            #expect(pages.last?.through == pages.last?.head, "\(bytesMax)")
            #expect(try follow(desk, bob, bytesMax: bytesMax).isEmpty)
        }
        let log = try desk.storage.wholeLog()
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 })
        #expect(Set(log.map(\.entry.dot)).count > 61)
    }

    func refusesScopesThatAreNone() throws {
        let desk = try desk()
        for scope in ["", "a\nb", "a\u{0}", "replica:a11ce00000000001"] {
            #expect(throws: SyncError.self) { try desk.register(People.bob, scopes: [scope]) }
        }
        #expect(try desk.storage.statistics().replicas == 0)
        let bob = try desk.register(People.bob, scopes: ["town=a", "town=一 二"], tag: 3)
        #expect(try desk.storage.registered(number: bob.number, tag: 3) == bob)
    }

    func echoesNoEntryOfARecordThatWasNeverElsewhere() throws {
        let desk = try desk()
        let bob = try desk.register(People.bob, scopes: ["town=a"])
        var push = Batch(isSequenced: false)
        for (name, town) in [("inside", "a"), ("outside", "b")] {
            let key = People.sighting(name)
            push.entries += desk.change(People.bob, [(key, People.titled("一", town: town))]).entries
            push.entries +=
                desk.change(People.bob, [(key, [.write(SlotKey(2), .integer(1))])]).entries
        }
        try desk.append(push, from: People.bob)
        for bytesMax in [1, 1 << 20] {
            for page in try desk.pages(bob, bytesMax: bytesMax) {
                #expect(page.entries.entries == [])
                #expect(page.leaves == [])
            }
        }
        // Alice's edits of both come to Bob, and to nobody else of his town.
        try desk.write(People.alice, People.sighting("outside"), [.write(SlotKey(2), .integer(2))])
        let carol = try desk.register(People.carol, scopes: ["town=a"])
        #expect(try follow(desk, bob, bytesMax: 1)[People.sighting("outside")] == [5])
        #expect(Set(try follow(desk, carol, bytesMax: 1).keys) == [People.sighting("inside")])
    }

    func givesReceiptsDuringATransition() throws {
        let desk = try desk()
        try desk.write(People.bob, People.sighting("a"), People.titled("一", town: "a"))
        let bob = try desk.register(People.bob, scopes: ["town=a"])
        let transition = SyncRequest.Transition(from: ["town=b"], after: 0)
        let page = try desk.storage.transitionPage(
            for: bob,
            transition,
            HubPull(cursor: 0, pushedFrom: 1, bytesMax: 1_000)
        )
        #expect(page.receipts.first?.places == [1: 1])
        let error = #expect(throws: SyncError.self) {
            try desk.storage.transitionPage(
                for: bob,
                transition,
                HubPull(cursor: 2, bytesMax: 1_000)
            )
        }
        #expect(error?.code == .newEpoch)
    }
}
