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

    /// The plain table that receipts stand for.
    private struct Table: Equatable {
        var places: [UInt64: (sequence: UInt64, entries: UInt64)] = [:]

        static func == (lhs: Table, rhs: Table) -> Bool {
            lhs.places.mapValues(\.sequence) == rhs.places.mapValues(\.sequence)
        }

        /// The table with a run, nil where they contradict each other.
        func adding(_ run: Run) -> Table? {
            var result = self
            for step in 0..<run.count {
                let place = (sequence: run.sequence + step * run.entries, entries: run.entries)
                if let known = places[run.first + step], known != place { return nil }
                result.places[run.first + step] = place
            }
            let sorted = result.places.sorted { $0.key < $1.key }
            for (left, right) in zip(sorted, sorted.dropFirst())
            where left.value.sequence + left.value.entries > right.value.sequence {
                return nil
            }
            return result
        }
    }

    /// Adds a run to receipts, to the plain table, and to a store that is told only what changes.
    private func add(
        _ run: Run,
        to receipts: inout Receipts,
        _ table: inout Table,
        _ store: inout [UInt64: Run]
    ) {
        let before = receipts
        do throws(Receipts.Refusal) {
            try receipts.append(run, allowingGap: true)
            guard let next = table.adding(run) else {
                Issue.record("accepted \(run) after \(before.runs)")
                return
            }
            table = next
        } catch {
            #expect(error == .disorder)
            #expect(table.adding(run) == nil, "refused \(run) after \(before.runs)")
            #expect(receipts == before)
        }
        let changes = receipts.changes(since: before)
        for first in changes.removed { store[first] = nil }
        for run in changes.written { store[run.first] = run }
        let isSame =
            (1...8).allSatisfy { receipts.sequence(of: $0) == table.places[$0]?.sequence }
            && store.values.sorted { $0.first < $1.first } == receipts.runs
        if !isSame { Issue.record("\(receipts.runs) for \(table.places) after \(run)") }
    }

    private static func runs(
        counters: ClosedRange<UInt64>,
        sequences: ClosedRange<UInt64>,
        entries: ClosedRange<UInt64>
    ) -> [Run] {
        counters.flatMap { first in
            (1...(counters.upperBound - first + 1))
                .flatMap { count in
                    sequences.flatMap { sequence in
                        entries.map {
                            Run(first: first, count: count, sequence: sequence, entries: $0)
                        }
                    }
                }
        }
    }

    @Test
    func `any two runs are taken or refused as a plain table would`() {
        let runs = ReceiptsTests.runs(counters: 1...4, sequences: 1...6, entries: 1...2)
        for first in runs {
            for second in runs {
                var (receipts, table, store) = (Receipts(), Table(), [UInt64: Run]())
                add(first, to: &receipts, &table, &store)
                add(second, to: &receipts, &table, &store)
            }
        }
    }

    @Test
    func `any three runs are taken or refused as a plain table would`() {
        let runs = ReceiptsTests.runs(counters: 1...3, sequences: 1...4, entries: 1...1)
        for first in runs {
            for second in runs {
                for third in runs {
                    var (receipts, table, store) = (Receipts(), Table(), [UInt64: Run]())
                    for run in [first, second, third] {
                        add(run, to: &receipts, &table, &store)
                    }
                }
            }
        }
    }

    @Test
    func `receipts that come in any order are the same receipts`() throws {
        // Five changes; the hub put another replica's entry between the second and the third.
        let numbers: [(counter: UInt64, sequence: UInt64)] = [
            (1, 1), (2, 2), (3, 4), (4, 5), (5, 6),
        ]
        var orders: [[Int]] = [[]]
        for _ in numbers {
            orders = orders.flatMap { order in
                numbers.indices.filter { !order.contains($0) }.map { order + [$0] }
            }
        }
        #expect(orders.count == 120)
        for order in orders {
            var (receipts, table, store) = (Receipts(), Table(), [UInt64: Run]())
            for index in order {
                let (counter, sequence) = numbers[index]
                add(
                    Run(first: counter, count: 1, sequence: sequence),
                    to: &receipts,
                    &table,
                    &store
                )
            }
            #expect(
                receipts.runs == [
                    Run(first: 1, count: 2, sequence: 1), Run(first: 3, count: 3, sequence: 4),
                ]
            )
        }
    }

    @Test
    func `a gap that is filled late is found and joins its neighbours`() throws {
        var receipts = Receipts()
        try receipts.append(Run(first: 3, count: 2, sequence: 30), allowingGap: true)
        #expect(receipts.sequence(of: 1) == nil)
        try receipts.append(Run(first: 1, count: 1, sequence: 28), allowingGap: true)
        #expect(receipts.acknowledged == 4)
        try receipts.append(Run(first: 1, count: 4, sequence: 28), allowingGap: true)
        #expect(receipts.runs == [Run(first: 1, count: 4, sequence: 28)])
        #expect(throws: Receipts.Refusal.disorder) {
            try receipts.append(Run(first: 4, count: 2, sequence: 32), allowingGap: true)
        }
    }
}
