import GRDB
import Replication
import SyncCore
import Testing

@Suite struct StateCodecTests {
    @Test func `a state with everything in it comes back`() throws {
        try Tables.with { names, db in
            let (state, ancestors) = Frames.state
            let bytes = try StateCodec.encode(state, ancestors: ancestors, names: &names, db)
            let decoded = try StateCodec.decode(bytes, names: &names, db)
            #expect(decoded.0 == state)
            #expect(decoded.1 == ancestors)
            #expect(
                try StateCodec.encode(decoded.0, ancestors: decoded.1, names: &names, db) == bytes
            )
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `states of random histories come back through the store`(seed: UInt64) throws {
        let bench = try Workbench()
        let story = try RandomStory(bench, seed: seed)
        try story.play(steps: 60)
        for replica in story.replicas {
            let keys = try replica.read { try $0.allRecords() }
            #expect(!keys.isEmpty)
            for key in keys {
                let state = try #require(try replica.read { try $0.state(key) })
                try replica.withDatabase { db in
                    var names = NameTable()
                    let bytes = try StateCodec.encode(state, ancestors: [:], names: &names, db)
                    // A new table of names reads the numbers from the store.
                    var others = NameTable()
                    #expect(try StateCodec.decode(bytes, names: &others, db).0 == state)
                }
            }
        }
    }

    @Test func `a state of a later format is refused and named`() throws {
        let bench = try Workbench()
        let replica = try bench.replica()
        let sighting = try replica.write { try $0.insert(Sighting(title: "电鱼")) }
        try replica.withDatabase { try $0.execute(sql: "UPDATE record SET state = x'0200'") }
        let error = #expect(throws: StoreError.self) { try replica.record(sighting) }
        #expect(error?.code == .newerSchema)
        #expect(error?.description.contains("state format 2; this program knows 1") == true)
    }

    @Test func `a state that names an author the store has not is corrupt`() throws {
        try Tables.with { names, db in
            let (state, ancestors) = Frames.state
            let bytes = try StateCodec.encode(state, ancestors: ancestors, names: &names, db)
            try db.execute(sql: "DELETE FROM author WHERE number = 2")
            var fresh = NameTable()
            let error = #expect(throws: StoreError.self) {
                try StateCodec.decode(bytes, names: &fresh, db)
            }
            #expect(error?.code == .corrupt)
        }
    }
}
