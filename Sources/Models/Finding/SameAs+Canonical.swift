public import Replication

extension SameAs {
    /// A link between two findings, whichever is named first; nil for a finding and itself.
    ///
    /// The lower identity stands first, so that two people who link the same pair from opposite
    /// ends make the same record (case C30).
    public init?(between one: Reference<Finding>, and other: Reference<Finding>) {
        guard one != other else { return nil }
        self.init()
        first = one.id < other.id ? one : other
        second = one.id < other.id ? other : one
    }

    /// The one identity of the link between its two findings; nil while either is missing.
    public var identity: RecordID? {
        guard let first, let second else { return nil }
        return .named("\(first.id)|\(second.id)")
    }

    /// The findings that confirmed links hold together, each group and the groups in order.
    ///
    /// Links have no direction here, so links that point at each other or in a ring make one group
    /// and no cycle. A suggested or rejected link joins nothing.
    ///
    /// - Complexity: O(links · log findings), nearly.
    public static func clusters(of links: [SameAs]) -> [[RecordID]] {
        let pairs = links.compactMap { link -> (RecordID, RecordID)? in
            guard link.verdict == .confirmed, let first = link.first, let second = link.second
            else { return nil }
            return (first.id, second.id)
        }
        var findings = pairs.flatMap { [$0.0, $0.1] }.sorted()
        findings = findings.enumerated()
            .filter { $0.offset == 0 || findings[$0.offset - 1] != $0.element }.map(\.element)
        let numbers = Dictionary(
            uniqueKeysWithValues: findings.enumerated().map { ($0.element, $0.offset) }
        )
        // Every finding points at a lower one or at itself, so following the pointers ends.
        var roots = Array(findings.indices)
        func root(of number: Int) -> Int {
            var number = number
            while roots[number] != number {
                roots[number] = roots[roots[number]]
                number = roots[number]
            }
            return number
        }
        for (first, second) in pairs {
            guard let one = numbers[first], let other = numbers[second] else { continue }
            let ends = (root(of: one), root(of: other))
            roots[max(ends.0, ends.1)] = min(ends.0, ends.1)
        }
        var clusters: [[RecordID]] = []
        var places: [Int: Int] = [:]
        for number in findings.indices {
            let root = root(of: number)
            if let place = places[root] {
                clusters[place].append(findings[number])
            } else {
                places[root] = clusters.count
                clusters.append([findings[number]])
            }
        }
        return clusters
    }

    /// The finding that stands for a group: its lowest identity, the same on every replica whatever
    /// the order and direction of the links.
    ///
    /// A finding without confirmed links stands for itself.
    public static func canonical(of finding: RecordID, links: [SameAs]) -> RecordID {
        clusters(of: links).first { $0.contains(finding) }?.first ?? finding
    }
}
