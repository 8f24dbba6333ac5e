import MergeServer
import Replication
import SyncCore
import Testing

/// What every hub does about deleted records; `docs/collection.md`.
extension HubStorageContract {
    private static var day: Int64 { HubCompaction.day }

    private func errand(_ name: String) -> RecordKey { RecordKey(type: 3, id: .named(name)) }

    /// A desk where alice made these errands and deleted them, and everybody here knows.
    private func deletedErrands(
        _ names: [String],
        seenBy people: [ReplicaID] = [People.alice]
    ) throws -> HubDesk<Storage> {
        let desk = HubDesk(try make())
        for person in people { _ = try desk.register(person) }
        for name in names {
            try desk.write(
                People.alice,
                errand(name),
                [.create, .write(SlotKey(1), .text("\(name): 张三，住址与电话见附页"))]
            )
            try desk.write(People.alice, errand(name), [.delete(reason: "错")])
        }
        try see(desk, people)
        return desk
    }

    /// These people say that they have everything and that nothing waits.
    private func see(_ desk: HubDesk<Storage>, _ people: [ReplicaID]) throws {
        let head = try desk.storage.statistics().head
        for person in people {
            try desk.storage.note(
                HubContact(replica: person, cursor: head, seen: head, at: desk.now)
            )
        }
    }

    private func compact(
        _ desk: HubDesk<Storage>,
        isDryRun: Bool = false
    ) throws -> HubCompaction {
        var options = HubCompaction.Options()
        options.isDryRun = isDryRun
        options.recordsMax = 2
        return try desk.storage.compact(options, now: desk.now)
    }

    /// Closes, lets these people hear of it, and collects.
    private func putAway(
        _ desk: HubDesk<Storage>,
        _ people: [ReplicaID] = [People.alice]
    ) throws -> HubCompaction {
        _ = try compact(desk)
        desk.now += 31 * Self.day
        _ = try compact(desk)
        try see(desk, people)
        return try compact(desk)
    }

    private func skeletons(_ desk: HubDesk<Storage>) throws -> Int {
        try desk.storage.wholeLog().count { $0.entry.isSkeleton }
    }

    func closesAfterThirtyDaysAndCollectsWhatIsClosed() throws {
        let desk = try deletedErrands(["a", "b", "c"])
        #expect(try compact(desk).young == 3)
        desk.now += 29 * Self.day
        #expect(try compact(desk).young == 3)
        desk.now += 2 * Self.day
        let closing = try compact(desk)
        #expect((closing.closed, closing.collected) == (3, 0))
        #expect(try skeletons(desk) == 0)
        try see(desk, [People.alice])
        let collecting = try compact(desk)
        #expect((collecting.closed, collecting.collected) == (0, 3))
        #expect(try skeletons(desk) == 3)
        let log = try desk.storage.wholeLog()
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 })
        #expect(log.allSatisfy { !"\($0.entry)".contains("张三") })
        let idle = try compact(desk)
        #expect((idle.closed, idle.collected, idle.young, idle.waiting) == (0, 0, 0, 0))
    }

    func countsTheDaysFromTheReceiptAndNotByDevicesClocks() throws {
        let desk = HubDesk(try make())
        let now = desk.now
        desk.now = 0
        let batch = desk.change(People.alice, wallTime: 0, [(errand("a"), [.create])])
        let end = desk.change(People.alice, wallTime: 0, [(errand("a"), [.delete(reason: "")])])
        desk.now = now
        try desk.append(batch, from: People.alice)
        try desk.append(end, from: People.alice)
        #expect(try compact(desk).young == 1)
        #expect(try compact(desk).closed == 0)
    }

    func waitsForEverybodyWhoHasWrittenOrRegistered() throws {
        // Carol's change came by alice; bob has only registered.
        let desk = try deletedErrands(["a"], seenBy: [People.alice, People.bob])
        try desk.append(
            desk.change(People.carol, [(errand("c"), [.create])]),
            from: People.alice
        )
        let holding = try putAway(desk, [People.alice])
        #expect((holding.waiting, holding.collected) == (1, 0))
        #expect(holding.holders == [People.carol])
        try see(desk, [People.carol])
        #expect(try compact(desk).holders == [People.bob])
        try see(desk, [People.bob])
        #expect(try compact(desk).collected == 1)
    }

    /// A device may be through the page that holds the close while older edits wait.
    func waitsForWhatIsStillToBePushed() throws {
        let desk = try deletedErrands(["a"], seenBy: [People.alice, People.bob])
        _ = try compact(desk)
        desk.now += 31 * Self.day
        _ = try compact(desk)
        try see(desk, [People.alice])
        let head = try desk.storage.statistics().head
        desk.now += 1
        try desk.storage.note(
            HubContact(replica: People.bob, cursor: head, seen: 1, at: desk.now)
        )
        #expect(try compact(desk).waiting == 1)
        // A push of peers' changes says nothing.
        desk.now += 1
        try desk.storage.note(
            HubContact(replica: People.bob, cursor: head, seen: nil, at: desk.now)
        )
        #expect(try compact(desk).waiting == 1)
        try see(desk, [People.bob])
        #expect(try compact(desk).collected == 1)
    }

    func doesNotWaitForWhoWasRetiredAndTakesThemBack() throws {
        let desk = try deletedErrands(["a"], seenBy: [People.alice, People.bob])
        let limit = 180 * Self.day
        desk.now += 179 * Self.day
        try see(desk, [People.alice])
        #expect(throws: SyncError.self) {
            try desk.storage.retire(People.bob, reason: "", silentFor: limit, now: desk.now)
        }
        #expect(throws: SyncError.self) {
            try desk.storage.retire(People.carol, reason: "", silentFor: 0, now: desk.now)
        }
        desk.now += 2 * Self.day
        try desk.storage.retire(People.bob, reason: "退役", silentFor: limit, now: desk.now)
        _ = try compact(desk)
        try see(desk, [People.alice])
        #expect(try compact(desk).collected == 1)
        func bob() throws -> HubReplica? {
            try desk.storage.roster(now: desk.now).first { $0.replica == People.bob }
        }
        #expect(try bob()?.retiredAt != nil)
        // He comes with an edit that had not seen the end.
        try desk.append(
            desk.change(People.bob, base: 1, [(errand("a"), [.write(SlotKey(1), .text("新"))])]),
            from: People.bob
        )
        try see(desk, [People.bob])
        #expect(try bob()?.retiredAt == nil)
        #expect(try desk.storage.statistics().conflicts == 1)
        #expect(try desk.storage.statistics().records == 1)
        desk.now += 400 * Self.day
        try see(desk, [People.alice, People.bob])
        let contested = try compact(desk)
        #expect((contested.closed, contested.collected) == (0, 0))
    }

    func collectsNoEvidence() throws {
        let desk = HubDesk(try make())
        _ = try desk.register(People.alice)
        let endings: [(String, [Operation.Action])] = [
            ("sealed", [.seal(reason: "签", content: [])]), ("voided", [.void(reason: "误")]),
            ("foreign", [.unknown(code: 99, payload: [1])]),
        ]
        for (name, ending) in endings {
            try desk.write(People.alice, errand(name), [.create, .write(SlotKey(1), .text("证"))])
            try desk.write(People.alice, errand(name), ending)
            try desk.write(People.alice, errand(name), [.undelete(reason: "")])
            try desk.write(People.alice, errand(name), [.delete(reason: "")])
        }
        // A type that this hub does not know.
        let novelty = RecordKey(type: 99, id: .named("n"))
        try desk.write(People.alice, novelty, [.create, .write(SlotKey(1), .text("新"))])
        try desk.write(People.alice, novelty, [.delete(reason: "")])
        // One whose delete is contested.
        try desk.write(People.alice, errand("both"), [.create])
        try desk.write(People.alice, errand("both"), base: 0, [.delete(reason: "")])
        try desk.append(
            desk.change(People.bob, [(errand("both"), [.write(SlotKey(1), .text("旧"))])]),
            from: People.bob
        )
        for _ in 0..<3 {
            let report = try putAway(desk, [People.alice, People.bob])
            #expect(report.collected == 0)
        }
        #expect(try skeletons(desk) == 0)
    }

    func looksAgainAtWhatANewerSchemaKnows(_ reopen: () throws -> Storage) throws {
        var now: Int64 = 0
        do {
            let desk = HubDesk(try make())
            _ = try desk.register(People.alice)
            let novelty = RecordKey(type: 9, id: .named("n"))
            try desk.write(People.alice, novelty, [.create, .write(SlotKey(1), .integer(7))])
            try desk.write(People.alice, novelty, [.delete(reason: "")])
            #expect(try putAway(desk).collected == 0)
            now = desk.now
        }
        let desk = HubDesk(try reopen())
        desk.now = now
        #expect(try putAway(desk).collected == 1)
    }

    func knowsACollectedChangeWhenItComesAgain() throws {
        let desk = HubDesk(try make())
        _ = try desk.register(People.alice)
        let made = try desk.write(
            People.alice,
            errand("a"),
            [.create, .write(SlotKey(1), .text("张三"))]
        )
        try desk.write(People.alice, errand("a"), [.delete(reason: "")])
        #expect(try putAway(desk).collected == 1)
        let before = try desk.storage.wholeLog()
        guard case .stored(let stored) = try desk.append(made, from: People.alice) else {
            Issue.record("the change was not known")
            return
        }
        #expect((stored.changes, stored.repeated) == (0, 1))
        // Another change under its number is a fork still.
        var forged = made
        forged.entries[0].entry.actions[1] = .write(SlotKey(1), .text("李四"))
        #expect(try desk.append(forged, from: People.alice) == .fork(counter: 1))
        #expect(try desk.storage.wholeLog() == before)
    }

    func letsNoDeviceCollect() throws {
        let desk = HubDesk(try make())
        try desk.write(People.alice, errand("a"), [.create, .write(SlotKey(1), .text("一"))])
        let attempts: [Operation.Action] = [
            .close, .collect(keeping: []),
            .collected(digest: [UInt8](repeating: 7, count: 16)),
        ]
        for attempt in attempts { try desk.write(People.bob, errand("a"), base: 1, [attempt]) }
        #expect(try desk.storage.statistics().quarantined == attempts.count)
        #expect(try desk.storage.wholeLog().count == 1)
        // Nor of a type that the hub does not know, of which it collects nothing itself.
        let unknown = RecordKey(type: 999, id: .named("a"))
        try desk.write(People.alice, unknown, [.create, .write(SlotKey(1), .text("一"))])
        let before = try desk.storage.wholeLog()
        for attempt in attempts { try desk.write(People.bob, unknown, base: 2, [attempt]) }
        #expect(try desk.storage.statistics().quarantined == attempts.count * 2)
        #expect(try desk.storage.wholeLog() == before)
    }

    func changesNothingInADryRun() throws {
        let desk = try deletedErrands(["a", "b", "c"])
        _ = try compact(desk)
        desk.now += 31 * Self.day
        let before = try desk.storage.wholeLog()
        #expect(try compact(desk, isDryRun: true).closed == 3)
        #expect(try desk.storage.wholeLog() == before)
        #expect(try compact(desk).closed == 3)
        try see(desk, [People.alice])
        let closed = try desk.storage.wholeLog()
        let report = try compact(desk, isDryRun: true)
        #expect((report.collected, report.bytes > 0) == (3, true))
        #expect(try desk.storage.wholeLog() == closed)
    }
}
