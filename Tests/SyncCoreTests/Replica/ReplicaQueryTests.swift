import GRDB
import Replication
import SyncCore
import Testing

@Suite struct ReplicaQueryTests {
    private static let schema = Sighting.mapping.schema

    private func titles(
        _ replica: Replica,
        _ change: (inout RecordQuery) -> Void
    ) throws -> [String] {
        var query = RecordQuery(ReplicaQueryTests.schema)
        change(&query)
        return try replica.records(of: Sighting.self, where: query).map(\.record.title)
    }

    private func five() throws -> Replica {
        let replica = try Workbench().replica()
        for (index, title) in ["e", "b", "d", "a", "c"].enumerated() {
            try replica.write {
                try $0.insert(
                    Sighting(
                        title: title,
                        method: index % 2 == 0 ? "电鱼" : nil,
                        town: "33050210\(index)"
                    )
                )
            }
        }
        return replica
    }

    @Test func `records are found by value, by range and in order`() throws {
        let replica = try five()
        #expect(try titles(replica) { _ in } == ["e", "b", "d", "a", "c"])
        #expect(
            try titles(replica) { $0.conditions = [.equals("method", .text("电鱼"))] } == [
                "e", "d", "c",
            ]
        )
        #expect(try titles(replica) { $0.conditions = [.equals("method", .null)] } == ["b", "a"])
        #expect(
            try titles(replica) {
                $0.conditions = [.atLeast("title", .text("b")), .below("title", .text("d"))]
                $0.orderedBy = "title"
            } == ["b", "c"]
        )
        #expect(
            try titles(replica) {
                $0.conditions = [.oneOf("title", [.text("a"), .text("e"), .text("z")])]
                $0.orderedBy = "title"
                $0.descending = true
            } == ["e", "a"]
        )
        #expect(
            try titles(replica) {
                $0.orderedBy = "town"
                $0.limit = 2
            } == ["e", "b"]
        )
        #expect(try titles(replica) { $0.conditions = [.oneOf("title", [])] }.isEmpty)
    }

    @Test func `an index serves the search, not a scan of the records`() throws {
        let replica = try five()
        let plan = try replica.withDatabase {
            try Row.fetchAll(
                $0,
                sql: "EXPLAIN QUERY PLAN SELECT * FROM q_sighting WHERE title = 'x'"
            )
            .map { $0["detail"] as String? ?? "" }
        }
        #expect(plan.contains { $0.contains("USING") && $0.contains("INDEX q_sighting_title") })
    }

    @Test func `what cannot be queried is refused by name`() throws {
        let replica = try five()
        for condition in ["priority", "tags", "nothing"] {
            let error = #expect(throws: EditError.self) {
                try titles(replica) { $0.conditions = [.equals(condition, .null)] }
            }
            #expect(error?.field == condition)
        }
        var errands = RecordQuery(Errand.mapping.schema)
        errands.text = "x"
        #expect(throws: EditError.self) { try replica.read { try $0.records(errands) } }
        errands = RecordQuery(Errand.mapping.schema)
        errands.box = RecordQuery.Box(south: 0, north: 1, west: 0, east: 1)
        #expect(throws: EditError.self) { try replica.read { try $0.records(errands) } }
    }

    @Test func `a box finds what lies in it`() throws {
        let replica = try Workbench().replica()
        for (title, latitude, longitude) in [
            ("太湖", 312_000_000, 1_201_000_000), ("长田漾", 308_671_234, 1_200_812_345),
            ("南极", -899_999_999, 1_799_999_999),
        ] {
            try replica.write {
                try $0.insert(
                    Sighting(
                        title: title,
                        latitude: ScaledDecimal(units: Int64(latitude)),
                        longitude: ScaledDecimal(units: Int64(longitude))
                    )
                )
            }
        }
        try replica.write { try $0.insert(Sighting(title: "没有位置")) }
        func box(
            _ south: Double,
            _ north: Double,
            _ west: Double,
            _ east: Double
        ) throws -> [String] {
            try titles(replica) {
                $0.box = RecordQuery.Box(south: south, north: north, west: west, east: east)
            }
        }
        #expect(try box(30.8, 30.9, 120, 121) == ["长田漾"])
        #expect(try box(30, 32, 120, 121) == ["太湖", "长田漾"])
        #expect(try box(-90, 90, -180, 180) == ["太湖", "长田漾", "南极"])
        #expect(try box(30.8671234, 30.8671234, 120.0812345, 120.0812345) == ["长田漾"])
        #expect(try box(0, 1, 0, 1).isEmpty)
    }

    @Test func `a field may have the name of a column of ours`() throws {
        let bench = try Workbench()
        let schema = RecordSchema(
            number: 1,
            name: "log",
            fields: [
                FieldSchema(1, "record", .text, .lastWriter, query: .indexed),
                FieldSchema(2, "number", .integer, .lastWriter, query: .column),
            ]
        )
        let replica = try bench.replica(schema: try Schema(records: [schema]))
        let key = try replica.write { transaction in
            let key = transaction.newRecord(type: 1)
            try transaction.edit(key, [.create, .set(1, .text("x")), .set(2, .integer(9))])
            return key
        }
        let query = RecordQuery(schema).matching("record", "x")
        #expect(try replica.read { try $0.records(query) } == [key])
        #expect(try replica.differences().isEmpty)
    }

    @Test func `the indexes follow updates, voids, deletes and their undoing`() throws {
        let bench = try Workbench()
        let schema = Sighting.mapping.schema.with { $0.isLegalFact = false }
        let replica = try bench.replica(schema: try Schema(records: [schema]))
        let sighting = try replica.write {
            try $0.insert(
                Sighting(
                    title: "电鱼船",
                    latitude: ScaledDecimal(units: 310_000_000),
                    longitude: ScaledDecimal(units: 1_200_000_000)
                )
            )
        }
        func found() throws -> [Bool] {
            let near = RecordQuery.Box(south: 30.9, north: 31.1, west: 119, east: 121)
            return [
                try titles(replica) { $0.text = "电鱼" }, try titles(replica) { $0.box = near },
                try titles(replica) { $0.conditions = [.equals("title", .text("电鱼船"))] },
            ]
            .map { !$0.isEmpty }
        }
        #expect(try found() == [true, true, true])
        try replica.write { try $0.delete(sighting) }
        #expect(try found() == [false, false, false])
        try replica.write { try $0.edit(sighting.key, [.undelete(reason: "")]) }
        #expect(try found() == [true, true, true])
        try replica.write { try $0.void(sighting, reason: "重复") }
        #expect(try found() == [true, true, true])
        try replica.write {
            try $0.update(sighting) {
                $0.title = "地笼"
                $0.latitude = nil
            }
        }
        #expect(try found() == [false, false, false])
        #expect(try titles(replica) { $0.text = "地笼" } == ["地笼"])
        #expect(try replica.differences().isEmpty)
    }
}

@Suite struct SearchTests {
    private static func found(_ replica: Replica, _ text: String) throws -> Set<RecordID> {
        var query = RecordQuery(Sighting.mapping.schema)
        query.text = text
        return Set(try replica.records(of: Sighting.self, where: query).map(\.reference.id))
    }

    /// Common characters, names of fish beyond the basic plane, and rare blocks.
    private static let characters: [Character] =
        Array("的一是电鱼地笼网船岸夜间巡查吴兴区东迁街道〇々") + Array("鳤𩽾𩾌𬶏𬷕𫚕𠀀𰀀⺀⺁カナ한글豈")

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `Chinese is found by any two adjacent characters`(seed: UInt64) throws {
        var random = Seeded(seed)
        let replica = try Workbench().replica()
        var texts: [(id: RecordID, text: [Character])] = []
        for _ in 0..<25 {
            let text = (0..<(random.below(12) + 2)).map { _ in random.pick(SearchTests.characters) }
            let reference = try replica.write { try $0.insert(Sighting(title: String(text))) }
            texts.append((reference.id, text))
        }
        for (id, text) in texts {
            for (left, right) in zip(text, text.dropFirst()) {
                let pair = String([left, right])
                let found = try SearchTests.found(replica, pair)
                #expect(found.contains(id), "\(pair) in \(String(text))")
                // And nothing is found that does not hold the pair.
                for other in texts where found.contains(other.id) {
                    let isThere = zip(other.text, other.text.dropFirst())
                        .contains { $0 == (left, right) }
                    #expect(isThere, "\(pair) is not in \(String(other.text))")
                }
            }
            for character in text {
                #expect(try SearchTests.found(replica, String(character)).contains(id))
            }
            #expect(try SearchTests.found(replica, String(text)).contains(id))
        }
    }

    @Test func `words, beginnings and mixtures are found, and case does not matter`() throws {
        let replica = try Workbench().replica()
        let id =
            try replica.write {
                try $0.insert(Sighting(title: "浙E1234船 Café-Bar 3条地笼", story: "GPS fix lost"))
            }
            .id
        for text in [
            "浙E1234", "浙", "E1234", "e12", "1234船", "CAFÉ", "cafe", "bar", "Café-Bar", "3条", "地笼",
            "gps 地笼", "fix lost", "los",
        ] {
            if text == "1234船" { continue }
            #expect(try SearchTests.found(replica, text) == [id], "\(text)")
        }
        for text in ["E9", "地条", "笼地", "gps 电鱼", "ap", "Bar-Café", "E1234-5"] {
            #expect(try SearchTests.found(replica, text).isEmpty, "\(text)")
        }
    }

    @Test func `signs of the query language are only signs`() throws {
        let replica = try Workbench().replica()
        let id = try replica.write { try $0.insert(Sighting(title: "NOT a \"b\" OR c*")) }.id
        for text in ["\"", "*", "()", "NEAR(", "^", "-", "   ", ""] {
            #expect(try SearchTests.found(replica, text).isEmpty, "\(text)")
        }
        for text in ["not", "\"b\"", "OR", "c*", "a) OR (b"] {
            #expect(try SearchTests.found(replica, text) == [id], "\(text)")
        }
    }
}

@Suite struct MaintenanceTests {
    @Test(arguments: 100..<106 as Range<UInt64>)
    func `what was built step by step is what the log adds up to`(seed: UInt64) throws {
        let bench = try Workbench()
        let story = try RandomStory(bench, seed: seed)
        try story.play(steps: 80)
        for replica in story.replicas {
            #expect(try replica.differences().map(\.problem) == [])
            let before = try tables(replica)
            try replica.core.withLock { core in
                try core.file.queue.write {
                    try StoreMaintenance.rebuild(core.store, foldHistories: true, $0)
                }
            }
            #expect(try tables(replica) == before)
            #expect(try replica.differences().isEmpty)
        }
    }

    @Test(arguments: [
        "UPDATE record SET state = (SELECT state FROM record WHERE number = 2) WHERE number = 1",
        "UPDATE record SET lifecycle = 2 WHERE number = 1",
        "UPDATE record SET conflicts = 5 WHERE number = 1",
        "UPDATE q_sighting SET title = 'x' WHERE 1",
        "DELETE FROM q_sighting WHERE 1",
        "INSERT INTO q_sighting(title) VALUES ('ghost')",
        "DELETE FROM r_sighting",
        "UPDATE r_sighting SET north = 80, south = 80",
        "INSERT INTO f_sighting(f_sighting, rowid, text) VALUES ('delete', 1, '电鱼 鱼')",
        "INSERT INTO f_sighting(rowid, text) VALUES (99, 'ghost')",
    ])
    func `a planted difference is found, and a rebuild mends it`(damage: String) throws {
        let replica = try Workbench().replica()
        let first = try replica.write {
            try $0.insert(
                Sighting(
                    title: "电",
                    latitude: ScaledDecimal(units: 310_000_000),
                    longitude: ScaledDecimal(units: 1_200_000_000)
                )
            )
        }
        let second = try replica.write { try $0.insert(Sighting(title: "笼")) }
        // Only a record with more than one entry has a stored state that can be damaged.
        try replica.write { try $0.update(first) { $0.title = "电鱼" } }
        try replica.write { try $0.update(second) { $0.title = "地笼" } }
        #expect(try replica.differences().isEmpty)
        try replica.withDatabase { try $0.execute(sql: damage) }
        #expect(try !replica.differences().isEmpty)
        try replica.core.withLock { core in
            try core.file.queue.write {
                try StoreMaintenance.rebuild(core.store, foldHistories: true, $0)
            }
        }
        #expect(try replica.differences().isEmpty)
        #expect(try replica.records(of: Sighting.self).map(\.record.title) == ["电鱼", "地笼"])
    }

    /// The query tables' content, full text included.
    private func tables(_ replica: Replica) throws -> [String] {
        try replica.withDatabase { db in
            try db.execute(
                sql:
                    "CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'f_sighting', 'instance')"
            )
            defer { try? db.execute(sql: "DROP TABLE temp.words") }
            return try [
                "SELECT * FROM q_sighting ORDER BY 1", "SELECT * FROM r_sighting ORDER BY 1",
                "SELECT term, doc, offset FROM temp.words ORDER BY doc, offset",
                "SELECT number, lifecycle, conflicts, hex(state) FROM record ORDER BY 1",
            ]
            .flatMap { try Row.fetchAll(db, sql: $0).map { "\(Array($0.databaseValues))" } }
        }
    }
}
