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

    // MARK: Who has seen too much

    func takesNothingFromWhoHasSeenMoreThanItHas() throws {
        let desk = try desk()
        try desk.write(People.alice, People.sighting("a"), People.titled("一"))
        let bobs = desk.change(People.bob, base: 2, [(People.sighting("b"), People.titled("二"))])
        #expect(try desk.append(bobs, from: People.bob, cursor: 1) == .ahead)
        #expect(try desk.append(bobs, from: People.bob, cursor: 2) == .ahead)
        let position = try desk.storage.position(of: People.bob)
        #expect(position == HubPosition(head: 1, counter: 0))
        #expect(try desk.storage.statistics().quarantined == 0)
        // Once the hub has again what Bob had seen, his work is taken.
        try desk.write(People.alice, People.sighting("a"), [.write(SlotKey(2), .integer(1))])
        #expect(try stored(desk.append(bobs, from: People.bob, cursor: 2)).changes == 1)
        #expect(try desk.storage.position(of: People.bob) == HubPosition(head: 3, counter: 1))
    }

    // MARK: Addresses

    func letsNobodyTakeAnothersAddress() throws {
        let desk = try desk()
        let address = RecordKey(type: 1, id: .created(by: Dot(People.alice, 3), index: 0))
        let mallory = ReplicaID(0xBAD)
        let taken = desk.change(mallory, [(address, People.titled("抢先"))])
        #expect(try stored(desk.append(taken, from: mallory)).quarantined.map(\.counter) == [1])
        for title in ["一", "二"] {
            try desk.write(People.alice, People.sighting(title), People.titled(title))
        }
        let alices = desk.change(People.alice, [(address, People.titled("三"))])
        #expect(try stored(desk.append(alices, from: People.alice)).quarantined.isEmpty)
        #expect(try desk.storage.wholeLog().last?.entry == alices.entries[0].entry)
        // Known, but made by nobody: a later entry has nothing to stand on.
        let nothing = RecordKey(type: 1, id: .created(by: Dot(People.alice, 3), index: 9))
        let title: [Operation.Action] = [.write(SlotKey(1), .text("空"))]
        var bobs = desk.change(People.bob, [(nothing, title)])
        bobs.entries += desk.change(People.bob, [(nothing, [.create] + title)]).entries
        let own = RecordKey(type: 1, id: .created(by: Dot(People.bob, 3), index: 0))
        bobs.entries += desk.change(People.bob, [(own, title)]).entries
        bobs.entries += desk.change(People.bob, base: 3, [(address, title)]).entries
        let result = try stored(desk.append(bobs, from: People.bob))
        #expect(result.quarantined.map(\.counter) == [1, 2, 3])
        #expect(result.changes == 1)
    }

    func introducesARecordWithItsFirstEntry() throws {
        let desk = try desk()
        let sighting = People.sighting("未建")
        try desk.write(
            People.alice,
            sighting,
            [.write(SlotKey(1), .text("一")), .write(SlotKey(6), .text("a"))]
        )
        try desk.write(People.alice, sighting, [.write(SlotKey(2), .integer(1))])
        for scopes in [[], ["town=a"]] {
            let bob = try desk.register(People.bob, scopes: scopes)
            let pages = try desk.pages(bob, bytesMax: 1)
            let items = pages.flatMap(\.entries.entries)
            #expect(items.map(\.introducesRecord) == [true, false])
            #expect(items.map(\.entry.record) == [sighting, sighting])
        }
        let alice = try desk.register(People.alice)
        let receipts = try #require(try desk.page(alice).receipts.first)
        #expect(receipts.records.map(\.counter) == [1])
    }

    // MARK: Limits

    func refusesWhatIsOverALimit() throws {
        let desk = try desk()
        let sighting = People.sighting("a")
        let long = FieldValue.text(String(repeating: "x", count: 900_000))
        let sealed = (0..<5).map { Operation.SealedValue(SlotKey(100 + UInt32($0)), long) }
        let foreign = [UInt8](repeating: 7, count: 5 << 20)
        let tags = (0...10_000)
            .map { Operation.Action.write(SlotKey(7, element: .text("\($0)")), .boolean(true)) }
        let hostile: [[(RecordKey, [Operation.Action])]] = [
            [(sighting, [.create]), (sighting, [.void(reason: "")])],
            [(sighting, [.create] + tags)],
            [(sighting, [.create, .seal(reason: "", content: sealed)])],
            [(sighting, [.create, .unknown(code: 99, payload: foreign)])],
            (0...10_000).map { (People.sighting("\($0)"), [.create]) },
        ]
        for parts in hostile {
            let batch = desk.change(People.alice, parts)
            desk.rewind(People.alice, to: 0)
            let error = #expect(throws: SyncError.self) {
                try desk.append(batch, from: People.alice)
            }
            #expect(error?.code == .refused)
        }
        var twice = desk.change(People.alice, [(sighting, People.titled("一"))])
        desk.rewind(People.alice, to: 0)
        twice.entries += desk.change(People.alice, [(sighting, People.titled("二"))]).entries
        #expect(throws: SyncError.self) { try desk.append(twice, from: People.alice) }
        desk.rewind(People.alice, to: 0)
        var mixed = desk.change(
            People.alice,
            ["a", "b"].map { (People.sighting($0), People.titled($0)) }
        )
        mixed.entries[1].entry.author = "mallory"
        #expect(throws: SyncError.self) { try desk.append(mixed, from: People.alice) }
        // Contexts that no message holds.
        var crowded = VersionVector()
        for replica in 1...70_000 as ClosedRange<UInt64> { crowded[ReplicaID(replica)] = 1 }
        for isBlind in [false, true] {
            desk.rewind(People.alice, to: 0)
            var batch = desk.change(People.alice, [(sighting, People.titled("一"))])
            if isBlind {
                let dots = (1...2_000).map { Dot(People.bob, $0) }
                batch.entries[0].entry.context.onlySeen = dots
            } else {
                batch.entries[0].entry.context.peers = crowded
            }
            let error = #expect(throws: SyncError.self) {
                try desk.append(batch, from: People.alice)
            }
            #expect(error?.code == .refused)
        }
        #expect(try desk.storage.wholeLog().isEmpty)
        #expect(try desk.storage.statistics().quarantined == 0)
    }

    func takesAnotherSpellingForAFork() throws {
        let desk = try desk()
        let sighting = People.sighting("a")
        try desk.write(People.alice, sighting, People.titled("一"))
        let void = [Operation.Action.void(reason: "caf\u{E9}")]
        let original = desk.change(People.alice, base: 1, [(sighting, void)])
        try desk.append(original, from: People.alice)
        func spelled(_ change: (inout LogEntry) -> Void) -> Batch {
            var batch = original
            change(&batch.entries[0].entry)
            return batch
        }
        // The same to people, and other bytes.
        let other = spelled { $0.actions = [.void(reason: "cafe\u{301}")] }
        #expect(try desk.append(other, from: People.alice) == .fork(counter: 2))
        let reasoned = desk.change(People.alice, base: 2, [(sighting, People.titled("二"))])
        var first = reasoned
        first.entries[0].entry.reason = "\u{E9}"
        try desk.append(first, from: People.alice)
        var second = reasoned
        second.entries[0].entry.reason = "e\u{301}"
        #expect(try desk.append(second, from: People.alice) == .fork(counter: 3))
        #expect(try stored(desk.append(first, from: People.alice)).repeated == 1)
    }

    // MARK: Authority and values

    func holdsApartWhatOnlyTheHubDoes() throws {
        let desk = try desk()
        let rule = RecordKey(type: 7, id: .named("rule"))
        let seal = [Operation.SealedValue(SlotKey(1), .text("自封"))]
        let sighting = People.sighting("a")
        try desk.write(People.bob, sighting, People.titled("一"))
        let attempts: [(RecordKey, [Operation.Action])] = [
            (rule, [.create]), (rule, [.delete(reason: "")]), (rule, [.undelete(reason: "")]),
            (rule, [.void(reason: "")]), (rule, [.seal(reason: "", content: [])]),
            (rule, [.seal(reason: "", content: seal)]), (rule, [.unknown(code: 99, payload: [])]),
            (sighting, [.delete(reason: "")]),
        ]
        for attempt in attempts {
            let batch = desk.change(People.alice, [attempt])
            let result = try stored(desk.append(batch, from: People.alice))
            #expect(result.quarantined.count == 1, "\(attempt)")
        }
        #expect(try desk.storage.statistics().quarantined == attempts.count)
        #expect(try desk.storage.wholeLog().count == 1)
    }

    func holdsApartValuesThatDoNotFit() throws {
        let desk = try desk()
        let sighting = People.sighting("a")
        try desk.write(People.bob, sighting, People.titled("一"))
        let attempts: [(SlotKey, FieldValue)] = [
            (SlotKey(1), .integer(1)), (SlotKey(2), .text("二")), (SlotKey(4), .scaled(1)),
            (SlotKey(4), .group([.scaled(1), .text("2")])),
            (SlotKey(5), .group([.scaled(1), .scaled(2)])), (SlotKey(7), .boolean(true)),
            (SlotKey(7, element: .integer(1)), .boolean(true)),
            (SlotKey(7, element: .text("a")), .text("a")),
            (SlotKey(1, element: .text("a")), .text("a")), (SlotKey(77), .real(.nan)),
            (SlotKey(77), .real(.infinity)), (SlotKey(77), .group([])),
            (SlotKey(77), .group([.group([.null])])),
            (SlotKey(77), .group([FieldValue](repeating: .null, count: 65))),
        ]
        for (slot, value) in attempts {
            let batch = desk.change(People.alice, [(sighting, [.write(slot, value)])])
            let result = try stored(desk.append(batch, from: People.alice))
            #expect(result.quarantined.count == 1, "\(slot) \(value)")
        }
        let fits: [(SlotKey, FieldValue)] = [
            (SlotKey(1), .null), (SlotKey(4), .group([.scaled(1), .null])),
            // Another version of the schema has fewer members, or more.
            (SlotKey(4), .group([.scaled(1)])),
            (SlotKey(4), .group([.scaled(1), .scaled(2), .text("3")])),
            (SlotKey(7, element: .text("a")), .boolean(false)),
            (SlotKey(8, element: .text("a")), .text("b")), (SlotKey(11), .integer(4)),
            (SlotKey(77), .real(1.5)), (SlotKey(78, element: .integer(4)), .group([.null])),
        ]
        for (slot, value) in fits {
            let batch = desk.change(People.alice, [(sighting, [.write(slot, value)])])
            #expect(try stored(desk.append(batch, from: People.alice)).changes == 1, "\(slot)")
        }
    }

    // MARK: Repeats

    func takesATornRepeatAsARepeat() throws {
        let desk = try desk()
        let whole = desk.change(
            People.alice,
            ["a", "b", "c"].map { (People.sighting($0), People.titled($0)) }
        )
        try desk.append(whole, from: People.alice)
        for missing in 0..<3 {
            var torn = whole
            torn.entries.remove(at: missing)
            #expect(try stored(desk.append(torn, from: People.alice)).repeated == 1)
        }
        var other = whole
        other.entries.remove(at: 0)
        other.entries[1].entry.actions = People.titled("别的")
        #expect(try desk.append(other, from: People.alice) == .fork(counter: 1))
        #expect(try desk.storage.wholeLog().count == 3)
    }

    func findsAForkUnderAChangeThatIsHeldApart() throws {
        let desk = try desk()
        let rule = RecordKey(type: 7, id: .named("rule"))
        let held = desk.change(People.alice, [(rule, [.create])])
        try desk.append(held, from: People.alice)
        desk.rewind(People.alice, to: 0)
        let clones = desk.change(People.alice, [(People.sighting("a"), People.titled("一"))])
        #expect(try desk.append(clones, from: People.alice) == .fork(counter: 1))
        #expect(try stored(desk.append(held, from: People.alice)).quarantined.count == 1)
    }

    // MARK: Figures and receipts

    func countsWhatStands() throws {
        let desk = try desk()
        let rules = ["r", "s"]
            .map { (RecordKey(type: 7, id: .named($0)), [Operation.Action.create]) }
        try desk.append(desk.change(People.alice, rules), from: People.alice)
        let errand = RecordKey(type: 3, id: .named("差事"))
        try desk.write(People.alice, errand, [.create])
        try desk.write(People.alice, People.sighting("a"), People.titled("一", town: "a"))
        func figures() throws -> [Int] {
            let figures = try desk.storage.statistics()
            return [figures.records, figures.conflicts, figures.quarantined]
        }
        #expect(try figures() == [2, 0, 1])
        try desk.write(People.bob, People.sighting("a"), base: 2, [.write(SlotKey(3), .text("甲"))])
        try desk.write(
            People.carol,
            People.sighting("a"),
            base: 2,
            [.write(SlotKey(3), .text("乙"))]
        )
        #expect(try figures() == [2, 1, 1])
        try desk.write(People.bob, errand, base: 4, [.delete(reason: "")])
        #expect(try figures() == [1, 1, 1])
        try desk.write(People.bob, People.sighting("a"), base: 5, [.write(SlotKey(3), .text("甲"))])
        #expect(try figures() == [1, 0, 1])
    }

    func repeatsNoReceipts() throws {
        let desk = try desk()
        for number in 0..<40 {
            for replica in [People.alice, People.bob] {
                try desk.write(replica, People.sighting("\(replica) \(number)"), [.create])
            }
        }
        let alice = try desk.register(People.alice)
        // She brought nothing: where her changes end is enough.
        let idle = try #require(try desk.page(alice, pushedFrom: nil, bytesMax: 0).receipts.first)
        #expect(idle.runs.last == Receipts.Run(first: 40, count: 1, sequence: 79))
        #expect(idle.records.isEmpty)
        let pushed = try #require(try desk.page(alice, pushedFrom: 38, bytesMax: 0).receipts.first)
        #expect(pushed.runs.map(\.first) == [38, 39, 40])
        #expect(pushed.records.map(\.counter) == [38, 39, 40])
        // Those of peers come with the page that reaches them.
        let carol = try desk.register(People.carol)
        var held = VersionVector()
        held[People.alice] = 40
        var counters: [UInt64] = []
        var cursor: UInt64 = 0
        while cursor < 80 {
            let page = try desk.page(carol, after: cursor, held: held, bytesMax: 100)
            for receipts in page.receipts { counters += receipts.runs.map(\.first) }
            cursor = page.through
        }
        #expect(counters == Array(1...40))
    }
}
