import MergeServer
import SyncCore

/// How fast the hub merges pushed changes, durable, one writer.
struct HubMerge {
    let folder: String
    let isSmall: Bool

    func run(_ report: inout Report) throws {
        let schema = try Schema(records: [BenchFinding.mapping.schema])
        let storage = try SQLiteHubStorage(folder: folder + "/merge-hub", schema: schema)
        let service = MergeService(storage: storage)
        let devices = 20
        let each = isSmall ? 10 : 500
        var requests: [[UInt8]] = []
        for device in 0..<devices {
            let replica = try Replica.open(
                at: folder + "/merge-\(device)",
                schema: schema,
                author: "device \(device)"
            )
            var workload = Workload(seed: UInt64(device))
            var references: [Reference<BenchFinding>] = []
            for index in 0..<each / 5 {
                let finding = workload.finding(index)
                references.append(try replica.write { try $0.insert(finding) })
            }
            for index in 0..<each - references.count {
                try replica.write {
                    try $0.update(references[index % references.count]) { workload.edit(&$0) }
                }
            }
            guard
                case .prepared(let request, _, _)? = replica.perform(
                    .prepare(pushBytesMax: 4 << 20, pullBytesMax: 0)
                )
            else { continue }
            requests.append(request)
        }
        let cost = Cost.of { for request in requests { _ = service.handle(request) } }
        let changes = service.metrics.changesStored.count
        report.add(
            "hub merges, durable",
            Double(changes) / cost.wallSeconds,
            "changes/s",
            atLeast: 10_000,
            "\(changes) changes of \(devices) devices, \(Report.text(cost.cpuSeconds)) s CPU"
        )
    }
}
