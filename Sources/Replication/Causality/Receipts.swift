/// Where the hub put the changes of one replica: counter → hub sequence.
///
/// A device's own changes enter its log before the hub numbers them. The numbers come back in runs,
/// because a pushed batch is numbered contiguously; the runs are kept instead of rewriting every
/// record that holds one of these changes. Lookups are O(log runs).
public struct Receipts: Hashable, Sendable {
    /// Changes `first ..< first + count`, whose log entries the hub numbered without a gap.
    public struct Run: Hashable, Sendable {
        /// The counter of the first change.
        public var first: UInt64
        /// How many changes.
        public var count: UInt64
        /// The sequence of the first change's first entry.
        public var sequence: UInt64
        /// Entries in each change: one for each record that it touches.
        public var entries: UInt64

        /// Makes a run.
        public init(first: UInt64, count: UInt64, sequence: UInt64, entries: UInt64 = 1) {
            self.first = first
            self.count = count
            self.sequence = sequence
            self.entries = entries
        }

        /// The counter after the run, or nil when the received numbers overflow.
        public var end: UInt64? { checkedSum(first, count) }

        /// The sequence after the run, or nil when the received numbers overflow.
        public var sequenceEnd: UInt64? {
            let (length, overflow) = count.multipliedReportingOverflow(by: entries)
            return overflow ? nil : checkedSum(sequence, length)
        }
    }

    /// What a run adds to receipts up to `counter`: the whole run where it repeats or follows them,
    /// its tail where it overlaps their end.
    public static func tail(of run: Run, after counter: UInt64) -> Run {
        guard run.first <= counter, let end = run.end, end - 1 > counter, run.sequenceEnd != nil
        else { return run }
        var tail = run
        let known = counter - run.first + 1
        tail.first += known
        tail.count -= known
        tail.sequence += known * run.entries
        return tail
    }

    /// The runs, in counter order, which is sequence order too.
    public private(set) var runs: [Run] = []

    /// Makes an empty book of receipts.
    public init() {}

    /// The highest counter that the hub has numbered, 0 for none.
    public var acknowledged: UInt64 {
        guard let last = runs.last, let end = last.end else { return 0 }
        return end - 1
    }

    /// Why a run was refused.
    public enum Refusal: Error, Hashable, Sendable {
        /// Numbers overflow, or a count is zero.
        case malformed
        /// The run does not follow the last one: counters must be contiguous.
        case gap(expected: UInt64, received: UInt64)
        /// The sequence does not grow: the hub's order contradicts the replica's.
        case disorder
    }

    /// Adds a run that follows the last one.
    ///
    /// A run that is already known is ignored, so that a repeated acknowledgement changes nothing.
    ///
    /// - `allowingGap`: for a peer-met replica, whose earlier changes came from the hub with
    ///   their sequence and need no receipt.
    public mutating func append(_ run: Run, allowingGap: Bool = false) throws(Refusal) {
        guard run.count > 0, run.entries > 0, run.first > 0, run.sequence > 0,
            let end = run.end, run.sequenceEnd != nil
        else { throw .malformed }
        if end - 1 <= acknowledged {
            guard sequence(of: run.first) == run.sequence,
                let last = sequence(of: end - 1),
                last == run.sequence + (run.count - 1) * run.entries
            else { throw .disorder }
            return
        }
        guard run.first == acknowledged + 1 || (allowingGap && run.first > acknowledged) else {
            throw .gap(expected: acknowledged + 1, received: run.first)
        }
        guard let last = runs.last, let lastEnd = last.sequenceEnd else {
            runs.append(run)
            return
        }
        guard run.sequence >= lastEnd else { throw .disorder }
        if run.sequence == lastEnd, run.entries == last.entries, run.first == last.end {
            runs[runs.count - 1].count += run.count
        } else {
            runs.append(run)
        }
    }

    /// The sequence of the first entry of the change with this counter, nil while not numbered.
    public func sequence(of counter: UInt64) -> UInt64? {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = low + (high - low) / 2
            if runs[middle].first <= counter { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let run = runs[low - 1]
        let offset = counter - run.first
        return offset < run.count ? run.sequence + offset * run.entries : nil
    }
}

private func checkedSum(_ lhs: UInt64, _ rhs: UInt64) -> UInt64? {
    let (sum, overflow) = lhs.addingReportingOverflow(rhs)
    return overflow ? nil : sum
}
