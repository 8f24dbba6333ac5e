import Interchange

/// How long things took.
struct LatencyHistogram: Sendable {
    private var sorted: [Double] = []

    /// - Parameter milliseconds: each time, in any order.
    init(_ milliseconds: [Double]) { sorted = milliseconds.sorted() }

    var count: Int { sorted.count }

    /// The time within which this share of them, 0 to 1, was done, by nearest rank; 0 where there is
    /// none.
    func percentile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// The figures that are told.
    var json: JSONValue {
        let shares: [(String, Double)] = [
            ("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("worst", 1),
        ]
        return .object(
            JSONObject(
                [.init("count", .integer(Int64(count)))]
                    + shares.map {
                        .init($0.0, JSONValue(percentile($0.1)) ?? .null)
                    }
            ) ?? JSONObject()
        )
    }

    /// Bars over steps that double, each with how many it has.
    func bars(width: Int = 40) -> [String] {
        var steps: [(limit: Double, count: Int)] = []
        for time in sorted {
            while (steps.last?.limit ?? 0) < time {
                steps.append((steps.last.map { $0.limit * 2 } ?? 1, 0))
            }
            steps[steps.count - 1].count += 1
        }
        let most = steps.map(\.count).max() ?? 0
        return steps.drop { $0.count == 0 }
            .map { step in
                let length = most == 0 ? 0 : (step.count * width + most - 1) / most
                let limit = "≤ \(Int(step.limit)) ms"
                let pad = String(repeating: " ", count: max(0, 12 - limit.count))
                return "\(pad)\(limit)  \(String(repeating: "█", count: length)) \(step.count)"
            }
    }
}
