import Foundation
import GRDB
import MergeServer
import Replication
import SyncCore
import Testing

/// Stores' files checked from outside: nothing is found in what the product wrote, and what somebody
/// altered is found under the promise that it breaks.
@Suite struct VerificationTests {
    private static let zhili = "town=330502100"

    /// A fleet that has worked: edits against each other, scopes, a delta from hand to hand.
    private func fleetThatWorked() async throws -> Fleet {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let carol = try fleet.device("carol", scopes: [Self.zhili], clockOffset: 7_200_000)
        try Samples.write(20, to: alice)
        let sighting = try alice.write { transaction in
            var record = Sighting()
            record.title = "芦苇荡无名船"
            record.town = "330502100"
            record.latitude = ScaledDecimal(units: 307_318_000)
            record.longitude = ScaledDecimal(units: 1_200_452_000)
            return try transaction.insert(record)
        }
        try await fleet.sync(alice, bob, carol)
        for (device, method) in [(alice, "电鱼"), (bob, "地笼"), (carol, "丝网")] {
            try device.write {
                try $0.update(sighting) {
                    $0.method = method
                    $0.remark += method
                    $0.story += "见\(method)。"
                    $0.visits += 1
                    $0.tags.insert(method)
                    $0.hazard = method.utf8.count
                }
            }
        }
        try alice.merge(delta: bob.delta(for: alice.status()))
        try alice.write { try $0.update(sighting) { $0.town = "330502104" } }
        try bob.write { try $0.edit(sighting.key, [.seal(reason: "签名")]) }
        try await fleet.sync(alice, carol, bob)
        try bob.write { try $0.update(sighting) { $0.town = "330502100" } }
        try await fleet.sync(bob, alice, carol, bob)
        try carol.write { try $0.insert(Sighting()) }
        return fleet
    }

    private func findings(
        _ fleet: Fleet,
        _ names: [String] = ["alice", "bob", "carol", "hub"]
    )
        throws -> [StoreFinding]
    {
        try FleetVerification(of: names.map { fleet.folder + "/" + $0 }, schema: fleet.schema)
            .findings
    }

    /// Alters a store's file behind the product's back.
    private func alter(_ fleet: Fleet, _ store: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: fleet.folder + "/\(store)/store.sqlite")
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test func `nothing is found in the stores of a fleet that has worked`() async throws {
        let fleet = try await fleetThatWorked()
        let found = try findings(fleet)
        #expect(found == [])
        let check = try FleetVerification(
            of: [fleet.folder + "/hub", fleet.folder + "/carol/store.sqlite"],
            schema: fleet.schema
        )
        #expect(check.stores.map(\.isHub) == [true, false])
        #expect(check.stores[0].cursor == UInt64(try fleet.hubLog().count))
    }

    @Test func `nothing is found after a restored backup has forked and both have synced`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        var alice: Replica? = try fleet.device("alice")
        let sighting = try #require(alice).write { try $0.insert(Sighting()) }
        try await fleet.sync(try #require(alice))
        alice = nil
        try FileManager.default.copyItem(
            atPath: fleet.folder + "/alice",
            toPath: fleet.folder + "/backup"
        )
        let first = try fleet.device("alice")
        let second = try fleet.device("backup", author: "alice")
        for (device, method) in [(first, "电鱼"), (second, "地笼")] {
            try device.write { try $0.update(sighting) { $0.method = method } }
        }
        // Two branches under one dot: that is said until the clone has synced.
        let apart = try findings(fleet, ["alice", "backup"])
        #expect(apart.map(\.invariant) == [.exactlyOnce])
        try await fleet.sync(first, second, first)
        #expect(try findings(fleet, ["alice", "backup", "hub"]) == [])
    }

    @Test(arguments: [
        ("alice", "UPDATE q_sighting SET title = '别的' WHERE \"$record\" = 1", "projection"),
        ("alice", "INSERT INTO f_sighting(rowid, text) VALUES (1, '夜间')", "projection"),
        ("alice", "DELETE FROM r_sighting", "projection"),
        ("alice", "UPDATE record SET lifecycle = 2 WHERE number = 1", "projection"),
        ("alice", "UPDATE record SET conflicts = 3 WHERE number = 2", "projection"),
        ("alice", "UPDATE meta SET value = 1 WHERE key = 'cursor'", "I4 cursor honesty"),
        ("bob", "UPDATE receipt SET sequence = sequence + 1", "I1 no loss"),
        ("bob", "DELETE FROM log WHERE sequence = 5", "I4 cursor honesty"),
        ("bob", "UPDATE log SET sequence = 4 WHERE sequence = 5", "I3 dense order"),
        ("bob", "UPDATE log SET counter = 2 WHERE sequence = 5", "I2 exactly once"),
        ("bob", "UPDATE log SET previous = 0", "receipts"),
        ("bob", "UPDATE log SET entry = x'00' WHERE sequence = 5", "I12 sound file"),
        ("hub", "UPDATE scope SET head = head + 1", "I3 dense order"),
        ("hub", "DELETE FROM scope_entry WHERE position = 1", "I3 dense order"),
        ("hub", "UPDATE meta SET value = value + 1 WHERE key = 'figure_records'", "projection"),
        ("hub", "DELETE FROM receipt", "receipts"),
        ("hub", "DELETE FROM log WHERE number = (SELECT max(number) FROM log)", "I1 no loss"),
        ("hub", "DELETE FROM log WHERE number = 4", "I3 dense order"),
        ("hub", "UPDATE log SET counter = counter + 1 WHERE number > 4", "I3 dense order"),
        ("hub", "UPDATE record_scope SET since = 1000000", "I3 dense order"),
        ("hub", "UPDATE record_scope_past SET since = until", "I3 dense order"),
    ])
    func `what somebody altered is found`(
        store: String,
        sql: String,
        invariant: String
    )
        async throws
    {
        let fleet = try await fleetThatWorked()
        try alter(fleet, store, sql)
        let found = try findings(fleet).map(\.invariant.rawValue)
        #expect(found.contains(invariant), "\(found)")
    }

    @Test func `a record that keeps a write too few or too many is found by every pair of writes`()
        async throws
    {
        let fleet = try await fleetThatWorked()
        // The state that a device had of it before it saw the others' writes.
        let early = try fleet.device("early")
        try await fleet.sync(early)
        let sighting = try #require(
            try early.read { reading in
                try reading.all(Sighting.self).first { $0.record.title == "芦苇荡无名船" }
            }
        )
        let number = "(SELECT number FROM record WHERE last = (SELECT max(last) FROM record))"
        try early.write { try $0.update(sighting.reference) { $0.method = "丝网" } }
        let stale = "(SELECT hex(state) FROM record WHERE number = \(number))"
        let queue = try DatabaseQueue(path: fleet.folder + "/early/store.sqlite")
        let before = try await queue.read { try String.fetchOne($0, sql: "SELECT \(stale)") }
        try queue.close()
        try early.write { try $0.update(sighting.reference) { $0.method = "钓" } }
        let sql = "UPDATE record SET state = x'\(try #require(before))' WHERE number = \(number)"
        try alter(fleet, "early", sql)
        let found = try findings(fleet, ["early"]).map(\.invariant)
        #expect(found.contains(.projection) && found.contains(.mergeAlgebra), "\(found)")
    }

    @Test func `a hub that was put back to an older copy lacks what it had acknowledged`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(5, to: alice)
        try await fleet.sync(alice)
        let backup = fleet.folder + "/backup.sqlite"
        let queue = try DatabaseQueue(path: fleet.folder + "/hub/store.sqlite")
        try await queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO '\(backup)'") }
        try queue.close()
        try Samples.write(5, to: alice)
        try await fleet.sync(alice)
        let check = try FleetVerification(
            of: [backup, fleet.folder + "/alice"],
            schema: fleet.schema
        )
        #expect(Set(check.findings.map(\.invariant)) == [.noLoss, .cursorHonesty])
    }

    @Test func `what is no store is refused`() async throws {
        let fleet = try await fleetThatWorked()
        let folder = fleet.folder
        try Data("没有".utf8).write(to: URL(fileURLWithPath: folder + "/text"))
        for path in [folder + "/nobody", folder + "/text"] {
            #expect(throws: StoreError.self) {
                try FleetVerification(of: [path], schema: fleet.schema)
            }
        }
    }
}
