/// Per replica, the highest contiguous counter that has been seen.
///
/// This is the semantic truth of causality here, and the oracle in tests; on the wire and in the
/// store the hub-anchored `CausalContext` takes its place, because a version vector grows with
/// every replica that ever wrote (Parker et al. 1983).
///
/// The entries are kept sorted by replica, so that iteration is the same in every process. Not
/// `Comparable`: that promises a total order, and causality is partial. Use
/// `causalOrder(comparedTo:)`.
public struct VersionVector: Hashable, Sendable {
    /// One replica's entry.
    public struct Entry: Hashable, Sendable {
        /// The replica.
        public let replica: ReplicaID
        /// Its highest contiguous counter that has been seen; never 0.
        public fileprivate(set) var counter: UInt64
    }

    /// The entries, sorted by replica; replicas that were never seen are absent.
    public private(set) var entries: [Entry] = []

    /// Makes the empty vector: nothing has been seen.
    public init() {}

    /// Whether nothing has been seen.
    public var isEmpty: Bool { entries.isEmpty }

    /// The highest counter seen of `replica`, 0 when none.
    ///
    /// O(log n).
    public subscript(replica: ReplicaID) -> UInt64 {
        get {
            let index = lowerBound(replica)
            guard index < entries.count, entries[index].replica == replica else { return 0 }
            return entries[index].counter
        }
        set {
            let index = lowerBound(replica)
            let exists = index < entries.count && entries[index].replica == replica
            switch (exists, newValue) {
            case (true, 0): entries.remove(at: index)
            case (true, _): entries[index].counter = newValue
            case (false, 0): break
            case (false, _):
                entries.insert(Entry(replica: replica, counter: newValue), at: index)
            }
        }
    }

    /// Notes that `dot` and everything before it on its replica has been seen.
    public mutating func insert(_ dot: Dot) {
        if self[dot.replica] < dot.counter { self[dot.replica] = dot.counter }
    }

    /// Takes the larger counter of each replica: the least upper bound.
    ///
    /// O(n + m).
    public mutating func merge(_ other: VersionVector) {
        guard !other.entries.isEmpty else { return }
        var result: [Entry] = []
        result.reserveCapacity(entries.count + other.entries.count)
        var i = 0
        var j = 0
        while i < entries.count, j < other.entries.count {
            let (mine, theirs) = (entries[i], other.entries[j])
            if mine.replica == theirs.replica {
                result.append(mine.counter < theirs.counter ? theirs : mine)
                i += 1
                j += 1
            } else if mine.replica < theirs.replica {
                result.append(mine)
                i += 1
            } else {
                result.append(theirs)
                j += 1
            }
        }
        entries = result + entries[i...] + other.entries[j...]
    }

    /// The least upper bound of both, as a new value.
    public func merged(with other: VersionVector) -> VersionVector {
        var result = self
        result.merge(other)
        return result
    }

    /// Whether everything that `other` has seen has been seen here.
    ///
    /// O(n log m).
    public func descends(from other: VersionVector) -> Bool {
        other.entries.allSatisfy { self[$0.replica] >= $0.counter }
    }

    /// How this knowledge stands to `other`.
    public func causalOrder(comparedTo other: VersionVector) -> CausalOrder {
        switch (descends(from: other), other.descends(from: self)) {
        case (true, true): .equal
        case (true, false): .after
        case (false, true): .before
        case (false, false): .concurrent
        }
    }

    private func lowerBound(_ replica: ReplicaID) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].replica < replica { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension VersionVector: CausalKnowledge {
    /// Whether `dot` has been seen; the sequence is not needed.
    public func contains(_ dot: Dot, sequence: UInt64? = nil) -> Bool {
        self[dot.replica] >= dot.counter
    }
}

extension VersionVector: CustomStringConvertible {
    /// `{replica:counter, …}` in replica order.
    public var description: String {
        "{" + entries.map { "\($0.replica):\($0.counter)" }.joined(separator: ", ") + "}"
    }
}
