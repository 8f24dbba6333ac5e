import GRDB
import Replication
import SyncCore
import Testing

/// Receipts that come late, in any order, are in the file as they are in memory.
@Suite struct ReceiptStoreTests {
    typealias Run = Receipts.Run

    private static let bob = ReplicaID(8)

    /// A new store without records, and what another start reads of its receipts.
    private func check(
        _ steps: [[Run]],
        _ expected: [Run]
    ) throws {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { db in
            try StoreSchema.migrate(db)
            let store = try RecordStore(schema: TestSchema.make())
            for runs in steps { try store.add(runs, of: ReceiptStoreTests.bob, db) }
            #expect(store.receipts[ReceiptStoreTests.bob]?.runs == expected)
            let again = try RecordStore(schema: TestSchema.make())
            try again.reload(db)
            #expect(again.receipts == store.receipts)
        }
    }

    @Test func `a gap that is filled late is filled in the file as well`() throws {
        try check(
            [
                [Run(first: 5, count: 2, sequence: 50)], [Run(first: 1, count: 1, sequence: 10)],
                [Run(first: 3, count: 2, sequence: 48)],
            ],
            [Run(first: 1, count: 1, sequence: 10), Run(first: 3, count: 4, sequence: 48)]
        )
    }

    @Test func `runs that grow together are one row`() throws {
        try check(
            [
                [Run(first: 1, count: 1, sequence: 10), Run(first: 3, count: 1, sequence: 12)],
                [Run(first: 2, count: 1, sequence: 11)], [Run(first: 1, count: 4, sequence: 10)],
            ],
            [Run(first: 1, count: 4, sequence: 10)]
        )
    }

    @Test func `a contradiction leaves the file as it was`() throws {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { db in
            try StoreSchema.migrate(db)
            let store = try RecordStore(schema: TestSchema.make())
            try store.add([Run(first: 5, count: 2, sequence: 50)], of: ReceiptStoreTests.bob, db)
            #expect(throws: Receipts.Refusal.disorder) {
                try store.add(
                    [Run(first: 1, count: 1, sequence: 10), Run(first: 2, count: 1, sequence: 60)],
                    of: ReceiptStoreTests.bob,
                    db
                )
            }
            let again = try RecordStore(schema: TestSchema.make())
            try again.reload(db)
            let runs = [Run(first: 5, count: 2, sequence: 50)]
            #expect(again.receipts[ReceiptStoreTests.bob]?.runs == runs)
        }
    }
}
