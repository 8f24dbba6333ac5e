import GRDB
import Replication
import SyncCore
import Testing

@Suite struct EntryCodecTests {
    @Test func `random entries come back, with and without bounds`() throws {
        try Tables.with { names, db in
            for seed in 0..<200 as Range<UInt64> {
                var random = RandomBatches(seed: seed)
                for item in random.batch().entries {
                    let bytes = try EntryCodec.encode(
                        item.entry,
                        bound: item.bound,
                        names: &names,
                        db
                    )
                    var fresh = NameTable()
                    let (entry, bound) = try EntryCodec.decode(
                        bytes,
                        dot: item.entry.dot,
                        record: item.entry.record,
                        names: &fresh,
                        db
                    )
                    #expect(entry == item.entry)
                    #expect(bound == item.bound)
                    let reason = try EntryCodec.reason(bytes)
                    #expect(Array(reason.utf8) == Array(item.entry.reason.utf8))
                    #expect(
                        try EntryCodec.encode(entry, bound: bound, names: &fresh, db) == bytes
                    )
                }
            }
        }
    }

    @Test func `what was written stands in the log after a restart`() throws {
        let bench = try Workbench()
        var written: [LoggedEntry] = []
        do {
            let replica = try bench.replica()
            try replica.write(reason: "巡查", author: "bob") {
                let sighting = try $0.insert(Sighting(title: "电鱼", tags: ["夜间", "拍照"]))
                try $0.insert(Weighing(sighting: sighting, grams: 12_500))
            }
            written = try replica.read { try $0.log(limit: 10) }
        }
        let replica = try bench.replica(opening: .existing)
        let log = try replica.read { try $0.log(limit: 10) }
        #expect(log == written)
        #expect(log.map(\.entry.author) == ["bob", "bob"])
        #expect(log.map(\.entry.reason) == ["巡查", "巡查"])
        #expect(log.map(\.entry.part) == [1, 0])
        #expect(log.allSatisfy { $0.entry.parts == 2 && $0.sequence == nil })
    }

    @Test func `the reasons of a record are those of its history`() throws {
        let bench = try Workbench()
        let replica = try bench.replica()
        let sighting = try replica.write(reason: "巡查") {
            try $0.insert(Sighting(title: "电鱼"))
        }
        for reason in ["复核", "", "更正"] {
            try replica.write(reason: reason) {
                try $0.update(sighting) { $0.title += "。" }
            }
        }
        let (reasons, history) = try replica.read {
            (try $0.reasons(of: sighting.key), try $0.history(sighting.key).map(\.reason))
        }
        #expect(reasons == history.reversed())
        #expect(reasons.count == 4)
    }

    @Test func `an entry of a later format is refused and named`() throws {
        let bench = try Workbench()
        let replica = try bench.replica()
        try replica.write { try $0.insert(Sighting(title: "电鱼")) }
        try replica.withDatabase { try $0.execute(sql: "UPDATE log SET entry = x'0300'") }
        let error = #expect(throws: StoreError.self) { try replica.read { try $0.log(limit: 1) } }
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("entry format 3") == true)
    }
}
