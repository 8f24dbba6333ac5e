import SyncCore

/// Single-record transactions and bulk import, beside the same work on the plain table.
struct LocalWrites {
    let folder: String
    let isSmall: Bool
    private let schema: Schema

    init(folder: String, isSmall: Bool) throws {
        self.folder = folder
        self.isSmall = isSmall
        schema = try Schema(records: [BenchFinding.mapping.schema])
    }

    func run(_ report: inout Report) throws {
        let rounds = 5
        let count = isSmall ? 100 : 1_000
        let plain = try PlainTable(path: folder + "/plain.sqlite")
        let replica = try Replica.open(at: folder + "/local", schema: schema, author: "bench")
        var inserts: [(plain: Cost, core: Cost)] = []
        var edits: [(plain: Cost, core: Cost)] = []
        var workload = Workload(seed: 1)
        for _ in 0..<rounds {
            let findings = (0..<count).map { workload.finding($0) }
            var ids: [Int64] = []
            let plainInsert = try Cost.of {
                for finding in findings { ids += try plain.insert([finding]) }
            }
            var references: [Reference<BenchFinding>] = []
            let coreInsert = try Cost.of {
                for finding in findings {
                    references.append(try replica.write { try $0.insert(finding) })
                }
            }
            inserts.append((plainInsert, coreInsert))
            var plainEdits = workload
            let plainEdit = try Cost.of {
                for id in ids { try plain.edit(id) { plainEdits.edit(&$0) } }
            }
            let coreEdit = try Cost.of {
                for reference in references {
                    try replica.write { try $0.update(reference) { workload.edit(&$0) } }
                }
            }
            edits.append((plainEdit, coreEdit))
        }
        add("local insert, durable", inserts, per: count, atMost: 1.7, &report)
        add("local edit, durable", edits, per: count, atMost: 1.7, &report)
    }

    /// Many records in one durable commit.
    func bulk(_ report: inout Report) throws {
        let count = isSmall ? 500 : 10_000
        var pairs: [(plain: Cost, core: Cost)] = []
        var bytes: (plain: Int64, core: Int64) = (0, 0)
        for round in 0..<3 {
            var workload = Workload(seed: 2)
            let findings = (0..<count).map { workload.finding($0) }
            let plain = try PlainTable(path: folder + "/bulk-\(round).sqlite")
            let plainCost = try Cost.of { _ = try plain.insert(findings) }
            let replica = try Replica.open(
                at: folder + "/bulk-\(round)",
                schema: schema,
                author: "bench"
            )
            let coreCost = try Cost.of {
                // As an import does it: a change for each record, many in one transaction.
                try replica.writeAll(findings) { finding, transaction in
                    _ = try transaction.insert(finding)
                }
            }
            pairs.append((plainCost, coreCost))
            bytes = (try plain.bytes(), try replica.storeBytes())
        }
        add("bulk import of \(count)", pairs, per: count, atMost: 3.5, &report)
        report.add(
            "disk, full history",
            Double(bytes.core) / Double(bytes.plain),
            "× plain",
            "\(bytes.core / 1_024) KB against \(bytes.plain / 1_024) KB"
        )
    }

    private func add(
        _ name: String,
        _ pairs: [(plain: Cost, core: Cost)],
        per count: Int,
        atMost goal: Double,
        _ report: inout Report
    ) {
        let wall = pairs.map { $0.core.wallSeconds / $0.plain.wallSeconds }.median
        let cpu = pairs.map { $0.core.cpuSeconds / $0.plain.cpuSeconds }.median
        func micros(_ costs: [Double]) -> String {
            Report.text(costs.median / Double(count) * 1e6)
        }
        report.add(
            name + ", time",
            wall,
            "× plain",
            atMost: goal,
            "\(micros(pairs.map(\.core.wallSeconds))) µs against "
                + "\(micros(pairs.map(\.plain.wallSeconds))) µs each"
        )
        report.add(
            name + ", CPU",
            cpu,
            "× plain",
            "\(micros(pairs.map(\.core.cpuSeconds))) µs against "
                + "\(micros(pairs.map(\.plain.cpuSeconds))) µs each"
        )
    }
}
