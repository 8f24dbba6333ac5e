import Foundation
import Interchange
import MergeServer
import SyncCore

/// Measures the core against a plain SQLite table of the same rows, in one run, pair by pair.
///
/// `benchmark [--small] [--only local|bulk|wire|hub|memory] [--json FILE] [--check THRESHOLDS]`;
/// `benchmark memory FOLDER COUNT` is run by itself as a child.
@main
struct Benchmark {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "memory" {
            try MemoryRun.run(
                folder: arguments.count > 1 ? arguments[1] : NSTemporaryDirectory(),
                count: arguments.count > 2 ? Int(arguments[2]) ?? 100_000 : 100_000
            )
            return
        }
        let isSmall = arguments.contains("--small")
        let folder =
            NSTemporaryDirectory() + "field-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func option(_ name: String) -> String? {
            guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else {
                return nil
            }
            return arguments[index + 1]
        }
        let only = option("--only")
        func isWanted(_ part: String) -> Bool { only == nil || only == part }
        var report = Report()
        let local = try LocalWrites(folder: folder, isSmall: isSmall)
        if isWanted("local") { try local.run(&report) }
        if isWanted("bulk") { try local.bulk(&report) }
        if isWanted("wire") {
            try await WireSizes(folder: folder, isSmall: isSmall).run(&report)
        }
        if isWanted("hub") { try HubMerge(folder: folder, isSmall: isSmall).run(&report) }
        if isWanted("memory") {
            try MemoryRun.measure(folder: folder, count: isSmall ? 5_000 : 100_000, &report)
        }
        print(report.table)
        if let file = option("--json") {
            try report.json.write(toFile: file, atomically: true, encoding: .utf8)
        }
        if let file = option("--check") {
            let findings = try Thresholds(file: file).findings(in: report)
            for finding in findings { print(finding) }
            if !findings.isEmpty { exit(1) }
            print("every ratio and every size is within \(file)")
        }
    }
}

/// The figures of one run.
struct Report {
    struct Line {
        var name: String
        var value: Double
        var unit: String
        var goal: Double?
        var isAtLeast = false
        var detail: String
    }

    var lines: [Line] = []

    mutating func add(
        _ name: String,
        _ value: Double,
        _ unit: String,
        atMost goal: Double? = nil,
        atLeast floor: Double? = nil,
        _ detail: String = ""
    ) {
        lines.append(
            Line(
                name: name,
                value: value,
                unit: unit,
                goal: goal ?? floor,
                isAtLeast: floor != nil,
                detail: detail
            )
        )
    }

    static func text(_ value: Double) -> String {
        String(format: abs(value) >= 100 ? "%.0f" : "%.2f", value)
    }

    var table: String {
        var table = TextTable(columns: [
            .init("figure"), .init("value", alignment: .right), .init("unit"),
            .init("to build for", alignment: .right), .init("detail"),
        ])
        for line in lines {
            let goal = line.goal.map { (line.isAtLeast ? "≥ " : "≤ ") + Report.text($0) } ?? ""
            table.append([
                .init(line.name), .init(Report.text(line.value)), .init(line.unit), .init(goal),
                .init(line.detail),
            ])
        }
        return table.text()
    }

    var json: String {
        let values = lines.map { line -> JSONValue in
            .object(
                JSONObject([
                    .init("figure", .string(line.name)),
                    .init("value", JSONValue(line.value) ?? .null),
                    .init("unit", .string(line.unit)),
                    .init("goal", line.goal.flatMap { JSONValue($0) } ?? .null),
                    .init("detail", .string(line.detail)),
                ]) ?? JSONObject()
            )
        }
        return JSONWriter(style: .pretty).text(of: .array(values)) + "\n"
    }
}
