import Replication

/// What many runs add up to, without keeping their reports.
public struct FleetTally: Sendable {
    /// Runs.
    public private(set) var runs = 0
    /// Runs that broke a promise.
    public private(set) var broken = 0
    /// Changes that were acknowledged to people.
    public private(set) var writes = 0
    /// Exchanges that began.
    public private(set) var exchanges = 0
    /// How often each rare branch was taken.
    public private(set) var marks: [String: Int] = [:]

    /// Makes a tally of nothing.
    public init() {}

    /// Whether this build counts rare branches at all.
    public static var countsMarks: Bool { Mark.areCounted }

    /// Every rare branch in the order of their list, also those never taken.
    public var allMarks: [FleetReport.Count] {
        Mark.allCases.map { .init(name: $0.rawValue, count: marks[$0.rawValue] ?? 0) }
    }

    /// Adds a run.
    public mutating func add(_ report: FleetReport) {
        runs += 1
        if !report.isKept { broken += 1 }
        writes += report.writes
        exchanges += report.exchanges
        for mark in report.marks { marks[mark.name, default: 0] += mark.count }
    }
}
