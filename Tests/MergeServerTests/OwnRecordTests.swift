import Foundation
import MergeServer
import Replication
import SyncCore
import Testing

/// What becomes of the records that a device made, inside and outside of its scopes.
@Suite struct OwnRecordTests {
    private let zhili = "town=330502100"
    private let daixi = "town=330502104"

    @discardableResult
    private func make(_ device: Replica, in scope: String) throws -> Reference<Sighting> {
        try device.write { transaction in
            var record = Sighting()
            record.town = String(scope.dropFirst(5))
            return try transaction.insert(record)
        }
    }

    private func move(
        _ sighting: Reference<Sighting>,
        to scope: String,
        by device: Replica
    ) throws {
        try device.write {
            try $0.update(sighting) { $0.town = String(scope.dropFirst(5)) }
        }
    }

    @Test
    func `a change of a clock that is ahead has parts on a record that is here and a new one`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office", clockOffset: 90_000_000)
        let team = try fleet.device("team", scopes: [zhili, daixi])
        let comes = try make(office, in: "town=330502999")
        let stays = try make(office, in: zhili)
        try office.write { transaction in
            try transaction.update(comes) { $0.method = "电鱼" }
            try transaction.update(stays) { $0.method = "地笼" }
        }
        try await fleet.sync(office, team)
        try office.write { transaction in
            try transaction.update(comes) { $0.town = "330502100" }
            try transaction.update(stays) { $0.town = "330502104" }
        }
        try await fleet.sync(office, team)
        #expect(try team.record(comes)?.method == "电鱼")
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
        #expect(try team.checkRecords().map(\.problem) == [])
    }

    @Test func `a record that nobody else has written to comes back after it has left`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let team = try fleet.device("team", scopes: [zhili])
        let sighting = try make(team, in: zhili)
        try team.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try await fleet.sync(team)
        for (scopes, method) in [([daixi], nil), ([zhili], "电鱼"), ([daixi], nil), ([], "电鱼")] {
            try team.subscribe(to: scopes)
            try await fleet.sync(team)
            #expect(try team.record(sighting)?.method == method)
        }
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `an own record comes back with its parent`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let sighting = try make(office, in: zhili)
        try await fleet.sync(office, team)
        let weighing = try team.write { transaction in
            var record = Weighing()
            record.sighting = sighting
            record.grams = 12
            return try transaction.insert(record)
        }
        try await fleet.sync(team, office)
        try move(sighting, to: daixi, by: office)
        try await fleet.sync(office, team)
        #expect(try team.record(weighing) == nil)
        try move(sighting, to: zhili, by: office)
        try await fleet.sync(office, team)
        #expect(try team.record(weighing)?.grams == 12)
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `a device goes on seeing what it made outside its scopes`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let other = try fleet.device("other", scopes: [zhili])
        let sighting = try make(team, in: daixi)
        try await fleet.sync(team, office, other)
        #expect(try other.record(sighting) == nil)
        try office.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try await fleet.sync(office, team)
        #expect(try team.record(sighting)?.method == "电鱼")
        try team.write { try $0.update(sighting) { $0.method = "地笼" } }
        try office.write { try $0.update(sighting) { $0.method = "丝网" } }
        try await fleet.sync(team, office, team)
        #expect(try team.conflicts().count == 1)
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
        // What others add to it is theirs.
        try office.write { transaction in
            var record = Weighing()
            record.sighting = sighting
            try transaction.insert(record)
        }
        try await fleet.sync(office, team)
        #expect(try team.records(of: Weighing.self).isEmpty)
    }

    @Test func `a device that moves its record out of its scopes goes on seeing it`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let team = try fleet.device("team", scopes: [zhili])
        let (first, second) = (try make(team, in: zhili), try make(team, in: zhili))
        // Whether in the push that brings it or later.
        try move(first, to: daixi, by: team)
        try await fleet.sync(team)
        try move(second, to: daixi, by: team)
        try await fleet.sync(team)
        #expect(try team.records(of: Sighting.self).count == 2)
        try team.subscribe(to: ["town=330502999"])
        try await fleet.sync(team)
        #expect(try team.records(of: Sighting.self).count == 2)
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `an edit opens no record to a device`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        try office.write {
            try $0.insert(Sighting(method: "电鱼", town: "330502104"), named: "s")
        }
        try await fleet.sync(office, team)
        // A name can be written to by somebody who has not seen the record.
        let sighting = Reference<Sighting>(.named("s"))
        try team.write { try $0.insert(Sighting(title: "有人"), named: "s") }
        try await fleet.sync(team)
        #expect(try team.record(sighting) == nil)
        #expect(try team.status().waitingChanges == 0)
        try await fleet.sync(office)
        #expect(try office.record(sighting)?.title == "有人")
        try move(sighting, to: zhili, by: office)
        try await fleet.sync(office, team)
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `a store under a new id loses sight of what it made outside under the old one`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let outside: Reference<Sighting>
        let inside: Reference<Sighting>
        do {
            let team = try fleet.device("team", scopes: [zhili])
            (outside, inside) = (try make(team, in: daixi), try make(team, in: zhili))
            try await fleet.sync(team)
        }
        try FileManager.default.copyItem(
            atPath: fleet.folder + "/team",
            toPath: fleet.folder + "/copy"
        )
        let team = try fleet.device("team")
        try make(team, in: daixi)
        try await fleet.sync(team)
        let copy = try fleet.device("copy")
        try make(copy, in: zhili)
        try await fleet.sync(copy, copy, team)
        #expect(copy.id != team.id)
        #expect(try copy.record(outside) == nil)
        #expect(try copy.record(inside) != nil)
        #expect(try copy.records(of: Sighting.self).count == 2)
        #expect(try team.record(outside) != nil)
        #expect(try team.records(of: Sighting.self).count == 4)
        // And it follows what it makes from now on.
        let fresh = try make(copy, in: daixi)
        try await fleet.sync(copy)
        #expect(try copy.record(fresh) != nil)
        let scoped = try Set(fleet.hubPicture())
        #expect(try Set(Picture.held(by: copy)).isSubset(of: scoped))
    }
}
