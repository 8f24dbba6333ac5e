import Interchange
import Simulator
import Testing

@Suite struct ReplayRunTests {
    @Test func `every operation does what the format says`() throws {
        var story = Story()
        story.edit(
            "alice",
            "create",
            "f1",
            [
                "fields": [
                    "status": "new", "severity": 2, "tags": ["night", "boat"],
                    "lat": .number("30.5"),
                    "lon": .number("120.1"), "due": 1_785_744_000_000, "mark": "AQI=",
                    "ratio": .number("0.5"),
                    "extra.path[0]": ["a": 1],
                ]
            ]
        )
        story.edit("alice", "add", "f1", ["field": "tags", "value": "repeat"])
        story.edit("alice", "remove", "f1", ["field": "tags", "value": "boat"])
        story.edit("alice", "append", "f1", ["field": "notes", "id": "n1", "value": ["text": "b"]])
        story.edit("alice", "append", "f1", ["field": "notes", "id": "n2", "value": ["text": "a"]])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": 2])
        story.edit("alice", "increment", "f1", ["field": "visits", "by": -5])
        story.edit("alice", "set", "f1", ["fields": ["hazard": 3, "crime": true, "lead": "A"]])
        story.edit("alice", "set", "f1", ["fields": ["status": nil, "lat": .number("30.123456")]])
        story.edit("alice", "create", "f2")
        story.edit("alice", "delete", "f2", ["reason": "twice"])
        story.edit("alice", "create", "f3")
        story.edit("alice", "delete", "f3")
        story.edit("alice", "undelete", "f3")
        story.edit("alice", "create", "f4", ["fields": ["severity": 1]])
        story.edit("alice", "seal", "f4")
        story.edit("alice", "set", "f4", ["fields": ["severity": 5]])
        story.edit("alice", "create", "f5")
        story.edit("alice", "void", "f5", ["reason": "wrong place"])
        story.sync("alice", "bob")
        let outcome = try story.run()
        #expect(outcome.report.converged)
        #expect(outcome.report.lost == 0)
        #expect(outcome.agreeing == ["alice", "bob"])
        #expect(
            outcome.fields("f1") == [
                "severity": 2, "tags": ["night", "repeat"], "lon": .number("120.1"),
                "lat": .number("30.123456"),
                "notes": [["text": "a"], ["text": "b"]], "visits": -3, "hazard": 3, "crime": true,
                "lead": "A", "due": 1_785_744_000_000, "mark": "AQI=", "ratio": .number("0.5"),
                "extra.path[0]": ["a": 1],
            ]
        )
        #expect(outcome.line("f2")["deleted"] == true)
        #expect(outcome.line("f3")["deleted"] == false)
        #expect(outcome.fields("f4") == ["severity": 1])
        #expect(outcome.line("f5")["deleted"] == false)
        #expect(outcome.report.hub.records == 4)
        #expect(outcome.report.totals.edits == 19)
        #expect(outcome.report.syncs.map(\.changesUp) == [19, 0])
        #expect(outcome.report.syncs.map(\.changesDown) == [0, 19])
    }

    @Test func `a conflict names each value, its device and its time`() throws {
        var story = Story()
        story.edit("alice", "create", "f1", ["fields": ["severity": 1, "lat": 1, "lon": 2]])
        story.sync("alice", "bob")
        let alice = story.edit("alice", "set", "f1", ["fields": ["severity": 2, "lat": 5]])
        let bob = story.edit("bob", "set", "f1", ["fields": ["severity": 3, "lat": 6]])
        story.sync("alice", "bob", "alice")
        let outcome = try story.run()
        #expect(outcome.agreeing == ["alice", "bob"])
        // Of the group only the latitude differs.
        #expect(outcome.conflicts("f1") == ["lat", "severity"])
        #expect(
            outcome.line("f1")["conflicts"]?["severity"] == [
                ["value": 2, "device": "alice", "at": .integer(alice)],
                ["value": 3, "device": "bob", "at": .integer(bob)],
            ]
        )
        #expect(outcome.fields("f1")["severity"] == 3)
        #expect(outcome.report.hub.conflictsOpen == 2)
    }

    @Test func `an edit against a delete keeps the record, and says so`() throws {
        var story = Story()
        story.edit("alice", "create", "f1", ["fields": ["severity": 1]])
        story.sync("alice", "bob")
        let deleted = story.edit("alice", "delete", "f1")
        let edited = story.edit("bob", "set", "f1", ["fields": ["severity": 4]])
        story.sync("alice", "bob", "alice")
        let outcome = try story.run()
        #expect(outcome.agreeing == ["alice", "bob"])
        #expect(outcome.line("f1")["deleted"] == false)
        #expect(outcome.fields("f1")["severity"] == 4)
        #expect(
            outcome.line("f1")["conflicts"] == [
                "$deleted": [
                    ["value": true, "device": "alice", "at": .integer(deleted)],
                    ["value": false, "device": "bob", "at": .integer(edited)],
                ]
            ]
        )
    }

    @Test func `two devices that create one name have made one record`() throws {
        var story = Story()
        story.edit("alice", "create", "f1", ["fields": ["severity": 1, "tags": ["a"]]])
        story.edit("bob", "create", "f1", ["fields": ["severity": 1, "tags": ["b"]]])
        story.sync("alice", "bob", "alice")
        let outcome = try story.run()
        #expect(outcome.report.hub.records == 1)
        #expect(outcome.fields("f1") == ["severity": 1, "tags": ["a", "b"]])
        #expect(outcome.conflicts("f1").isEmpty)
        #expect(outcome.agreeing == ["alice", "bob"])
    }

    @Test func `a transaction is all or nothing, and what is missing is counted`() throws {
        var story = Story()
        story.edit("alice", "create", "f1")
        story.add(
            "bob",
            "transaction",
            [
                "ops": [
                    ["do": "create", "type": "finding", "record": "f2"],
                    [
                        "do": "set", "type": "finding", "record": "f1",
                        "fields": ["severity": 1],
                    ],
                ]
            ]
        )
        story.edit("bob", "set", "f1", ["fields": ["severity": 1]])
        story.add(
            "bob",
            "transaction",
            [
                "ops": [
                    ["do": "create", "type": "finding", "record": "f3"],
                    ["do": "create", "type": "finding", "record": "f4"],
                    [
                        "do": "increment", "type": "finding", "record": "f3", "field": "visits",
                        "by": 7,
                    ],
                ]
            ]
        )
        story.sync("bob", "alice")
        let outcome = try story.run()
        #expect(outcome.report.missing.map(\.line) == [2, 3])
        #expect(outcome.report.missing.map(\.verb) == ["transaction", "set"])
        #expect(outcome.report.hub.records == 3)
        #expect(outcome.fields("f3")["visits"] == 7)
        #expect(outcome.report.syncs.map(\.changesUp) == [1, 1])
        #expect(outcome.report.totals.changes == 2)
        #expect(outcome.report.lost == 0)
    }

    @Test func `null empties a set of what is seen here`() throws {
        var story = Story()
        story.edit("alice", "create", "f1", ["fields": ["tags": ["a", "b"]]])
        story.sync("alice", "bob")
        story.edit("alice", "set", "f1", ["fields": ["tags": nil]])
        story.edit("bob", "add", "f1", ["field": "tags", "value": "c"])
        story.sync("alice", "bob", "alice")
        let outcome = try story.run()
        #expect(outcome.fields("f1") == ["tags": ["c"]])
        #expect(outcome.agreeing == ["alice", "bob"])
    }

    /// Two hundred records whose texts do not compress to little, and a counter in each.
    private func long() -> Story {
        var story = Story()
        for index in 0..<200 {
            let words = (0..<40).map { String((index * 7_919 + $0 * 104_729) % 99_991, radix: 36) }
            story.edit(
                "alice",
                "create",
                "f\(index)",
                ["fields": ["story": .string(words.joined(separator: " "))]]
            )
            story.edit("alice", "increment", "f\(index)", ["field": "visits", "by": 1])
        }
        return story
    }

    @Test(arguments: ["loseRequest", "loseResponse", "cutRequest", "cutResponse", "duplicate"])
    func `a fault spoils its sync alone, and the next one makes it good`(fault: String) throws {
        var story = long()
        story.add("alice", "sync", ["fault": .string(fault)])
        story.sync("alice")
        story.edit("bob", "create", "g1")
        story.add("bob", "sync", ["fault": .string(fault)])
        story.sync("bob")
        story.edit("bob", "increment", "f1", ["field": "visits", "by": 10])
        story.add("bob", "sync", ["fault": .string(fault)])
        story.sync("bob", "alice")
        for seed in UInt64(1)...6 {
            let outcome = try story.run(seed: seed)
            #expect(outcome.report.converged, "seed \(seed)")
            #expect(outcome.report.lost == 0, "seed \(seed)")
            #expect(outcome.agreeing == ["alice", "bob"], "seed \(seed)")
            #expect(outcome.fields("f1")["visits"] == 11, "seed \(seed)")
            let syncs = outcome.report.syncs
            for (index, isSpoiled) in [true, false, true, false, true, false, false].enumerated() {
                let isLost = isSpoiled && fault != "duplicate"
                #expect((syncs[index].failure != nil) == isLost, "seed \(seed), sync \(index)")
                // One message is lost or cut, and nothing is tried again before the next sync.
                if isLost {
                    #expect(syncs[index].roundTrips == 1, "seed \(seed), sync \(index)")
                    #expect(syncs[index].changesUp == 0 && syncs[index].changesDown == 0)
                }
            }
        }
    }

    @Test func `a lost request reaches nobody, a lost answer leaves its changes with the hub`()
        throws
    {
        for (fault, hub) in [("loseRequest", 0), ("loseResponse", 1)] {
            var story = Story()
            story.edit("alice", "create", "f1")
            story.add("alice", "sync", ["fault": .string(fault)])
            story.sync("bob")
            let outcome = try story.run()
            #expect(outcome.report.hub.records == hub)
            #expect(outcome.report.devices.map(\.records) == [1, hub])
            #expect(outcome.report.syncs[0].changesUp == 0)
            #expect(!outcome.report.disagreeing.contains("bob"))
        }
    }

    @Test func `what comes to the hub after an answer was cut is not missed`() throws {
        var story = long()
        story.sync("alice")
        story.add("bob", "sync", ["fault": "cutResponse"])
        story.edit("alice", "create", "late")
        story.sync("alice", "bob")
        for seed in UInt64(1)...8 {
            let outcome = try story.run(seed: seed)
            #expect(outcome.report.converged, "seed \(seed)")
            #expect(outcome.agreeing == ["alice", "bob"], "seed \(seed)")
        }
    }

    @Test func `a restart forgets an interrupted sync, and loses nothing`() throws {
        var story = long()
        story.add("alice", "sync", ["fault": "cutRequest"])
        story.add("alice", "restart")
        story.sync("alice", "bob")
        let outcome = try story.run()
        #expect(outcome.report.converged)
        #expect(outcome.agreeing == ["alice", "bob"])
        #expect(outcome.report.hub.changes == 400)
    }

    @Test func `a budget ends a sync early, and the next ones go on`() throws {
        var story = Story()
        for index in 0..<40 {
            let status = JSONValue.string("\(index * 977)")
            story.edit("alice", "create", "f\(index)", ["fields": ["status": status]])
        }
        for _ in 0..<12 { story.add("alice", "sync", ["budget": 600]) }
        story.sync("alice", "bob")
        let outcome = try story.run()
        let early = outcome.report.syncs.dropLast(2)
        #expect(early.allSatisfy { $0.requestBytes + $0.responseBytes <= 600 })
        #expect(outcome.report.syncs[0].failure != nil)
        #expect(outcome.report.syncs[0].changesUp > 0)
        #expect(outcome.report.syncs.map(\.changesUp).reduce(0, +) == 40)
        #expect(outcome.report.converged)
        #expect(outcome.report.lost == 0)
    }

    @Test func `a change larger than a budget goes up and down over several syncs`() throws {
        var story = Story()
        var text = ""
        for index in 0..<3_000 { text += String((index * 104_729) % 99_991, radix: 36) }
        story.edit("alice", "create", "f1", ["fields": ["story": .string(text)]])
        for index in 0..<20 {
            // What is written meanwhile waits behind the large change, and does not hold it up.
            story.edit("alice", "create", "g\(index)")
            story.add("alice", "sync", ["budget": 1_500])
        }
        for _ in 0..<20 { story.add("bob", "sync", ["budget": 1_500]) }
        let outcome = try story.run()
        #expect(outcome.report.converged, "\(outcome.report.syncs)")
        #expect(outcome.agreeing == ["alice", "bob"])
        #expect(outcome.report.syncs.count { $0.failure != nil } > 5)
        let syncs = outcome.report.syncs
        #expect(syncs.allSatisfy { $0.requestBytes + $0.responseBytes <= 1_500 })
        // A probe, a part and what follows: no tries that carry nothing.
        #expect(syncs.allSatisfy { $0.roundTrips <= 6 }, "\(syncs.map(\.roundTrips))")
    }

    @Test func `names of any form are legal, and a default of any policy`() throws {
        let document = """
            {"types": [{"name": "观察 记录", "groups": [["addr:street", "名称"]],
              "fields": [
                {"id": 7, "name": "addr:street", "kind": "text", "merge": "keepSiblings"},
                {"id": 3, "name": "名称", "kind": "text", "merge": "keepSiblings"},
                {"id": 4, "name": "field-1", "kind": "text", "merge": "lastWriter"}],
              "default": {"kind": "text", "merge": "addWinsSet"}},
             {"name": "notes", "default": {"kind": "text", "merge": "growOnly"}},
             {"name": "tally", "default": {"kind": "integer", "merge": "counter"}}]}
            """
        let schema = try ReplaySchema(json: try JSONParser().parse(document))
        var story = Story()
        let type = JSONValue.string("观察 记录")
        story.edit(
            "alice",
            "create",
            "f1",
            [
                "type": type,
                "fields": ["addr:street": "南街", "名称": "甲", "field-1": "x", "标签/a": ["n"]],
            ]
        )
        story.edit("alice", "create", "n1", ["type": "notes"])
        story.edit("alice", "create", "t1", ["type": "tally"])
        story.sync("alice", "bob")
        for (device, name) in [("alice", "乙"), ("bob", "丙")] {
            story.edit(device, "set", "f1", ["type": type, "fields": ["名称": .string(name)]])
            story.edit(
                device,
                "add",
                "f1",
                ["type": type, "field": "标签/a", "value": .string(device)]
            )
            story.edit(
                device,
                "append",
                "n1",
                ["type": "notes", "field": "任意", "id": .string(device), "value": "v"]
            )
            story.edit(device, "increment", "t1", ["type": "tally", "field": "次数", "by": 2])
        }
        story.edit("bob", "remove", "f1", ["type": type, "field": "标签/a", "value": "n"])
        story.sync("alice", "bob", "alice")
        let outcome = try story.run(schema: schema)
        #expect(outcome.report.converged)
        #expect(outcome.agreeing == ["alice", "bob"])
        let line = try #require(outcome.stores["hub"]?["观察 记录/f1"])
        #expect(
            line["fields"] == [
                "addr:street": "南街", "名称": "丙", "field-1": "x", "标签/a": ["alice", "bob"],
            ]
        )
        #expect(line["conflicts"]?.object?.keys == ["名称"])
        #expect(outcome.stores["hub"]?["notes/n1"]?["fields"] == ["任意": ["v", "v"]])
        #expect(outcome.stores["hub"]?["tally/t1"]?["fields"] == ["次数": 4])
        // A counter takes increments only, listed or not.
        story.edit("bob", "set", "t1", ["type": "tally", "fields": ["次数": 5]])
        let error = #expect(throws: ReplayError.self) { try story.run(schema: schema) }
        #expect(error?.key == "fields.次数")
    }

    @Test func `a device that could not finish does not agree`() throws {
        var story = Story()
        for index in 0..<40 {
            let status = JSONValue.string("\(index * 977)")
            story.edit("alice", "create", "f\(index)", ["fields": ["status": status]])
        }
        story.add("alice", "sync", ["budget": 300])
        let outcome = try story.run()
        #expect(!outcome.report.converged)
        #expect(outcome.report.disagreeing == ["alice"])
        #expect(outcome.report.lost == 0)
    }

    @Test func `wrong clocks move times, not what is kept`() throws {
        var story = Story()
        story.add("alice", "clock", ["offset": 86_400_000])
        story.add("bob", "clock", ["offset": -86_400_000])
        story.edit("alice", "create", "f1", ["fields": ["severity": 1, "status": "a"]])
        story.sync("alice", "bob")
        story.edit("alice", "set", "f1", ["fields": ["severity": 2, "status": "b"]])
        story.edit("bob", "set", "f1", ["fields": ["severity": 3, "status": "c"]])
        story.add("alice", "restart")
        story.sync("alice", "bob", "alice")
        let outcome = try story.run()
        #expect(outcome.report.converged)
        #expect(outcome.agreeing == ["alice", "bob"])
        #expect(outcome.conflicts("f1") == ["severity"])
        let times =
            outcome.line("f1")["conflicts"]?["severity"]?.array?
            .compactMap { $0["at"]?.integer } ?? []
        // The hub bounds a clock that is ahead by its own.
        #expect(times.allSatisfy { $0 <= story.now })
    }

    @Test func `two runs with one seed give the same bytes, another seed the same records`() throws
    {
        var story = Story()
        for index in 0..<30 {
            story.edit("alice", "create", "f\(index)", ["fields": ["severity": 1]])
            story.edit("bob", "create", "f\(index)", ["fields": ["severity": 2]])
        }
        story.add("alice", "sync", ["fault": "cutRequest"])
        story.add("bob", "sync", ["fault": "loseResponse"])
        story.sync("alice", "bob", "alice")
        let first = try story.run(seed: 7)
        let second = try story.run(seed: 7)
        #expect(first.texts == second.texts)
        #expect(first.report.hub == second.report.hub)
        #expect(first.report.syncs == second.report.syncs)
        #expect(try story.run(seed: 8).report.converged)
    }
}
