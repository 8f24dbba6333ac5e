import Foundation
import MergeServer
import Replication
import SyncCore
import Testing

/// What becomes of deleted records, with real stores and the real codec; `docs/collection.md`.
@Suite struct CollectionStoryTests {
    private func expectEqual(_ fleet: Fleet, _ devices: Replica...) throws {
        let hub = try fleet.hubPicture()
        for device in devices {
            #expect(try fleet.picture(of: device) == hub, "\(device.author)")
            #expect(try device.checkRecords().isEmpty, "\(device.author)")
        }
    }

    private func expectNoSecret(_ fleet: Fleet, _ key: RecordKey, _ devices: Replica...) throws {
        for device in devices {
            #expect(try !device.logText(of: key).contains(Parcel.secret), "\(device.author)")
        }
        let log = try fleet.hubLog()
        #expect(log.allSatisfy { !"\($0.entry)".contains(Parcel.secret) })
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 })
    }

    @Test func `a deleted record is closed after a month and collected once everybody knows`()
        async throws
    {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try bob.write { try $0.insert(Sighting(title: "电鱼")) }
        try await fleet.settle(alice, bob)
        try bob.write { try $0.delete(parcel, reason: "已归还") }
        try await fleet.settle(bob, alice)
        fleet.wait(days: 20)
        let early = try fleet.compact()
        #expect((early.young, early.closed, early.collected) == (1, 0, 0))
        fleet.wait(days: 11)
        let closing = try fleet.compact()
        #expect((closing.closed, closing.collected) == (1, 0))
        let waiting = try fleet.compact()
        #expect((waiting.waiting, waiting.holders.count) == (1, 2))
        try await fleet.settle(alice)
        #expect(try fleet.compact().holders == [bob.id])
        #expect(throws: EditError.self) {
            try alice.write { try $0.edit(parcel.key, [.undelete(reason: "又要")]) }
        }
        try await fleet.settle(bob)
        let collecting = try fleet.compact()
        #expect((collecting.waiting, collecting.collected) == (0, 1))
        #expect(collecting.bytes > 0)
        try await fleet.settle(alice, bob)
        let carol = try fleet.device("carol")
        try await fleet.settle(carol)
        try expectEqual(fleet, alice, bob, carol)
        try expectNoSecret(fleet, parcel.key, alice, bob, carol)
        // What stays: who made and who ended it, its town, its danger, and the digests.
        let view = try alice.read { try $0.view(parcel.key) }
        #expect(view?.lifecycle == .deleted)
        #expect(view?.values.map(\.slot.field) == [2, 3])
        let actions = try carol.actions(of: parcel.key)
        #expect(actions.contains(.delete(reason: "已归还")) && actions.contains(.close))
        #expect(actions.contains(.collect(keeping: [2, 3])))
        // Nothing is left to do, and nothing comes again.
        let idle = try fleet.compact()
        #expect((idle.closed, idle.collected, idle.waiting, idle.young) == (0, 0, 0, 0))
    }

    /// Bob brings the record back on the last day of grace, out of reach.
    private func revival(waitsForBob: Bool) async throws -> (fleet: Fleet, shown: Parcel?) {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try await fleet.settle(alice, bob)
        try alice.write { try $0.delete(parcel) }
        try await fleet.settle(alice, bob)
        fleet.wait(days: 29)
        try bob.write { try $0.edit(parcel.key, [.undelete(reason: "还要用")]) }
        if !waitsForBob {
            // What a rule by age does, or one that only asks who has seen the delete.
            try fleet.storage.retire(bob.id, reason: "", silentFor: 0, now: fleet.clock.now)
        }
        fleet.wait(days: 2)
        try fleet.compact()
        try await fleet.settle(alice)
        try fleet.compact()
        try await fleet.settle(bob, alice)
        try expectEqual(fleet, alice, bob)
        return (fleet, try alice.record(parcel))
    }

    @Test func `who brings a record back on the last day gets all of it`() async throws {
        let (fleet, shown) = try await revival(waitsForBob: true)
        #expect(shown == Parcel.one())
        #expect(try fleet.storage.statistics().conflicts == 0)
    }

    @Test func `a collection that did not wait would give back an empty record`() async throws {
        let (fleet, shown) = try await revival(waitsForBob: false)
        #expect(shown != Parcel.one(), "the test above must be able to fail")
        // Nothing comes back unseen even so: somebody has to look at it.
        #expect(try fleet.storage.statistics().conflicts == 1)
    }

    /// Carol edits the parcel before she hears of the delete, and is away for 400 days.
    private func absence(isRetired: Bool) async throws -> Absence {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice")
        let carol = try fleet.device("carol")
        let parcel = try carol.write { try $0.insert(Parcel.one()) }
        try await fleet.settle(carol, alice)
        try carol.write { try $0.update(parcel) { $0.what = "渔网两箱" } }
        let found = try carol.write { try $0.insert(Sighting(title: "别处电鱼", town: "b")) }
        try alice.write { try $0.delete(parcel, reason: "已归还") }
        try await fleet.settle(alice)
        let limit = 180 * HubCompaction.day
        for month in 0..<13 {
            fleet.wait(days: 30)
            try await fleet.sync(alice)
            try fleet.compact()
            let now = fleet.clock.now
            if isRetired, month == 2 {
                #expect(throws: SyncError.self) {
                    try fleet.storage.retire(carol.id, reason: "失联", silentFor: limit, now: now)
                }
            }
            if isRetired, month == 6 {
                try fleet.storage.retire(carol.id, reason: "失联", silentFor: limit, now: now)
            }
        }
        fleet.wait(days: 10)
        let before = try fleet.hubLog()
        try await fleet.settle(carol, alice)
        try expectEqual(fleet, alice, carol)
        // Whatever she recorded is there.
        #expect(try alice.record(found)?.title == "别处电鱼")
        return Absence(fleet: fleet, alice: alice, carol: carol, parcel: parcel, before: before)
    }

    private struct Absence {
        let fleet: Fleet
        let alice: Replica
        let carol: Replica
        let parcel: Reference<Parcel>
        let before: [Batch.Item]

        var isCollected: Bool { before.contains(where: \.entry.isSkeleton) }
        func conflicts() throws -> [OpenConflict] { try alice.read { try $0.conflicts() } }
    }

    @Test func `who is away for 400 days and not retired is waited for`() async throws {
        let story = try await absence(isRetired: false)
        #expect(!story.isCollected)
        let shown = try story.alice.record(story.parcel)
        #expect(shown?.what == "渔网两箱" && shown?.remark == Parcel.secret)
        #expect(try story.conflicts().map(\.conflict.subject) == [.lifecycle])
    }

    @Test func `who is away for 400 days and was retired loses nothing that was recorded`()
        async throws
    {
        let story = try await absence(isRetired: true)
        #expect(story.isCollected)
        // The record stands again with what her edit says; the earlier content is gone everywhere.
        let shown = try story.alice.record(story.parcel)
        #expect(shown?.what == "渔网两箱" && shown?.remark == "" && shown?.hazard == 2)
        #expect(try story.conflicts().map(\.conflict.subject) == [.lifecycle])
        try expectNoSecret(story.fleet, story.parcel.key, story.alice, story.carol)
        let roster = try story.fleet.storage.roster(now: story.fleet.clock.now)
        #expect(roster.first { $0.replica == story.carol.id }?.retiredAt == nil)
        let steps = try story.carol.read { try $0.whyLifecycle(story.parcel.key) }?.steps ?? []
        #expect(steps.contains { $0.act == .mark(.collect) })
        // Somebody decides; then it goes like any other.
        let conflict = try #require(try story.conflicts().first)
        try story.alice.resolve(conflict, with: .boolean(true), reason: "不再需要")
        try await story.fleet.settle(story.alice, story.carol)
        let second = try await story.fleet.putAway(story.alice, story.carol)
        #expect(second.collected == 1)
        try await story.fleet.settle(story.alice, story.carol)
        try expectEqual(story.fleet, story.alice, story.carol)
        #expect(try !story.carol.logText(of: story.parcel.key).contains("渔网两箱"))
    }

    @Test func `a retired device that only reads comes back to skeletons`() async throws {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice")
        let dave = try fleet.device("dave")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try await fleet.settle(alice, dave)
        try alice.write { try $0.delete(parcel) }
        try await fleet.settle(alice)
        fleet.wait(days: 200)
        try fleet.storage.retire(dave.id, reason: "送修", silentFor: 0, now: fleet.clock.now)
        #expect(try await fleet.putAway(alice).collected == 1)
        try await fleet.settle(dave, alice)
        try expectEqual(fleet, alice, dave)
        try expectNoSecret(fleet, parcel.key, alice, dave)
    }

    @Test func `a backup from before the delete gets the collection again`() async throws {
        let fleet = try Fleet(schema: Parcel.schema())
        var alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try await fleet.settle(alice, bob)
        try FileManager.default.copyItem(
            atPath: fleet.folder + "/alice",
            toPath: fleet.folder + "/backup"
        )
        try alice.write { try $0.delete(parcel) }
        try await fleet.settle(alice, bob)
        #expect(try await fleet.putAway(alice, bob).collected == 1)
        try await fleet.settle(alice, bob)
        // The backup is put in place and goes on: it writes before it syncs.
        alice = try fleet.device("backup")
        try alice.write { try $0.update(parcel) { $0.labels.insert("补录") } }
        try alice.write { _ = try $0.insert(Errand(what: "加油")) }
        try await fleet.settle(alice, bob)
        try expectEqual(fleet, alice, bob)
        try expectNoSecret(fleet, parcel.key, alice, bob)
        #expect(try fleet.picture(of: bob).contains { $0.contains("加油") })
        #expect(try bob.record(parcel)?.labels == ["补录"])
        #expect(try bob.read { try $0.conflicts() }.map(\.conflict.subject) == [.lifecycle])
    }

    @Test func `a peer's copy does not bring collected content back`() async throws {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let dave = try fleet.device("dave")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        try alice.write { try $0.update(parcel) { $0.what = "渔网三箱" } }
        // Dave has it from alice, without the hub; bob by way of the hub.
        try dave.merge(delta: alice.delta(for: dave.status()))
        try await fleet.settle(alice, bob)
        try bob.write { try $0.delete(parcel) }
        try await fleet.settle(bob, alice)
        #expect(try await fleet.putAway(alice, bob).collected == 1)
        try await fleet.settle(alice, bob)
        // Her whole log: what bob has already is compared and skipped.
        let all = try dave.delta(since: VersionVector(), cursor: 0)
        #expect(try bob.merge(delta: all) == 0)
        try expectNoSecret(fleet, parcel.key, alice, bob)
        // Bob's skeletons reach dave, who still has the content, and a newcomer.
        try dave.merge(delta: bob.delta(for: dave.status()))
        let erin = try fleet.device("erin")
        try erin.merge(delta: bob.delta(for: erin.status()))
        try expectEqual(fleet, alice, bob, dave, erin)
        try expectNoSecret(fleet, parcel.key, dave, erin)
        try await fleet.settle(dave, erin, alice)
        try expectEqual(fleet, alice, bob, dave, erin)
    }

    @Test func `an acknowledgement that was lost is given for a skeleton too`() async throws {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let parcel = try alice.write { try $0.insert(Parcel.one()) }
        guard
            case .prepared(let request, _, _)? = alice.perform(
                .prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)
            )
        else {
            Issue.record("no request can be made")
            return
        }
        _ = fleet.service.handle(request)
        try await fleet.settle(bob)
        try bob.write { try $0.delete(parcel) }
        try await fleet.settle(bob)
        // She has not heard that it arrived, and is retired meanwhile.
        try fleet.storage.retire(alice.id, reason: "", silentFor: 0, now: fleet.clock.now)
        #expect(try await fleet.putAway(bob).collected == 1)
        let summaries = try await fleet.sync(alice)
        #expect(summaries.allSatisfy { $0.reincarnatedAs == nil && $0.quarantined == 0 })
        try await fleet.settle(alice, bob)
        try expectEqual(fleet, alice, bob)
        try expectNoSecret(fleet, parcel.key, alice, bob)
    }

    @Test func `who sees a town keeps seeing what becomes of its records`() async throws {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice", scopes: ["town=a"])
        let bob = try fleet.device("bob", scopes: ["town=b"])
        let chief = try fleet.device("chief")
        let here = try alice.write { try $0.insert(Parcel.one(town: "a")) }
        try await fleet.settle(alice, bob, chief)
        try chief.write { try $0.delete(here) }
        try await fleet.settle(chief, alice, bob)
        #expect(try await fleet.putAway(alice, bob, chief).collected == 1)
        try await fleet.settle(alice, bob, chief)
        try expectNoSecret(fleet, here.key, alice, chief)
        #expect(try alice.read { try $0.view(here.key) }?.lifecycle == .deleted)
        #expect(try bob.read { try $0.view(here.key) } == nil)
        let newcomer = try fleet.device("newcomer", scopes: ["town=a"])
        try await fleet.settle(newcomer)
        #expect(try newcomer.read { try $0.view(here.key) }?.lifecycle == .deleted)
        try expectNoSecret(fleet, here.key, newcomer)
    }

    @Test func `a name can be used again once its record is collected`() async throws {
        let fleet = try Fleet(schema: Parcel.schema())
        let alice = try fleet.device("alice")
        let name = Reference<Parcel>(.named("A-7"))
        try alice.write { _ = try $0.insert(Parcel.one(), named: "A-7") }
        try await fleet.settle(alice)
        try alice.write { try $0.delete(name) }
        try await fleet.settle(alice)
        fleet.wait(days: 31)
        try fleet.compact()
        try await fleet.settle(alice)
        #expect(throws: EditError.self, "it would be taken along") {
            try alice.write { _ = try $0.insert(Parcel.one("新的"), named: "A-7") }
        }
        #expect(try fleet.compact().collected == 1)
        try await fleet.settle(alice)
        try alice.write { _ = try $0.insert(Parcel.one("新的"), named: "A-7") }
        try await fleet.settle(alice)
        #expect(try alice.record(name) == Parcel.one("新的"))
        try expectEqual(fleet, alice)
        #expect(try fleet.storage.statistics().conflicts == 0)
    }
}
