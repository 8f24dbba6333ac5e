import Replication
import SyncCore
import Testing

@Suite struct ReplicaWriteTests {
    private struct Stop: Error {}

    private func actions(_ replica: Replica) throws -> [[Operation.Action]] {
        try replica.read { try $0.log(limit: 1_000) }.map(\.entry.actions)
    }

    @Test func `when the body throws, nothing is recorded`() throws {
        let replica = try Workbench().replica()
        let errand = try replica.write { try $0.insert(Errand(what: "拍照")) }
        let before = try replica.status()
        #expect(throws: Stop.self) {
            try replica.write { transaction in
                try transaction.insert(Errand(what: "取样"))
                try transaction.update(errand) { $0.what = "不要了" }
                try transaction.delete(errand)
                throw Stop()
            }
        }
        #expect(try replica.status() == before)
        #expect(try replica.record(errand)?.what == "拍照")
        try replica.write { try $0.update(errand) { $0.what = "再拍" } }
        let counters = try replica.read { try $0.outbox() }.map(\.entry.dot.counter)
        #expect(counters == [1, 2])
    }

    @Test func `a body that changes nothing records nothing`() throws {
        let replica = try Workbench().replica()
        let errand = try replica.write { try $0.insert(Errand(what: "拍照")) }
        let before = try replica.status()
        try replica.write { _ in }
        try replica.write { try $0.update(errand) { $0.what = "拍照" } }
        try replica.write { _ = try $0.record(errand) }
        #expect(try replica.status() == before)
    }

    @Test func `an update writes only the fields that changed`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write {
            try $0.insert(Sighting(title: "电鱼", priority: 3, tags: ["夜间"]))
        }
        try replica.write {
            try $0.update(sighting) {
                $0.title = "电鱼船"
                $0.priority = 3
                $0.tags.insert("拍照")
            }
        }
        #expect(
            try actions(replica).first == [
                .write(SlotKey(1), .text("电鱼船")),
                .write(SlotKey(7, element: .text("拍照")), .boolean(true)),
            ]
        )
    }

    @Test func `of several writes of a field in one change the last one is recorded`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write { transaction in
            let sighting = try transaction.insert(Sighting(title: "一"))
            try transaction.update(sighting) { $0.title = "二" }
            try transaction.update(sighting) {
                $0.title = "三"
                $0.visits += 2
            }
            try transaction.update(sighting) { $0.visits += 3 }
            #expect(try transaction.record(sighting)?.title == "三")
            return sighting
        }
        #expect(
            try actions(replica).first == [
                .create, .write(SlotKey(2), .integer(0)), .write(SlotKey(9), .integer(0)),
                .write(SlotKey(10), .boolean(false)), .write(SlotKey(1), .text("三")),
                .write(SlotKey(11), .integer(5)),
            ]
        )
        #expect(try replica.record(sighting)?.visits == 5)
    }

    @Test func `a coordinate is written as the whole place`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write {
            try $0.insert(
                Sighting(
                    latitude: ScaledDecimal(units: 308_671_234),
                    longitude: ScaledDecimal(units: 1_200_812_345)
                )
            )
        }
        try replica.write { try $0.update(sighting) { $0.latitude = ScaledDecimal(units: 1) } }
        #expect(
            try actions(replica).first == [
                .write(SlotKey(4), .group([.scaled(1), .scaled(1_200_812_345)]))
            ]
        )
    }

    @Test func `one change may touch many records, as entries of one dot`() throws {
        let replica = try Workbench().replica()
        try replica.write { transaction in
            for number in 0..<5 { try transaction.insert(Errand(what: "\(number)")) }
        }
        let log = try replica.read { try $0.log(limit: 10) }.map(\.entry)
        #expect(Set(log.map(\.dot)).count == 1)
        #expect(log.map(\.part) == [4, 3, 2, 1, 0])
        #expect(log.allSatisfy { $0.parts == 5 })
    }

    @Test func `two authors of one device are told apart`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write { try $0.insert(Sighting(method: "电鱼")) }
        try replica.write(reason: "复核", author: "bob") {
            try $0.update(sighting) { $0.method = "地笼" }
        }
        let why = try #require(try replica.why(sighting, \.method))
        #expect(why.writes.map(\.stamp.author) == ["alice", "bob"])
        #expect(why.writes.map(\.reason) == ["", "复核"])
    }

    @Test func `a deleted record comes back with its fields`() throws {
        let replica = try Workbench().replica()
        let errand = try replica.write { try $0.insert(Errand(what: "拍照")) }
        try replica.write { try $0.delete(errand, reason: "错") }
        #expect(try replica.record(errand) == nil)
        #expect(throws: EditError.self) {
            try replica.write { try $0.update(errand) { $0.what = "x" } }
        }
        try replica.write { try $0.edit(errand.key, [.undelete(reason: "对")]) }
        #expect(try replica.record(errand)?.what == "拍照")
    }

    @Test func `many changes in one commit are as good as one by one`() throws {
        let replica = try Workbench().replica()
        let count = try replica.writeAll(0..<50) { number, transaction in
            if number % 10 != 3 { try transaction.insert(Errand(what: "\(number)")) }
        }
        #expect(count == 45)
        let dots = try replica.read { try $0.outbox() }.map(\.entry.dot.counter)
        #expect(dots == Array(1...45))
        #expect(throws: Stop.self) {
            try replica.writeAll(0..<50) { number, transaction in
                try transaction.insert(Errand(what: "again"))
                if number == 30 { throw Stop() }
            }
        }
        #expect(try replica.status().entries == 45)
        #expect(try replica.differences().isEmpty)
    }
}

@Suite struct RefusedEditTests {
    /// A type with a field that only the hub writes.
    private func schema() throws -> Schema {
        try Schema(records: [
            RecordSchema(
                number: 1,
                name: "word",
                fields: [
                    FieldSchema(1, "code", .text, .hubOnly),
                    FieldSchema(2, "note", .text, .lastWriter),
                    FieldSchema(3, "data", .json, .lastWriter),
                    FieldSchema(4, "town", .reference(1), .lastWriter),
                ]
            ),
            Sighting.mapping.schema.with { $0.number = 2 },
        ])
    }

    private func refusal(
        _ edits: [Edit],
        type: UInt32 = 1,
        id: RecordID? = nil,
        reason: String = "",
        author: String? = nil
    ) throws -> EditError? {
        let bench = try Workbench()
        let replica = try bench.replica(schema: schema())
        let before = try replica.status()
        let error = #expect(throws: EditError.self) {
            try replica.write(reason: reason, author: author) {
                let key = id.map { RecordKey(type: type, id: $0) } ?? $0.newRecord(type: type)
                try $0.edit(key, [.create] + edits)
            }
        }
        #expect(try replica.status() == before)
        return error
    }

    @Test func `a field that only the hub writes is refused at once`() throws {
        #expect(try refusal([.set(1, .text("x"))])?.code == .hubOnly)
    }

    @Test func `values of another kind, with NUL or too large are refused`() throws {
        #expect(try refusal([.set(2, .integer(1))])?.code == .value)
        #expect(try refusal([.set(2, .text("a\0b"))])?.code == .value)
        let long = String(repeating: "x", count: (1 << 20) + 1)
        #expect(try refusal([.set(2, .text(long))])?.code == .value)
        #expect(try refusal([.set(3, .json("\"\0\""))])?.code == .value)
    }

    @Test func `fields and types that the schema has not are refused`() throws {
        #expect(try refusal([.set(9, .text("x"))])?.code == .field)
        #expect(try refusal([.setUnlisted("colour", .text("x"))])?.code == .field)
        #expect(try refusal([], type: 77)?.code == .field)
    }

    @Test func `a legal fact is voided, not deleted`() throws {
        #expect(try refusal([.delete(reason: "x")], type: 2)?.code == .legalFact)
    }

    @Test func `names that no store or message could hold are refused`() throws {
        let long = String(repeating: "n", count: 1_025)
        #expect(try refusal([], id: .named(long))?.code == .value)
        #expect(try refusal([], id: .named("a\0b"))?.code == .value)
        let key = RecordKey(type: 1, id: .named(long))
        #expect(try refusal([.set(4, .reference(key))])?.code == .value)
    }

    @Test func `authors and reasons that no store or message could hold are refused`() throws {
        let long = String(repeating: "x", count: (1 << 20) + 1)
        #expect(try refusal([], reason: long)?.code == .value)
        #expect(try refusal([], reason: "a\0b")?.code == .value)
        #expect(try refusal([], author: String(repeating: "x", count: 1_025))?.code == .value)
        #expect(try refusal([], author: "a\0b")?.code == .value)
        #expect(try refusal([.void(reason: long)], type: 2)?.code == .value)
        #expect(try refusal([.seal(reason: "\0")])?.code == .value)
    }

    @Test func `the largest name, author and reason are kept and travel`() throws {
        let bench = try Workbench()
        let alice = try bench.replica()
        let bob = try bench.replica("bob")
        let name = String(repeating: "n", count: 1_024)
        let reason = String(repeating: "r", count: 1 << 20)
        try alice.write(reason: reason, author: name) {
            try $0.insert(Errand(what: "x"), named: name)
        }
        try bench.exchange(alice, bob)
        #expect(try bob.records(of: Errand.self).map(\.reference.id) == [.named(name)])
        #expect(try bob.read { try $0.log(limit: 1) }.map(\.entry.reason) == [reason])
    }
}

@Suite struct NewerSchemaTests {
    private func schema(newer: Bool) throws -> Schema {
        let sighting = Sighting.mapping.schema.with {
            guard newer else { return }
            $0.fields.append(FieldSchema(15, "weather", .text, .lastWriter, query: .indexed))
            $0.fields.append(FieldSchema(16, "boats", .reference(9), .addWinsSet))
        }
        let boat = RecordSchema(
            number: 9,
            name: "boat",
            fields: [
                FieldSchema(1, "name", .text, .lastWriter)
            ]
        )
        return try Schema(
            version: newer ? 2 : 1,
            timeZoneMinutes: 480,
            records: [sighting] + (newer ? [boat] : [])
        )
    }

    @Test func `what an older app does not know survives its writes, byte for byte`() throws {
        let bench = try Workbench()
        let boat = RecordKey(type: 9, id: .named("浙湖渔 12"))
        let sighting = Reference<Sighting>(.named("s"))
        var kept: [Slot] = []
        do {
            let new = try bench.replica(schema: try schema(newer: true))
            try new.write {
                try $0.insert(Sighting(title: "电鱼"), named: "s")
                try $0.edit(sighting.key, [.set(15, .text("雾")), .add(16, .reference(boat))])
                try $0.edit(boat, [.create, .set(1, .text("船"))])
            }
            let state = try #require(try new.read { try $0.state(sighting.key) })
            kept = Array(state.slots(of: 15)) + Array(state.slots(of: 16))
        }
        let delta: [UInt8]
        do {
            let old = try bench.replica(schema: try schema(newer: false))
            try old.write { try $0.update(sighting) { $0.title = "电鱼船" } }
            #expect(try old.record(sighting)?.title == "电鱼船")
            #expect(throws: EditError.self) {
                try old.write { try $0.edit(sighting.key, [.set(15, .text("晴"))]) }
            }
            #expect(try old.differences().isEmpty)
            delta = try old.delta(since: VersionVector(), cursor: 0)
        }
        for name in ["alice", "carol"] {
            let new = try bench.replica(name, schema: try schema(newer: true))
            if name == "carol" { try new.merge(delta: delta) }
            let state = try #require(try new.read { try $0.state(sighting.key) })
            #expect(Array(state.slots(of: 15)) + Array(state.slots(of: 16)) == kept)
            #expect(try new.record(sighting)?.title == "电鱼船")
            #expect(try new.read { try $0.view(boat) }?[SlotKey(1)] == .text("船"))
            let query = RecordQuery(try #require(new.schema.record(1))).matching("weather", "雾")
            #expect(try new.read { try $0.records(query) } == [sighting.key])
            #expect(try new.differences().isEmpty)
        }
    }

    @Test func `a device that has not the type passes its records on`() throws {
        let bench = try Workbench()
        let alice = try bench.replica("alice", schema: try schema(newer: true))
        let bob = try bench.replica("bob", schema: try schema(newer: false))
        let carol = try bench.replica("carol", schema: try schema(newer: true))
        let boat = RecordKey(type: 9, id: .named("b"))
        try alice.write { try $0.edit(boat, [.create, .set(1, .text("船"))]) }
        try bench.exchange(alice, bob)
        try bench.exchange(bob, carol)
        #expect(try carol.read { try $0.view(boat) } == alice.read { try $0.view(boat) })
        #expect(
            try carol.read { try $0.records(RecordQuery(try #require(carol.schema.record(9)))) }
                == [boat]
        )
    }
}

extension RecordSchema {
    /// A copy with a change.
    func with(_ change: (inout RecordSchema) -> Void) -> RecordSchema {
        var copy = self
        change(&copy)
        return copy
    }
}

extension RecordQuery {
    /// The query for one value of a text field.
    func matching(_ field: String, _ value: String) -> RecordQuery {
        var query = self
        query.conditions.append(.equals(field, .text(value)))
        return query
    }
}
