import Replication
import SyncCore
import Testing

@Suite struct LeavingRecordTests {
    @Test func `a record that left the scopes stays away, also after a rebuild`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write { try $0.insert(Sighting(title: "电鱼")) }
        let other = try replica.write { try $0.insert(Sighting(title: "地笼")) }
        try replica.request()
        var response = SyncResponse(status: .done, through: 6, head: 6)
        response.receipts = [
            SyncResponse.ReplicaReceipts(
                replica: replica.id,
                runs: [Receipts.Run(first: 1, count: 2, sequence: 5)],
                bounds: [],
                records: [
                    .init(counter: 1, part: 0, number: 12), .init(counter: 2, part: 0, number: 13),
                ]
            )
        ]
        _ = replica.perform(.apply(response.encoded(dictionary: nil)))
        response = SyncResponse(status: .done, through: 7, head: 7, leaves: [12])
        _ = replica.perform(.apply(response.encoded(dictionary: nil)))
        for _ in 0..<2 {
            #expect(try replica.record(sighting) == nil)
            #expect(try replica.read { try $0.allRecords() } == [other.key])
            #expect(try replica.records(of: Sighting.self).map(\.record.title) == ["地笼"])
            // What this device wrote stays in its log.
            #expect(try replica.read { try $0.log(limit: 9) }.count == 2)
            #expect(try replica.checkRecords().isEmpty)
            try replica.rebuildRecords()
        }
    }

    private func numbered(_ replica: Replica, _ number: UInt64) throws {
        try replica.request()
        var response = SyncResponse.receipts(of: replica.id, 1, 1, at: 5, through: 6)
        response.receipts[0].records = [.init(counter: 1, part: 0, number: number)]
        _ = try replica.answer(response)
    }

    private func leave(_ replica: Replica, _ number: UInt64, through: UInt64 = 7) throws {
        try replica.request()
        _ = try replica.answer(
            SyncResponse(status: .done, through: through, head: through, leaves: [number])
        )
    }

    @Test func `a named record that left and is inserted again begins anew`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write {
            try $0.insert(Sighting(title: "以前", remark: "旧"), named: "s")
        }
        try numbered(replica, 12)
        try leave(replica, 12)
        // It is not here: only an insertion goes to it.
        #expect(throws: EditError.self) { try replica.write { try $0.void(sighting, reason: "x") } }
        let refusal = #expect(throws: EditError.self) {
            try replica.write { try $0.edit(sighting.key, [.set(1, .text("x"))]) }
        }
        #expect(refusal?.code == .missing)
        try replica.write { try $0.insert(Sighting(title: "现在"), named: "s") }
        for _ in 0..<2 {
            #expect(try replica.record(sighting)?.title == "现在")
            #expect(try replica.record(sighting)?.remark == "")
            #expect(try replica.checkRecords().map(\.problem) == [])
            try replica.rebuildRecords()
        }
    }

    @Test func `a record that comes back has its whole history`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write {
            try $0.insert(Sighting(title: "以前", remark: "旧"), named: "s")
        }
        try numbered(replica, 12)
        try leave(replica, 12)
        var entry = LogEntry.sample(record: sighting.key, text: "别人的")
        entry.context.base = 6
        var response = SyncResponse(status: .done, through: 9, head: 9)
        response.entries = Batch(
            entries: [
                Batch.Item(entry: entry, recordNumber: 12, introducesRecord: true, sequence: 8)
            ],
            isSequenced: true
        )
        try replica.request()
        _ = try replica.answer(response)
        for _ in 0..<2 {
            #expect(try replica.record(sighting)?.title == "别人的")
            #expect(try replica.record(sighting)?.remark == "旧")
            #expect(try replica.checkRecords().map(\.problem) == [])
            try replica.rebuildRecords()
        }
    }

    @Test func `peers' changes that the hub has not got stay whole when a record leaves`() throws {
        let bench = try Workbench()
        let bob = try bench.replica("bob")
        let alice = try bench.replica()
        try alice.write { try $0.insert(Sighting(title: "电鱼"), named: "s") }
        try numbered(alice, 12)
        let delta = try {
            try bob.write {
                try $0.insert(Sighting(title: "别人的"), named: "s")
                try $0.insert(Errand(what: "取样"))
            }
            return try bob.delta(for: alice.status())
        }()
        try alice.request()
        try alice.merge(delta: delta)
        _ = try alice.answer(SyncResponse(status: .done, through: 7, head: 7, leaves: [12]))
        #expect(try alice.waitingEntries().map(\.part) == [0, 1])
        #expect(try alice.request().push.entries.map(\.entry.part) == [0, 1])
        #expect(try alice.checkRecords().map(\.problem) == [])
    }
}
