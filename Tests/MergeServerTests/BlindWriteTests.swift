import MergeServer
import Replication
import SyncCore
import Testing

/// Writing to a named record of which a device has not, or not any more, what others wrote.
@Suite struct BlindWriteTests {
    private let zhili = "town=330502100"
    private let daixi = "town=330502104"

    private func record(_ method: String, in scope: String) -> Sighting {
        Sighting(method: method, town: String(scope.dropFirst(5)))
    }

    private func methods(_ device: Replica) throws -> Set<FieldValue> {
        let conflict = try device.conflicts().first { $0.conflict.subject == .slot(SlotKey(3)) }
        return Set(conflict?.conflict.candidates.map(\.value) ?? [])
    }

    private func lastEntry(_ device: Replica) throws -> LogEntry {
        try #require(try device.read { try $0.log(limit: 1) }.first).entry
    }

    @Test func `a name that is taken outside the scopes is disputed and not taken over`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        try office.write { try $0.insert(record("电鱼", in: daixi), named: "s") }
        try await fleet.sync(office, team)
        let sighting = try team.write { try $0.insert(record("地笼", in: zhili), named: "s") }
        #expect(try lastEntry(team).context.onlySeen == [])
        try await fleet.sync(team, office)
        #expect(try methods(office) == [.text("电鱼"), .text("地笼")])
        // Now the team has all of it, and decides.
        #expect(try methods(team) == [.text("电鱼"), .text("地笼")])
        try team.write { try $0.update(sighting) { $0.method = "丝网" } }
        #expect(try lastEntry(team).context.onlySeen == nil)
        try await fleet.sync(team, office)
        #expect(try methods(office) == [])
        #expect(try office.record(sighting)?.method == "丝网")
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `a record that left and is begun anew is disputed, until it is back`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let sighting = try office.write { try $0.insert(record("电鱼", in: zhili), named: "s") }
        try await fleet.sync(office, team)
        try team.write { try $0.update(sighting) { $0.title = "夜间" } }
        try await fleet.sync(team, office)
        try office.write { try $0.update(sighting) { $0.town = String(daixi.dropFirst(5)) } }
        try await fleet.sync(office, team)
        #expect(try team.record(sighting) == nil)
        try team.write { try $0.insert(record("地笼", in: daixi), named: "s") }
        try team.write { try $0.update(sighting) { $0.story = "再查" } }
        #expect(try lastEntry(team).context.onlySeen == [])
        try await fleet.sync(team, office)
        #expect(try methods(office) == [.text("电鱼"), .text("地笼")])
        // It is not the team's, and leaves again; in the next town it comes back whole.
        #expect(try team.record(sighting) == nil)
        try team.subscribe(to: [daixi])
        try await fleet.sync(team)
        #expect(try team.record(sighting)?.title == "夜间")
        try team.write { try $0.update(sighting) { $0.method = "丝网" } }
        try await fleet.sync(team, office)
        #expect(try methods(office) == [])
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `what is counted of a record begun anew is added to what was counted before`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let sighting = try team.write { try $0.insert(record("电鱼", in: zhili), named: "s") }
        try team.write { try $0.update(sighting) { $0.visits += 5 } }
        try await fleet.sync(team, office)
        try office.write {
            try $0.update(sighting) {
                $0.town = String(daixi.dropFirst(5))
                $0.visits += 10
            }
        }
        try await fleet.sync(office, team)
        #expect(try team.record(sighting) == nil)
        var again = record("地笼", in: daixi)
        again.visits = 2
        try team.write { [again] in try $0.insert(again, named: "s") }
        try team.write { try $0.update(sighting) { $0.visits += 1 } }
        try await fleet.sync(team, office)
        #expect(try office.record(sighting)?.visits == 18)
        try team.subscribe(to: [daixi])
        try await fleet.sync(team)
        #expect(try team.record(sighting)?.visits == 18)
        #expect(try fleet.picture(of: team) == fleet.hubPicture())
    }

    @Test func `what a friend brought of a record elsewhere is seen, and nothing else of it`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let friend = try fleet.device("friend", scopes: [daixi])
        let team = try fleet.device("team", scopes: [zhili])
        let sighting = try office.write {
            var begun = record("电鱼", in: daixi)
            begun.town = "330502104"
            begun.handler = "office"
            return try $0.insert(begun, named: "s")
        }
        try await fleet.sync(office, friend, team)
        try friend.write { try $0.update(sighting) { $0.method = "丝网" } }
        try team.merge(delta: friend.delta(for: team.status()))
        // The office's part of it is the hub's to give or not.
        #expect(try team.read { try $0.history(sighting.key) }.count == 1)
        try team.write {
            try $0.edit(sighting.key, [.create, .set(3, .text("地笼")), .set(14, .text("team"))])
        }
        let seen = try lastEntry(team).context.onlySeen
        #expect(seen == [Dot(friend.id, 1)])
        try await fleet.sync(team, friend, office, team)
        #expect(try methods(office) == [])
        #expect(try office.record(sighting)?.method == "地笼")
        let claims = try office.conflicts().filter { $0.conflict.subject == .slot(SlotKey(14)) }
        #expect(claims.count == 1, "the team had not seen who handles it")
        #expect(try team.record(sighting) == nil)
        #expect(try fleet.picture(of: office) == fleet.hubPicture())
    }

    @Test func `nothing is said of what is seen where a device has it all`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        try office.write { try $0.insert(record("电鱼", in: daixi), named: "s") }
        #expect(try lastEntry(office).context.onlySeen == nil)
        let own = try team.write { try $0.insert(record("电鱼", in: zhili)) }
        #expect(try lastEntry(team).context.onlySeen == nil)
        try await fleet.sync(office, team)
        try team.write { try $0.update(own) { $0.title = "夜间" } }
        #expect(try lastEntry(team).context.onlySeen == nil)
    }

    @Test func `a first name is whole once the hub has passed it`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let office = try fleet.device("office")
        let team = try fleet.device("team", scopes: [zhili])
        let sighting = try team.write { try $0.insert(record("电鱼", in: zhili), named: "s") }
        try await fleet.sync(team, office)
        try office.write { try $0.update(sighting) { $0.method = "丝网" } }
        try await fleet.sync(office, team)
        try team.write { try $0.update(sighting) { $0.method = "地笼" } }
        #expect(try lastEntry(team).context.onlySeen == nil)
        try await fleet.sync(team, office)
        #expect(try methods(office) == [])
    }
}
