import MergeServer
import Replication
import SyncCore
import Testing

/// A look at a hub's records that makes a view only where something has changed.
@Suite struct StoredRecordTests {
    private let shelf = Shelf()

    private func stored(
        _ storage: SQLiteHubStorage
    ) throws -> [RecordKey: SQLiteHubStorage.StoredRecord] {
        var records: [RecordKey: SQLiteHubStorage.StoredRecord] = [:]
        try storage.forEachStored { stored, view in
            let shown = try #require(try view())
            records[shown.key] = stored
        }
        return records
    }

    @Test func `only the record that was written is stored as another`() throws {
        let storage = try SQLiteHubStorage(folder: shelf.path, schema: TestSchema.ruled())
        let desk = HubDesk(storage)
        _ = try desk.register(People.alice, tag: 5)
        let keys = ["a", "b", "c"].map { RecordKey(type: 3, id: .named($0)) }
        for key in keys {
            try desk.write(People.alice, key, [.create, .write(SlotKey(1), .text("说明"))])
        }
        let before = try stored(storage)
        #expect(Set(before.keys) == Set(keys))
        #expect(try stored(storage) == before)
        try desk.write(People.alice, keys[1], [.write(SlotKey(1), .text("第二次"))])
        let after = try stored(storage)
        #expect(after.filter { before[$0.key] != $0.value }.map(\.key) == [keys[1]])
    }

    @Test func `the views are those of every record`() throws {
        let storage = try SQLiteHubStorage(folder: shelf.path, schema: TestSchema.ruled())
        let desk = HubDesk(storage)
        _ = try desk.register(People.alice, tag: 5)
        let key = RecordKey(type: 3, id: .named("a"))
        try desk.write(People.alice, key, [.create])
        try desk.write(People.alice, key, [.delete(reason: "")])
        var views: [RecordKey: RecordView] = [:]
        try storage.forEachRecord { key, _, _, view in views[key] = view }
        var found: [RecordKey: RecordView] = [:]
        try storage.forEachStored { _, view in
            let shown = try #require(try view())
            found[shown.key] = shown.view
        }
        #expect(found == views)
        #expect(found[key]?.lifecycle == .deleted)
    }
}
