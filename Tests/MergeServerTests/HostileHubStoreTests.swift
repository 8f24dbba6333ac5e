import DiskFaults
import Foundation
import GRDB
import MergeServer
import Replication
import SyncCore
import Testing

/// A hub's file that somebody changed: what is wrong has a name, and no request ends the process.
@Suite struct HostileHubStoreTests {
    /// Values that the tables' types admit and no program of ours writes.
    private static let values: [DatabaseValue] = [
        0.databaseValue, (-1).databaseValue, Int64.max.databaseValue, Int64.min.databaseValue,
        (1 << 32).databaseValue, "".databaseValue, "x".databaseValue, Data().databaseValue,
        Data([0xFF, 0, 1]).databaseValue,
    ]

    private static let tables = [
        "meta", "replica", "author", "record", "log", "quarantine", "registration", "scope",
        "record_scope", "record_scope_past", "record_parent", "record_orphan", "scope_entry",
    ]

    /// A hub with a device of one town, and what a second device will ask of it.
    private struct Scene {
        let fleet: Fleet
        let requests: [[UInt8]]

        init() throws {
            fleet = try Fleet(schema: TestSchema.make())
            let bob = try fleet.device("bob", scopes: ["town=t1"])
            for number in 0..<4 {
                try bob.write { transaction in
                    var sighting = Sighting()
                    sighting.title = "第\(number)次"
                    sighting.town = "t\(number % 2)"
                    let reference = try transaction.insert(sighting)
                    var weighing = Weighing()
                    weighing.sighting = reference
                    try transaction.insert(weighing)
                }
            }
            _ = fleet.service.handle(try bob.nextRequest())
            let carol = try fleet.device("carol")
            try Samples.write(2, to: carol)
            let dave = try fleet.device("dave", scopes: ["town=t0", "town=t1"])
            requests = [
                try bob.nextRequest(), try carol.nextRequest(), try dave.nextRequest(),
            ]
            try fleet.storage.close()
        }

        /// Opens a copy of the hub's folder and asks everything of it.
        func use(_ folder: String) throws {
            let storage = try SQLiteHubStorage(
                folder: folder,
                schema: fleet.schema,
                environment: CoreEnvironment(now: { 1_785_744_000_000 }, random: { 7 })
            )
            let service = MergeService(storage: storage)
            for request in requests {
                _ = try SyncResponse.decode(
                    service.handle(request),
                    dictionaries: [],
                    resolve: { _ in RecordKey(type: 1, id: .named("?")) }
                )
            }
            _ = try storage.statistics()
            try storage.forEachRecord { _, _, _, _ in }
            _ = try storage.quarantinedEntries()
        }
    }

    @Test func `a value that no program of ours writes is named or harmless, in every column`()
        throws
    {
        let scene = try Scene()
        for table in HostileHubStoreTests.tables {
            for column in try columns(of: table, scene) {
                for value in HostileHubStoreTests.values {
                    let folder = scene.fleet.folder + "/" + UUID().uuidString
                    try FileManager.default.createDirectory(
                        atPath: folder,
                        withIntermediateDirectories: true
                    )
                    defer { try? FileManager.default.removeItem(atPath: folder) }
                    try FaultFiles.copyStore(from: scene.fleet.folder + "/hub", to: folder)
                    guard try plant(value, table, column, folder) else { continue }
                    do {
                        try scene.use(folder)
                    } catch {
                        #expect(
                            error is StoreError || error is SyncError || error is WireError,
                            "\(table).\(column) = \(value): \(type(of: error)) \(error)"
                        )
                    }
                }
            }
        }
    }

    private func columns(of table: String, _ scene: Scene) throws -> [String] {
        let database = try DatabaseQueue(path: scene.fleet.folder + "/hub/store.sqlite")
        defer { try? database.close() }
        return try database.read { db in try db.columns(in: table).map(\.name) }
    }

    /// Writes a value into the rows of a table; false where its type or a key admits it in none.
    private func plant(
        _ value: DatabaseValue,
        _ table: String,
        _ column: String,
        _ folder: String
    ) throws -> Bool {
        let database = try DatabaseQueue(path: folder + "/store.sqlite")
        defer { try? database.close() }
        return database.writeWithoutTransaction { db in
            try? db.execute(
                sql: "UPDATE OR FAIL \(table) SET \(column) = ?",
                arguments: [value]
            )
            return db.totalChangesCount > 0
        }
    }
}
