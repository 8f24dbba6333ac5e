import GRDB
import Replication
import SyncCore
import Testing

@Suite struct SchemaChangeTests {
    private func schema(
        method: MergePolicy = .keepSiblings,
        query: FieldSchema.QueryTraits = .indexed,
        zone: Int = 480
    ) throws -> Schema {
        let sighting = Sighting.mapping.schema.with {
            for index in $0.fields.indices {
                if $0.fields[index].name == "method" {
                    $0.fields[index].policy = method
                    $0.fields[index].query = query
                }
                if $0.fields[index].name == "remark" { $0.fields[index].query = .searchable }
            }
        }
        return try Schema(timeZoneMinutes: zone, records: [sighting])
    }

    /// Alice's store, in which two people wrote the method and the remark at once.
    private func contested(_ bench: Workbench) throws -> Reference<Sighting> {
        let alice = try bench.replica(schema: try schema())
        let bob = try bench.replica("bob", schema: try schema())
        let sighting = try alice.write { try $0.insert(Sighting(title: "船")) }
        try bench.exchange(alice, bob)
        bench.clock.advance(1_000)
        for (replica, method) in [(alice, "电鱼"), (bob, "地笼")] {
            try replica.write {
                try $0.update(sighting) {
                    $0.method = method
                    $0.remark = "见\(method)"
                }
            }
        }
        try bench.exchange(alice, bob)
        #expect(try alice.conflicts().count == 1)
        return sighting
    }

    @Test func `a new policy folds what was written before anew`() throws {
        let bench = try Workbench()
        let sighting = try contested(bench)
        do {
            let replica = try bench.replica(schema: try schema(method: .lastWriter))
            #expect(try replica.conflicts().isEmpty)
            #expect(try replica.differences().isEmpty)
        }
        let replica = try bench.replica(schema: try schema(method: .text(.concatenate)))
        #expect(try replica.differences().isEmpty)
        let method = try #require(try replica.record(sighting)?.method)
        #expect(method.contains("〕电鱼") && method.contains("〕地笼"))
    }

    @Test func `a policy that comes back finds the conflict again`() throws {
        let bench = try Workbench()
        _ = try contested(bench)
        _ = try bench.replica(schema: try schema(method: .lastWriter)).id
        let replica = try bench.replica(schema: try schema())
        #expect(try replica.conflicts().map(\.siblings.count) == [2])
        #expect(try replica.differences().isEmpty)
    }

    @Test func `new query traits make the tables anew`() throws {
        let bench = try Workbench()
        let sighting = try contested(bench)
        func find(_ replica: Replica, _ change: (inout RecordQuery) -> Void) throws -> [RecordKey] {
            var query = RecordQuery(try #require(replica.schema.record(1)))
            change(&query)
            return try replica.read { try $0.records(query) }
        }
        do {
            let replica = try bench.replica(schema: try schema(query: .searchable))
            #expect(throws: EditError.self) {
                try find(replica) { $0.conditions = [.equals("method", .text("电鱼"))] }
            }
            #expect(try find(replica) { $0.text = "船" } == [sighting.key])
            let shown = try #require(try replica.record(sighting)?.method)
            #expect(try find(replica) { $0.text = shown } == [sighting.key])
            #expect(try replica.differences().isEmpty)
        }
        let replica = try bench.replica(schema: try schema())
        let shown = try #require(try replica.record(sighting)?.method)
        #expect(
            try find(replica) { $0.conditions = [.equals("method", .text(shown))] } == [
                sighting.key
            ]
        )
        #expect(try replica.differences().isEmpty)
    }

    @Test func `another time zone makes the searched texts anew`() throws {
        let bench = try Workbench()
        let sighting = try contested(bench)
        _ = try bench.replica(schema: try schema()).id
        let replica = try bench.replica(schema: try schema(zone: 0))
        #expect(try replica.differences().isEmpty)
        // The index forgets a text only when it is told exactly what it holds: the old times too.
        try replica.write { try $0.update(sighting) { $0.remark = "没有了" } }
        let words = try replica.withDatabase { db in
            try db.execute(
                sql: "CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'f_sighting', 'row')"
            )
            return try String.fetchAll(db, sql: "SELECT term FROM temp.words ORDER BY term")
        }
        #expect(words == ["了", "有了", "没有", "船"])
    }
}
