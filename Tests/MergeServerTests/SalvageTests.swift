import Foundation
import GRDB
import MergeServer
import Replication
import SyncCore
import Testing

/// What can be read of a damaged store goes on, and what cannot is said.
@Suite struct SalvageTests {
    private let sighting = Reference<Sighting>(.named("s"))
    private static let waiting = 5
    private static let pageBytes = 4_096

    /// Alice's store, closed: much that the hub has, and five changes that wait.
    private func makeStore(_ fleet: Fleet) async throws -> [String] {
        let alice = try fleet.device("alice")
        try alice.write { try $0.insert(Sighting(title: "电鱼", visits: 1), named: "s") }
        for number in 0..<150 {
            try alice.write {
                try $0.insert(Sighting(title: "第\(number)次", remark: "沿岸巡查\(number)"))
            }
        }
        try alice.write { try $0.update(sighting) { $0.visits += 2 } }
        try await fleet.sync(alice)
        try alice.write { try $0.update(sighting) { $0.visits += 4 } }
        let second = try alice.write { try $0.insert(Sighting(title: "地笼")) }
        try alice.write { try $0.insert(Weighing(sighting: second, grams: 850)) }
        try alice.write { transaction in
            try transaction.update(second) { $0.remark = "十二口" }
            try transaction.update(sighting) { $0.remark = "夜间" }
        }
        try alice.write { try $0.insert(Errand(what: "复查")) }
        return try fleet.picture(of: alice)
    }

    /// A copy of alice's store with one page of zeros.
    private func damage(_ fleet: Fleet, page: Int, as name: String) throws -> String {
        let folder = fleet.folder + "/" + name
        try FileManager.default.copyItem(atPath: fleet.folder + "/alice", toPath: folder)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder + "/store.sqlite"))
        try file.seek(toOffset: UInt64(page * SalvageTests.pageBytes))
        try file.write(contentsOf: Data(count: SalvageTests.pageBytes))
        try file.close()
        return folder
    }

    private func salvage(_ folder: String, _ fleet: Fleet, as name: String) throws -> StoreSalvage {
        try StoreSalvage(
            of: folder,
            in: fleet.folder + "/" + name,
            schema: fleet.schema,
            author: "alice"
        )
    }

    private func rootPage(of table: String, _ fleet: Fleet) throws -> Int {
        let queue = try DatabaseQueue(path: fleet.folder + "/alice/store.sqlite")
        return try queue.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT rootpage FROM sqlite_master WHERE name = ?",
                arguments: [table]
            ) ?? 0
        }
    }

    private func bytes(_ folder: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder + "/store.sqlite"))
    }

    @Test func `a sound store is taken over whole and goes on as it was`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let picture = try await makeStore(fleet)
        let salvage = try salvage(fleet.folder + "/alice", fleet, as: "new")
        #expect(salvage.isWhole && salvage.losses.isEmpty, "\(salvage.losses)")
        #expect(salvage.waiting == SalvageTests.waiting)
        let replica = try fleet.device("new", author: "alice")
        #expect(try fleet.picture(of: replica) == picture)
        #expect(try replica.checkRecords().isEmpty)
        let bob = try fleet.device("bob")
        let summaries = try await fleet.sync(replica, bob)
        #expect(summaries[0].reincarnatedAs == nil)
        #expect(try bob.record(sighting)?.visits == 7)
        #expect(try fleet.picture(of: replica) == fleet.hubPicture())
    }

    @Test func `a page of zeros costs nothing, or what is said to be lost`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let picture = try await makeStore(fleet)
        let pages = try bytes(fleet.folder + "/alice").count / SalvageTests.pageBytes
        var whole = 0
        // Pages of SQLite's own table of contents, which is longer than the first page.
        var contents = 0
        var good: String?
        for page in 1..<pages {
            let damaged = try damage(fleet, page: page, as: "damaged-\(page)")
            let before = try bytes(damaged)
            // Others look at it too, as far as it can be read.
            do { _ = try StoreInspection(folder: damaged, schema: fleet.schema) } catch {
                // Without it nothing can be found, as without the first page.
                #expect((error as? StoreError)?.code == .corrupt, "page \(page): \(error)")
                #expect(throws: StoreError.self) { try salvage(damaged, fleet, as: "new-\(page)") }
                #expect(try bytes(damaged) == before)
                contents += 1
                continue
            }
            let seen = try StoreVerification(of: damaged, schema: fleet.schema).findings
            let found: StoreSalvage
            do { found = try salvage(damaged, fleet, as: "new-\(page)") } catch {
                // Only the page that says whose store it was takes everything along.
                let error = try #require(error as? StoreError)
                #expect(error.message.contains("whose store"), "page \(page): \(error)")
                continue
            }
            #expect(try bytes(damaged) == before)
            let replica = try fleet.device("new-\(page)", author: "alice")
            #expect(try replica.checkRecords().isEmpty, "page \(page)")
            #expect(try replica.checkFile().isEmpty, "page \(page)")
            if found.isWhole {
                whole += 1
                #expect(try fleet.picture(of: replica) == picture, "page \(page)")
            } else {
                #expect(!found.losses.isEmpty && !seen.isEmpty, "page \(page)")
                let lost = found.losses.count {
                    if case .change(_, 0, _) = $0 { true } else { false }
                }
                // Where the log's end is gone nobody can tell how much there was.
                let isEndGone = found.losses.contains { loss in
                    guard case .rows("log", let detail) = loss else { return false }
                    return detail.hasPrefix("all after")
                }
                let told = found.waiting + lost
                #expect(
                    isEndGone ? told < SalvageTests.waiting : told == SalvageTests.waiting,
                    "page \(page): \(found)"
                )
                #expect(try replica.status().waitingChanges == found.waiting, "page \(page)")
                if found.waiting == SalvageTests.waiting { good = good ?? "new-\(page)" }
            }
        }
        #expect(whole > 0)
        #expect(contents <= 3)
        // A store that lost what the hub has: what waited goes up, the rest comes down.
        let replica = try fleet.device(try #require(good), author: "alice")
        let bob = try fleet.device("bob")
        try await fleet.sync(replica, bob, replica)
        #expect(try bob.record(sighting)?.visits == 7)
        #expect(try bob.record(sighting)?.remark == "夜间")
        #expect(try bob.records(of: Sighting.self).count == 152)
        let weighing = try #require(try bob.records(of: Weighing.self).first?.record)
        let weighed = try #require(weighing.sighting)
        #expect(try bob.record(weighed)?.remark == "十二口")
        #expect(try bob.records(of: Errand.self).map(\.record.what) == ["复查"])
        for device in [replica, bob] {
            #expect(try fleet.picture(of: device) == fleet.hubPicture())
            #expect(try device.checkRecords().isEmpty)
            #expect(try device.status().conflicts == 0)
        }
    }

    @Test func `two salvages of one store send what waited once`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        _ = try await makeStore(fleet)
        // A tree that nothing is worked out of, with no row that is missed.
        let root = try rootPage(of: "departure", fleet)
        let damaged = try damage(fleet, page: root - 1, as: "damaged")
        for name in ["one", "two"] {
            let found = try salvage(damaged, fleet, as: name)
            #expect(!found.isWhole && found.waiting == SalvageTests.waiting, "\(found)")
        }
        let one = try fleet.device("one", author: "alice")
        let two = try fleet.device("two", author: "alice")
        let bob = try fleet.device("bob")
        try await fleet.sync(one, two, bob, one, two)
        #expect(try bob.record(sighting)?.visits == 7)
        #expect(try bob.records(of: Errand.self).count == 1)
        for device in [one, two, bob] {
            #expect(try fleet.picture(of: device) == fleet.hubPicture())
        }
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `bits that rot anywhere are named or harmless`(seed: UInt64) async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        _ = try await makeStore(fleet)
        var dice = Dice(seed: seed)
        for round in 0..<8 {
            let folder = fleet.folder + "/rotten-\(round)"
            try FileManager.default.copyItem(atPath: fleet.folder + "/alice", toPath: folder)
            var content = try bytes(folder)
            for _ in 0..<3 { content[dice.below(content.count)] ^= UInt8(1 + dice.below(255)) }
            try content.write(to: URL(fileURLWithPath: folder + "/store.sqlite"))
            do {
                let found = try salvage(folder, fleet, as: "new-\(round)")
                let replica = try fleet.device("new-\(round)", author: "alice")
                #expect(try replica.checkRecords().isEmpty, "\(found)")
            } catch {
                #expect(error is StoreError, "\(type(of: error)): \(error)")
            }
        }
    }

    @Test func `a hub's store, and none, are not salvaged`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        for (name, code) in [("hub", StoreError.Code.locked), ("nobody", .missing)] {
            let error = #expect(throws: StoreError.self) {
                try salvage(fleet.folder + "/" + name, fleet, as: "new-\(name)")
            }
            #expect(error?.code == code)
        }
    }
}
