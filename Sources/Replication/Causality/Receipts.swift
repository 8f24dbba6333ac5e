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

        /// The part before the change `counter`, which lies within.
        fileprivate func head(before counter: UInt64) -> Run {
            var part = self
            part.count = counter - first
            return part
        }

        /// The part from the change `counter` on, nil when nothing is left.
        fileprivate func tail(from counter: UInt64) -> Run? {
            guard counter > first else { return self }
            let known = counter - first
            guard known < count else { return nil }
            var part = self
            part.first += known
            part.count -= known
            part.sequence += known * entries
            return part
        }
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
        /// The run gives known changes other numbers, or puts changes elsewhere than between the
        /// numbers of their neighbours: the hub's order contradicts the replica's.
        case disorder
    }

    /// Adds a run: what is known of it must agree, the rest goes where its counters stand.
    ///
    /// A run that is already known changes nothing, and neither does a refused one. Runs that
    /// follow each other without a gap become one, so equal knowledge is kept in equal runs
    /// whatever the order in which it came. O(log runs) at the end.
    ///
    /// - `allowingGap`: for a replica of which some changes need no receipt (they came from the
    ///   hub with their sequence, or are held apart) or are received later.
    public mutating func append(_ run: Run, allowingGap: Bool = false) throws(Refusal) {
        guard run.count > 0, run.entries > 0, run.first > 0, run.sequence > 0,
            let end = run.end, run.sequenceEnd != nil
        else { throw .malformed }
        guard allowingGap || run.first <= acknowledged + 1 else {
            throw .gap(expected: acknowledged + 1, received: run.first)
        }
        let start = firstIndex(endingAfter: run.first)
        var stop = start
        var rest: Run? = run
        var placed: [Run] = []
        while stop < runs.count, runs[stop].first < end, let unplaced = rest {
            let known = runs[stop]
            let overlap = max(unplaced.first, known.first)
            if unplaced.first < overlap { placed.append(unplaced.head(before: overlap)) }
            guard unplaced.entries == known.entries,
                unplaced.tail(from: overlap)?.sequence == known.tail(from: overlap)?.sequence
            else { throw .disorder }
            placed.append(known)
            rest = unplaced.tail(from: known.first + known.count)
            stop += 1
        }
        if let rest { placed.append(rest) }
        let neighbours = max(start - 1, 0)..<min(stop + 1, runs.count)
        let joined = try Receipts.joined(
            runs[neighbours.lowerBound..<start] + placed + runs[stop..<neighbours.upperBound]
        )
        runs.replaceSubrange(neighbours, with: joined)
    }

    /// Puts runs in counter order together where they continue each other.
    private static func joined(_ runs: ArraySlice<Run>) throws(Refusal) -> [Run] {
        var result: [Run] = []
        for run in runs {
            guard let last = result.last, let end = last.sequenceEnd else {
                result.append(run)
                continue
            }
            guard end <= run.sequence else { throw .disorder }
            if end == run.sequence, last.entries == run.entries, last.end == run.first {
                result[result.count - 1].count += run.count
            } else {
                result.append(run)
            }
        }
        return result
    }

    /// What a store that holds `old` has to change to hold this.
    ///
    /// - Returns: the first counters of the runs that are no more, and the runs that are new or
    ///   longer. O(runs).
    public func changes(since old: Receipts) -> (removed: [UInt64], written: [Run]) {
        var removed: [UInt64] = []
        var written: [Run] = []
        var i = 0
        var j = 0
        while i < old.runs.count || j < runs.count {
            if j == runs.count || (i < old.runs.count && old.runs[i].first < runs[j].first) {
                removed.append(old.runs[i].first)
                i += 1
            } else if i == old.runs.count || runs[j].first < old.runs[i].first {
                written.append(runs[j])
                j += 1
            } else {
                if old.runs[i] != runs[j] { written.append(runs[j]) }
                i += 1
                j += 1
            }
        }
        return (removed, written)
    }

    private func firstIndex(endingAfter counter: UInt64) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = low + (high - low) / 2
            if runs[middle].first + runs[middle].count <= counter {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
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
