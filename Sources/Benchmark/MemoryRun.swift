import Foundation
import SyncCore

/// A device with many records, in a process of its own, so that its memory is its alone.
enum MemoryRun {
    static func measure(folder: String, count: Int, _ report: inout Report) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = ["memory", folder + "/memory", String(count)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        guard let value = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            return
        }
        report.add(
            "device process with \(count) records, peak memory",
            value,
            "MiB",
            atMost: 64,
            "written in changes of one record, read once, one edit"
        )
    }

    static func run(folder: String, count: Int) throws {
        let schema = try Schema(records: [BenchFinding.mapping.schema])
        let replica = try Replica.open(at: folder, schema: schema, author: "bench")
        var workload = Workload(seed: 5)
        var first: Reference<BenchFinding>?
        for start in stride(from: 0, to: count, by: 1_000) {
            let findings = (start..<min(start + 1_000, count)).map { workload.finding($0) }
            try replica.writeAll(findings) { finding, transaction in
                let reference = try transaction.insert(finding)
                first = first ?? reference
            }
        }
        if let first { try replica.write { try $0.update(first) { $0.status = "结案" } } }
        print(peakMemoryMiB())
    }
}
