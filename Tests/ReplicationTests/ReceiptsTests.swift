import Replication
import Testing

struct ReceiptsTests {
    typealias Run = Receipts.Run

    @Test
    func `runs that follow each other without a gap become one`() throws {
        var receipts = Receipts()
        try receipts.append(Run(first: 1, count: 3, sequence: 10))
        try receipts.append(Run(first: 4, count: 2, sequence: 13))
        try receipts.append(Run(first: 6, count: 1, sequence: 40))
        try receipts.append(Run(first: 7, count: 2, sequence: 41, entries: 3))
        #expect(receipts.runs.map(\.count) == [5, 1, 2])
        #expect(receipts.acknowledged == 8)
        #expect((1...9).map { receipts.sequence(of: $0) } == [10, 11, 12, 13, 14, 40, 41, 44, nil])
        #expect(receipts.sequence(of: 0) == nil)
        #expect(receipts.sequence(of: .max) == nil)
    }

    @Test
    func `a repeated acknowledgement changes nothing`() throws {
        var receipts = Receipts()
        try receipts.append(Run(first: 1, count: 3, sequence: 10))
        try receipts.append(Run(first: 4, count: 2, sequence: 13))
        let before = receipts
        try receipts.append(Run(first: 1, count: 3, sequence: 10))
        try receipts.append(Run(first: 2, count: 4, sequence: 11))
        #expect(receipts == before)
    }

    @Test(arguments: [
        Run(first: 1, count: 3, sequence: 11), Run(first: 1, count: 3, sequence: 10, entries: 2),
        Run(first: 4, count: 1, sequence: 12), Run(first: 4, count: 1, sequence: 9),
    ])
    func `a receipt that contradicts the known order is refused`(run: Run) throws {
        var receipts = Receipts()
        try receipts.append(Run(first: 1, count: 3, sequence: 10))
        let before = receipts
        #expect(throws: Receipts.Refusal.disorder) { try receipts.append(run) }
        #expect(receipts == before)
    }

    @Test
    func `a gap names the counter that was expected`() throws {
        var receipts = Receipts()
        #expect(throws: Receipts.Refusal.gap(expected: 1, received: 2)) {
            try receipts.append(Run(first: 2, count: 1, sequence: 1))
        }
        try receipts.append(Run(first: 1, count: 1, sequence: 1))
        #expect(throws: Receipts.Refusal.gap(expected: 2, received: 3)) {
            try receipts.append(Run(first: 3, count: 1, sequence: 9))
        }
        #expect(receipts.acknowledged == 1)
    }

    @Test
    func `no received numbers trap`() {
        let edges: [UInt64] = [0, 1, 2, 3, .max / 2, .max / 2 + 1, .max - 1, .max]
        for first in edges {
            for count in edges {
                for sequence in edges {
                    for entries in edges {
                        let run = Run(
                            first: first,
                            count: count,
                            sequence: sequence,
                            entries: entries
                        )
                        var receipts = Receipts()
                        try? receipts.append(run)
                        try? receipts.append(Run(first: 1, count: 2, sequence: 5))
                        try? receipts.append(run)
                        for counter in edges { _ = receipts.sequence(of: counter) }
                        _ = receipts.acknowledged
                    }
                }
            }
        }
    }

    @Test
    func `the last representable run is accepted and what follows it is refused`() throws {
        var receipts = Receipts()
        try receipts.append(Run(first: 1, count: .max - 1, sequence: 1))
        let last = UInt64.max - 1
        #expect(receipts.acknowledged == last)
        #expect(receipts.sequence(of: last) == last)
        #expect(throws: Receipts.Refusal.malformed) {
            try receipts.append(Run(first: .max, count: 1, sequence: .max))
        }
    }
}
