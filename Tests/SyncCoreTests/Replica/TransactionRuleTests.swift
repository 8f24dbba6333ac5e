import GRDB
import Replication
import SyncCore
import Testing

/// What a transaction keeps to, whatever its body does.
@Suite struct TransactionRuleTests {
    @Test func `a body that catches a refusal records nothing`() throws {
        let replica = try Workbench().replica()
        let before = try replica.status()
        #expect(throws: EditError.self) {
            try replica.write { transaction in
                try transaction.insert(Errand(what: "拍照"))
                try? transaction.edit(RecordKey(type: 3, id: .named("?")), [.set(1, .null)])
            }
        }
        #expect(throws: EditError.self) {
            try replica.write { transaction in
                try transaction.insert(Errand(what: "拍照"))
                try? transaction.update(Reference<Errand>(.named("?"))) { $0.what = "x" }
            }
        }
        #expect(throws: EditError.self) {
            try replica.writeAll(0..<3) { number, transaction in
                try transaction.insert(Errand(what: "\(number)"))
                if number == 1 { try? transaction.edit(RecordKey(type: 77, id: .named("?")), []) }
            }
        }
        #expect(try replica.status() == before)
    }

    @Test(arguments: [1, 8, 9, 40])
    func `a change of many records finds each of them again`(count: Int) throws {
        let replica = try Workbench().replica()
        let errands = try replica.write { transaction in
            let errands = try (0..<count).map { try transaction.insert(Errand(what: "\($0)")) }
            for (number, errand) in errands.enumerated() {
                let found = try transaction.record(errand)
                #expect(found?.what == "\(number)")
                try transaction.update(errand) { $0.what += "!" }
            }
            return errands
        }
        try replica.read { reading in
            for (number, errand) in errands.enumerated() {
                let found = try reading.record(errand)
                #expect(found?.what == "\(number)!")
            }
        }
    }

    @Test(arguments: [2, 70, 200])
    func `of several writes of a field in one change the last one counts`(count: Int) throws {
        let replica = try Workbench().replica()
        let errand = try replica.write { transaction in
            let errand = try transaction.insert(Errand(what: "0"))
            for number in 1..<count {
                try transaction.edit(errand.key, [.set(1, .text("\(number)"))])
            }
            return errand
        }
        let last = try replica.read { try $0.record(errand) }
        #expect(last?.what == "\(count - 1)")
    }

    @Test func `a deleted record takes no edit before it is brought back`() throws {
        let replica = try Workbench().replica()
        let errand = try replica.write { try $0.insert(Errand(what: "拍照")) }
        try replica.write { try $0.delete(errand) }
        for edit in [Edit.set(1, .text("x")), .delete(reason: "")] {
            let error = #expect(throws: EditError.self) {
                try replica.write { try $0.edit(errand.key, [edit]) }
            }
            #expect(error?.code == .missing)
        }
        #expect(throws: EditError.self) {
            try replica.write {
                let other = try $0.insert(Errand(what: "取样"))
                try $0.delete(other)
                try $0.edit(other.key, [.set(1, .text("x"))])
            }
        }
        try replica.write {
            try $0.edit(errand.key, [.undelete(reason: ""), .set(1, .text("再拍"))])
        }
        #expect(try replica.record(errand)?.what == "再拍")
    }

    @Test func `whatever a change holds counts against its size`() throws {
        let replica = try Workbench().replica()
        let errand = try replica.write { try $0.insert(Errand(what: "拍照")) }
        let long = String(repeating: "x", count: 1 << 20)
        let error = #expect(throws: EditError.self) {
            try replica.write {
                for _ in 0..<5 { try $0.edit(errand.key, [.undelete(reason: long)]) }
            }
        }
        #expect(error?.code == .value)
        let sealed = try replica.write {
            try $0.insert(Sighting(title: long, town: long, remark: long))
        }
        #expect(throws: EditError.self) {
            try replica.write {
                try $0.update(sealed) { $0.story = long }
                try $0.edit(sealed.key, [.seal(reason: "")])
            }
        }
        try replica.write { try $0.edit(sealed.key, [.seal(reason: "")]) }
        #expect(try replica.status().waitingChanges == 3)
    }

    @Test func `many records in one commit are written away as they come`() throws {
        let bench = try Workbench()
        do {
            let replica = try bench.replica()
            let count = try replica.writeAll(0..<2_500) { number, transaction in
                try transaction.insert(Errand(what: "\(number)"), named: "e\(number % 2_400)")
            }
            #expect(count == 2_500)
            #expect(try replica.differences().map(\.problem) == [])
        }
        let replica = try bench.replica()
        #expect(try replica.status().knowledge[replica.id] == 2_500)
        #expect(try replica.status().records == 2_400)
        // The next open need not read the whole log for the own counter.
        let stored = try replica.withDatabase {
            try UInt64.fetchOne($0, sql: "SELECT max(counter) FROM replica")
        }
        #expect(stored == 2_000)
    }

    @Test func `a conflict that has changed is looked at again before it is settled`() throws {
        let bench = try Workbench()
        let alice = try bench.replica()
        let bob = try bench.replica("bob")
        let carol = try bench.replica("carol")
        let sighting = try alice.write { try $0.insert(Sighting(title: "电鱼")) }
        try bench.exchange(alice, bob)
        try bench.exchange(alice, carol)
        try alice.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try bob.write { try $0.update(sighting) { $0.method = "地笼" } }
        try carol.write { try $0.update(sighting) { $0.method = "炸鱼" } }
        try bench.exchange(alice, bob)
        let seen = try #require(alice.conflicts(of: Sighting.self).first)
        try bench.exchange(alice, carol)
        let error = #expect(throws: EditError.self) {
            try alice.resolve(seen, keeping: seen.siblings[0], reason: "复核")
        }
        #expect(error?.code == .outdated)
        let now = try #require(alice.conflicts(of: Sighting.self).first)
        #expect(now.siblings.count == 3)
        try alice.resolve(now, keeping: now.siblings[0], reason: "复核")
        #expect(try alice.conflicts().isEmpty)
        #expect(throws: EditError.self) {
            try alice.resolve(now, keeping: now.siblings[1], reason: "复核")
        }
    }

    @Test func `a place off the earth is on no map`() throws {
        let replica = try Workbench().replica()
        try replica.write {
            try $0.insert(
                Sighting(
                    latitude: ScaledDecimal(units: 910_000_000),
                    longitude: ScaledDecimal(units: 1_200_000_000)
                )
            )
        }
        let places = try replica.withDatabase {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM r_sighting")
        }
        #expect(places == 0)
        #expect(try replica.differences().map(\.problem) == [])
    }

    @Test func `rows of the log that no record's history holds are found`() throws {
        let replica = try Workbench().replica()
        let errand = try replica.write { try $0.insert(Errand(what: "拍照")) }
        try replica.write { try $0.update(errand) { $0.what = "再拍" } }
        #expect(try replica.checkRecords().isEmpty)
        try replica.withDatabase {
            try $0.execute(sql: "INSERT INTO log SELECT 9, 1, 7, 1, 0, 0, entry FROM log LIMIT 1")
        }
        let problems = try replica.checkRecords().map(\.problem)
        #expect(problems.contains { $0.contains("3 entries, of which 2") })
        #expect(problems.contains { $0.contains("change 7") })
    }

    @Test func `a replica that is called from inside its own write says so`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            let replica = try Workbench().replica()
            try replica.write { _ in _ = try replica.status() }
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("from inside the body of its own write"))
    }
}
