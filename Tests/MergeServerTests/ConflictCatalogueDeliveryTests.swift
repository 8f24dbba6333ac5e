import Foundation
import MergeServer
import Replication
import SyncCore
import Testing

/// The outcomes of the conflict catalogue that concern how changes travel.
@Suite struct ConflictCatalogueDeliveryTests {
    @Test func `C19 days of changes that come in another order wait for what they have seen`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let carol = try fleet.device("carol")
        let sighting = try alice.write { try $0.insert(Sighting()) }
        for day in 1...3 {
            fleet.clock.advance(86_400_000)
            try alice.write { try $0.update(sighting) { $0.method = "第\(day)天" } }
        }
        let first = try alice.delta(for: bob.status())
        try bob.merge(delta: first)
        try bob.write { try $0.update(sighting) { $0.method = "复核" } }
        // Bob's change alone is not taken by someone who lacks what it has seen.
        var onlyBob = try alice.status().knowledge
        onlyBob[bob.id] = 0
        let torn = try bob.delta(since: onlyBob, cursor: 0)
        #expect(throws: SyncError.self) { try carol.merge(delta: torn) }
        #expect(try carol.status().entries == 0)
        try carol.merge(delta: bob.delta(for: carol.status()))
        #expect(try carol.record(sighting)?.method == "复核")
        #expect(try carol.conflicts().isEmpty)
        try await fleet.sync(carol, bob, alice, carol)
        #expect(try alice.conflicts().isEmpty)
        let picture = try fleet.hubPicture()
        for device in [alice, bob, carol] { #expect(try fleet.picture(of: device) == picture) }
    }

    @Test func `C20 a push that is repeated after a lost answer changes nothing`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let sighting = try alice.write { try $0.insert(Sighting()) }
        for _ in 1...3 { try alice.write { try $0.update(sighting) { $0.visits += 1 } } }
        let lossy = LossyHub(service: fleet.service, losses: [0, 1])
        let summary = try await alice.synchronize(with: lossy, options: .quick)
        #expect(summary.retries == 2)
        #expect(fleet.service.metrics.changesRepeated.count == 8)
        #expect(try fleet.hubLog().count == 4)
        #expect(try alice.status().waitingChanges == 0)
        let bob = try fleet.device("bob")
        try await fleet.sync(bob)
        #expect(try bob.record(sighting)?.visits == 3)
    }

    @Test func `C20 others edit a new record before its author hears that it has a number`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let sighting = try alice.write { try $0.insert(Sighting()) }
        let deaf = LossyHub(service: fleet.service, losses: Set(0..<100))
        await #expect(throws: SyncError.self) {
            try await alice.synchronize(with: deaf, options: .quick)
        }
        try await fleet.sync(bob)
        try bob.write { try $0.update(sighting) { $0.title = "苏醒" } }
        try await fleet.sync(bob, alice)
        #expect(try alice.record(sighting)?.title == "苏醒")
        #expect(try fleet.picture(of: alice) == fleet.hubPicture())
    }

    @Test func `C21 an upload that is cut goes on where it broke and is never applied in part`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(60, to: alice)
        let cutting = CuttingHub(service: fleet.service, cuts: 3)
        var options = SyncSession.Options.quick
        options.partBytesMin = 256
        options.pushBytesMax = 1 << 20
        let summary = try await alice.synchronize(with: cutting, options: options)
        #expect(cutting.headsSeen.allSatisfy { $0 == 0 })
        #expect(summary.retries == cutting.cutsMade && cutting.cutsMade > 1)
        #expect(try fleet.hubLog().count == 60)
        // Each byte of the request went over the wire about once.
        let whole = cutting.largest
        #expect(cutting.carried < whole + whole / 2)
    }

    @Test func `C21 a download that is cut is resumed and gives the same store`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(200, to: alice)
        try await fleet.sync(alice)
        let bob = try fleet.device("bob")
        let cutting = CuttingHub(service: fleet.service, cuts: 4, isDownward: true)
        let summary = try await bob.synchronize(with: cutting, options: .quick)
        #expect(summary.retries == cutting.cutsMade && cutting.cutsMade > 1)
        #expect(fleet.service.metrics.resumedBodies.count == cutting.cutsMade)
        #expect(try fleet.picture(of: bob) == fleet.hubPicture())
    }

    @Test func `C22 a restored backup takes a new identity and both branches are kept`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        var alice: Replica? = try fleet.device("alice")
        let old = try #require(alice?.id)
        let sighting = try #require(alice).write { try $0.insert(Sighting()) }
        try await fleet.sync(try #require(alice))
        alice = nil
        let files = FileManager.default
        try files.copyItem(atPath: fleet.folder + "/alice", toPath: fleet.folder + "/backup")
        alice = try fleet.device("alice")
        try #require(alice).write { try $0.update(sighting) { $0.method = "电鱼" } }
        try await fleet.sync(try #require(alice))
        let restored = try fleet.device("backup", author: "alice")
        #expect(restored.id == old)
        let mine = try restored.write { transaction in
            try transaction.update(sighting) { $0.method = "地笼" }
            var weighing = Weighing()
            weighing.sighting = sighting
            weighing.grams = 12_500
            return try transaction.insert(weighing)
        }
        let summary = try await fleet.sync(restored)[0]
        #expect(summary.reincarnatedAs == restored.id.description)
        #expect(restored.id != old)
        #expect(try restored.record(mine) == nil)
        try await fleet.sync(try #require(alice), restored)
        let conflict = try #require(try restored.conflicts().first)
        #expect(Set(conflict.siblings.map(\.value)) == [.text("电鱼"), .text("地笼")])
        #expect(try #require(alice).records(of: Weighing.self).map(\.record.grams) == [12_500])
        let picture = try fleet.hubPicture()
        #expect(try fleet.picture(of: try #require(alice)) == picture)
        #expect(try fleet.picture(of: restored) == picture)
        #expect(fleet.service.metrics.forks.count == 1)
    }

    @Test func `C22 a backup from before the answer to the first sync forks and loses nothing`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        var alice: Replica? = try fleet.device("alice")
        let sighting = try #require(alice).write { try $0.insert(Sighting()) }
        try #require(alice).write { try $0.update(sighting) { $0.title = "一" } }
        alice = nil
        let files = FileManager.default
        try files.copyItem(atPath: fleet.folder + "/alice", toPath: fleet.folder + "/backup")
        let first = try fleet.device("alice")
        try first.write { try $0.update(sighting) { $0.tags = ["甲"] } }
        try await fleet.sync(first)
        var restored: Replica? = try fleet.device("backup", author: "alice")
        try #require(restored).write { try $0.update(sighting) { $0.tags = ["乙"] } }
        try await fleet.sync(try #require(restored), first, try #require(restored))
        #expect(try first.record(sighting)?.tags == ["甲", "乙"])
        #expect(try fleet.hubLog().count == 4)
        restored = nil
        let again = try fleet.device("backup", author: "alice")
        try again.write { try $0.update(sighting) { $0.tags.insert("丙") } }
        try await fleet.sync(again, first)
        let picture = try fleet.hubPicture()
        #expect(try fleet.picture(of: again) == picture)
        #expect(try fleet.picture(of: first) == picture)
        #expect(try first.record(sighting)?.tags == ["甲", "乙", "丙"])
    }

    @Test func `C22 a fork after changes whose answer was lost makes no entry twice`() async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        var alice: Replica? = try fleet.device("alice")
        let sighting = try #require(alice).write { try $0.insert(Sighting()) }
        try await fleet.sync(try #require(alice))
        try #require(alice).write { try $0.update(sighting) { $0.title = "未回执" } }
        alice = nil
        try FileManager.default.copyItem(
            atPath: fleet.folder + "/alice",
            toPath: fleet.folder + "/backup"
        )
        let first = try fleet.device("alice")
        try first.write { try $0.update(sighting) { $0.visits += 2 } }
        try await fleet.sync(first)
        let restored = try fleet.device("backup", author: "alice")
        try restored.write { try $0.update(sighting) { $0.visits += 5 } }
        try await fleet.sync(restored, first)
        try await fleet.sync(restored)
        #expect(try fleet.hubLog().count == 4)
        #expect(try fleet.entries(of: restored) == fleet.hubLog().map(\.entry))
        #expect(try fleet.entries(of: first) == fleet.hubLog().map(\.entry))
        #expect(try restored.record(sighting)?.visits == 7)
        #expect(try first.record(sighting)?.visits == 7)
    }

    @Test func `C23 an older app keeps and forwards the fields of a newer one`() async throws {
        let newer = try TestSchema.newer()
        let fleet = try Fleet(schema: newer)
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob", schema: TestSchema.make())
        let carol = try fleet.device("carol")
        let key = RecordKey(type: 3, id: .named("差事"))
        let novelty = RecordKey(type: 9, id: .named("新种类"))
        try alice.write {
            try $0.edit(key, [.create, .set(1, .text("送达")), .set(2, .text("急"))])
            try $0.edit(novelty, [.create, .set(1, .integer(7))])
        }
        try await fleet.sync(alice, bob)
        try bob.write { try $0.edit(key, [.set(1, .text("已送达"))]) }
        // By hand to hand, through the older app, without the hub.
        try carol.merge(delta: bob.delta(for: carol.status()))
        for device in [alice, carol] {
            try await fleet.sync(bob, device)
            let view = try #require(try device.read { try $0.view(key) })
            #expect(view[SlotKey(1)] == .text("已送达"))
            #expect(view[SlotKey(2)] == .text("急"))
            #expect(try device.read { try $0.view(novelty) }?[SlotKey(1)] == .integer(7))
        }
        #expect(try fleet.hubLog().map(\.entry) == fleet.entries(of: carol))
    }

    @Test func `C29 what one brings for another is stored once and stays the author's`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let sighting = try alice.write { try $0.insert(Sighting()) }
        try alice.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try bob.merge(delta: alice.delta(for: bob.status()))
        try bob.write { try $0.update(sighting) { $0.method = "地笼" } }
        try await fleet.sync(bob)
        // Bob has brought all three, in causal order.
        let log = try fleet.hubLog().map(\.entry)
        #expect(log.map(\.author) == ["alice", "alice", "bob"])
        #expect(log.map(\.dot.replica) == [alice.id, alice.id, bob.id])
        try await fleet.sync(alice, bob)
        #expect(try fleet.hubLog().map(\.entry) == log)
        #expect(try alice.status().waitingChanges == 0)
        #expect(try alice.conflicts().isEmpty)
        #expect(try alice.record(sighting)?.method == "地笼")
        let picture = try fleet.hubPicture()
        for device in [alice, bob] { #expect(try fleet.picture(of: device) == picture) }
    }

    @Test func `C29 a delta made for an older status tells where the hub put what is here already`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let early = try alice.status()
        let sighting = try alice.write { transaction in
            var record = Sighting()
            record.story = "芦苇荡内一船。"
            return try transaction.insert(record)
        }
        // The hub has it, and Alice does not hear of that.
        let deaf = LossyHub(service: fleet.service, losses: Set(0..<100))
        await #expect(throws: SyncError.self) {
            try await alice.synchronize(with: deaf, options: .quick)
        }
        try await fleet.sync(bob)
        try bob.write { try $0.update(sighting) { $0.story = "芦苇荡内一船，两人。" } }
        try await fleet.sync(bob)
        try alice.merge(delta: bob.delta(for: early))
        let state = try #require(try alice.read { try $0.state(sighting.key) })
        #expect(state.slot(SlotKey(13))?.siblings.map(\.stamp.author) == ["bob"])
        #expect(try alice.checkRecords().map(\.problem) == [])
        try await fleet.sync(alice, bob)
        #expect(try fleet.picture(of: alice) == fleet.hubPicture())
        #expect(try fleet.picture(of: bob) == fleet.hubPicture())
    }

    @Test func `C29 a courier who has written nothing brings everything too`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        try Samples.write(30, to: alice)
        try bob.merge(delta: alice.delta(for: bob.status()))
        var options = SyncSession.Options.quick
        options.pushBytesMax = 200
        try await bob.synchronize(with: LocalHub(service: fleet.service), options: options)
        #expect(try fleet.hubLog().count == 30)
        #expect(try fleet.picture(of: bob) == fleet.hubPicture())
        let before = fleet.service.metrics.bytesReceived.count
        try await fleet.sync(bob)
        #expect(fleet.service.metrics.bytesReceived.count - before < 40)
    }

    @Test func `C29 a bundle that the hub has not got keeps nobody's changes from the hub`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let key = RecordKey(type: 3, id: .named("目录"))
        let bundle = Change(
            dot: Dot(ReplicaID(0xB0D1), 1),
            context: CausalContext(),
            timestamp: HybridTimestamp(wallTime: 1),
            author: "catalogue",
            operations: [Operation(key, .create), Operation(key, .write(SlotKey(1), .text("甲")))]
        )
        for device in [alice, bob] { try device.install([bundle]) }
        let sighting = try alice.write { try $0.insert(Sighting()) }
        try await fleet.sync(alice, bob)
        #expect(try alice.status().quarantined == 0)
        #expect(try bob.record(sighting) != nil)
        #expect(try fleet.hubLog().count == 1)
        try fleet.storage.install([bundle], now: fleet.clock.now)
        try await fleet.sync(alice, bob)
        #expect(try fleet.hubLog().count == 2)
        #expect(try fleet.picture(of: alice) == fleet.hubPicture())
        #expect(try fleet.picture(of: bob) == fleet.hubPicture())
    }

    @Test(arguments: Samples.hostileTexts)
    func `C34 a hostile text is stored as it is or refused here, and never poisons the batch`(
        text: String
    ) async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        var accepted: [Reference<Sighting>] = []
        for attempt in Samples.attempts {
            do {
                accepted.append(try attempt(alice, text))
            } catch let error as EditError {
                #expect(!error.problem.isEmpty)
            }
        }
        let last = try alice.write { try $0.insert(Sighting()) }
        try await fleet.sync(alice, bob)
        #expect(try bob.record(last) != nil)
        #expect(try fleet.picture(of: bob) == fleet.picture(of: alice))
        for reference in accepted { #expect(try bob.record(reference) != nil) }
    }

    @Test func `C34 a change too large to travel is refused where it is written`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        var dice = Dice(seed: 1)
        // Random words do not compress.
        let megabyte = String(
            String.UnicodeScalarView(
                (0..<300_000)
                    .compactMap { _ in Unicode.Scalar(UInt32(0x4E00 + dice.below(20_000))) }
            )
        )
        #expect(throws: EditError.self) {
            try alice.write { transaction in
                for _ in 0..<9 {
                    var record = Sighting()
                    record.story = megabyte
                    try transaction.insert(record)
                }
            }
        }
        try alice.write { transaction in
            var record = Sighting()
            record.story = megabyte
            try transaction.insert(record)
        }
        try await fleet.sync(alice)
        #expect(try fleet.hubLog().count == 1)
    }
}
