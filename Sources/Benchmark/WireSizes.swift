import MergeServer
import SyncCore
import Synchronization

/// Bytes of whole protocol bodies, for one edit, a hundred, a first sync and nothing at all.
struct WireSizes {
    let folder: String
    let isSmall: Bool

    func run(_ report: inout Report) async throws {
        let schema = try Schema(records: [BenchFinding.mapping.schema])
        let storage = try SQLiteHubStorage(folder: folder + "/wire-hub", schema: schema)
        let hub = DirectHub(service: MergeService(storage: storage))
        // Edits come minutes apart, as people make them; their times are part of what travels.
        let clock = PatrolClock()
        let office = try Replica.open(
            at: folder + "/office",
            schema: schema,
            author: "office",
            environment: CoreEnvironment(
                now: { clock.tick() },
                random: CoreEnvironment.system.random
            )
        )
        let count = isSmall ? 200 : 10_000
        var workload = Workload(seed: 3)
        let findings = (0..<count).map { workload.finding($0) }
        var references: [Reference<BenchFinding>] = []
        try office.writeAll(findings) { references.append(try $1.insert($0)) }
        let up = try await office.synchronize(with: hub)
        report.add("first sync up, \(count) findings", Double(up.requestBytes), "bytes")
        let fresh = try Replica.open(at: folder + "/fresh", schema: schema, author: "fresh")
        let down = try await fresh.synchronize(with: hub)
        report.add("first sync down, \(count) findings", Double(down.responseBytes), "bytes")

        let idle = try await fresh.synchronize(with: hub)
        report.add(
            "exchange with nothing to say, both bodies",
            Double(idle.requestBytes + idle.responseBytes),
            "bytes",
            atMost: 100
        )
        for (size, rounds, goal) in [(1, 20, 120.0), (10, 10, nil), (100, 5, 2_500.0)]
            as [(Int, Int, Double?)]
        {
            var bytes: [Double] = []
            for _ in 0..<rounds {
                for _ in 0..<size {
                    let reference = references[workload.number(below: UInt64(references.count))]
                    try office.write { try $0.update(reference) { workload.edit(&$0) } }
                }
                bytes.append(Double(try await office.synchronize(with: hub).requestBytes))
            }
            report.add(
                "request of \(size) edit\(size == 1 ? "" : "s")",
                bytes.median,
                "bytes",
                atMost: goal,
                "\(Report.text(bytes.median / Double(size))) an edit"
            )
        }
    }
}

/// The hub as a transport: a call instead of a network.
struct DirectHub: SyncTransport {
    let service: MergeService

    func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8] {
        service.handle(body)
    }
}

/// A clock that goes on by 5 to 120 seconds with every reading.
final class PatrolClock: Sendable {
    private let state = Mutex<(now: Int64, workload: Workload)>(
        (1_785_744_000_000, Workload(seed: 9))
    )

    func tick() -> Int64 {
        state.withLock { state in
            state.now += 5_000 + Int64(state.workload.number(below: 115_000))
            return state.now
        }
    }
}
