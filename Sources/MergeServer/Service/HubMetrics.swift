import Synchronization

/// What a hub has done since its start, as counters for operators.
public final class HubMetrics: Sendable {
    /// A number that only grows.
    public final class Counter: Sendable {
        private let value = Atomic<Int>(0)

        func increment(by amount: Int = 1) { value.wrappingAdd(amount, ordering: .relaxed) }

        /// The number now.
        public var count: Int { value.load(ordering: .relaxed) }
    }

    /// Messages answered.
    public let requests = Counter()
    /// Body bytes received.
    public let bytesReceived = Counter()
    /// Body bytes sent.
    public let bytesSent = Counter()
    /// Changes newly stored.
    public let changesStored = Counter()
    /// Changes that had been stored before.
    public let changesRepeated = Counter()
    /// Entries sent to devices.
    public let entriesSent = Counter()
    /// Answers of which the rest was asked for.
    public let resumedBodies = Counter()
    /// Messages that could not be read.
    public let malformed = Counter()
    /// Messages that were refused.
    public let refused = Counter()
    /// Clones that showed themselves.
    public let forks = Counter()
    /// Epochs that began because a device had seen more than the hub has.
    public let epochs = Counter()
    /// Errors of the storage.
    public let failures = Counter()
    /// Requests that were held.
    public let holdsBegun = Counter()
    /// Held requests for which something came.
    public let holdsEnded = Counter()
    /// Requests turned away by the rate limit.
    public let limited = Counter()
    private let lastFailure = Mutex<String?>(nil)

    func note(_ failure: String) { lastFailure.withLock { $0 = failure } }

    /// Takes the last failure's text, for the log.
    public func takeFailure() -> String? {
        lastFailure.withLock { text in
            defer { text = nil }
            return text
        }
    }

    /// The counters and the storage's figures as Prometheus text (exposition format 0.0.4).
    public func prometheusText(_ statistics: HubStatistics) -> String {
        let counters: [(String, String, Int)] = [
            ("requests_total", "Messages answered.", requests.count),
            ("received_bytes_total", "Body bytes received.", bytesReceived.count),
            ("sent_bytes_total", "Body bytes sent.", bytesSent.count),
            ("changes_stored_total", "Changes newly stored.", changesStored.count),
            ("changes_repeated_total", "Changes stored before.", changesRepeated.count),
            ("entries_sent_total", "Entries sent to devices.", entriesSent.count),
            ("resumed_bodies_total", "Answers resumed.", resumedBodies.count),
            ("malformed_total", "Messages that could not be read.", malformed.count),
            ("refused_total", "Messages refused.", refused.count),
            ("limited_total", "Requests over the rate limit.", limited.count),
            ("forks_total", "Clones found.", forks.count),
            ("holds_total", "Requests held until something comes.", holdsBegun.count),
            ("holds_news_total", "Held requests that something came for.", holdsEnded.count),
            ("epochs_total", "New epochs on a device's proof.", epochs.count),
            ("failures_total", "Errors of the storage.", failures.count),
        ]
        let gauges: [(String, String, Int)] = [
            ("head_sequence", "The last sequence.", Int(clamping: statistics.head)),
            ("records", "Visible records.", statistics.records),
            ("replicas", "Registered replicas.", statistics.replicas),
            ("conflicts_open", "Open conflicts.", statistics.conflicts),
            ("quarantined_changes", "Changes held apart.", statistics.quarantined),
            ("store_bytes", "Size of the store.", Int(clamping: statistics.bytes)),
        ]
        func lines(_ metrics: [(String, String, Int)], _ kind: String) -> [String] {
            metrics.flatMap { name, help, value in
                [
                    "# HELP fieldhub_\(name) \(help)", "# TYPE fieldhub_\(name) \(kind)",
                    "fieldhub_\(name) \(value)",
                ]
            }
        }
        return (lines(counters, "counter") + lines(gauges, "gauge")).joined(separator: "\n") + "\n"
    }
}
