import Foundation
import Interchange
import Synchronization

/// What a run of `field load` tells.
struct LoadReport {
    private let output: Output
    private var table = TextTable(columns: [
        .init(words("part", "部分")), .init(words("done", "完成"), alignment: .right),
        .init(words("a second", "每秒"), alignment: .right), .init("p50", alignment: .right),
        .init("p95", alignment: .right), .init("p99", alignment: .right),
        .init(words("worst", "最长"), alignment: .right),
        .init(words("put off", "被推迟"), alignment: .right),
        .init(words("bytes up", "上行字节"), alignment: .right),
        .init(words("bytes down", "下行字节"), alignment: .right),
    ])
    private var bars: [(title: String, lines: [String])] = []
    private var memory: [String] = []
    private var values: [JSONObject.Member] = []

    init(output: Output) { self.output = output }

    /// Adds a part's row and its bars.
    mutating func add(_ key: String, _ title: String, _ outcome: LoadCrew.Outcome, unit: String) {
        let times = LatencyHistogram(outcome.times)
        func milliseconds(_ share: Double) -> TextTable.Cell {
            .init(String(format: "%.1f ms", times.percentile(share)))
        }
        let perSecond = outcome.seconds > 0 ? Double(outcome.done) / outcome.seconds : 0
        table.append([
            .init(title), .init("\(outcome.done) \(unit)"),
            .init(perSecond > 0 ? String(format: "%.0f", perSecond) : ""), milliseconds(0.5),
            milliseconds(0.95), milliseconds(0.99), milliseconds(1), .init("\(outcome.putOff)"),
            .init("\(outcome.requestBytes)"), .init("\(outcome.responseBytes)"),
        ])
        bars.append((title, times.bars()))
        let members: [JSONObject.Member] = [
            .init("done", .integer(Int64(outcome.done))),
            .init("seconds", JSONValue(outcome.seconds) ?? .null),
            .init("perSecond", JSONValue(perSecond) ?? .null),
            .init("putOff", .integer(Int64(outcome.putOff))),
            .init("requestBytes", .integer(Int64(outcome.requestBytes))),
            .init("responseBytes", .integer(Int64(outcome.responseBytes))),
            .init("milliseconds", times.json),
        ]
        values.append(.init(key, .object(JSONObject(members) ?? JSONObject())))
    }

    /// Adds a figure of the hub's memory; nil where the hub was not started here.
    mutating func addMemory(_ key: String, _ title: String, _ mebibytes: Double?) {
        guard let mebibytes else { return }
        memory.append(title + String(format: ": %.0f MiB", mebibytes))
        values.append(.init(key, JSONValue(mebibytes) ?? .null))
    }

    /// Tells everything.
    func finish() {
        output.table(table, whenEmpty: "")
        for (title, lines) in bars where lines.count > 1 {
            output.line()
            output.line(title, style: .bold)
            for line in lines { output.line(line) }
        }
        output.line()
        for line in memory { output.line(line) }
        output.json(.object(JSONObject(values) ?? JSONObject()))
    }
}

/// The hub's memory while everybody holds.
final class HeldMemory: Sendable {
    private let mebibytes = Mutex<Double?>(nil)

    var value: Double? { mebibytes.withLock { $0 } }

    func note(_ value: Double?) { mebibytes.withLock { $0 = value } }
}
