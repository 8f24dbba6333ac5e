import Replication
import SyncCore
import Testing

@Suite struct LeavingRecordTests {
    @Test func `a record that left the scopes stays away, also after a rebuild`() throws {
        let replica = try Workbench().replica()
        let sighting = try replica.write { try $0.insert(Sighting(title: "电鱼")) }
        let other = try replica.write { try $0.insert(Sighting(title: "地笼")) }
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
}
