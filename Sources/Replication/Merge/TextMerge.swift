/// Three-way merge of texts by Unicode scalar.
///
/// Own code on purpose: replicas must agree on the result for ever, so it cannot hang on a
/// library's or the standard library's choice among equal differences.
public enum TextMerge {
    /// Merges edits of `ancestor`, or nil when they touch the same place differently.
    ///
    /// Every edit is a set of replaced places; what is merged is their union, so the answer depends
    /// neither on the order of the texts nor on how often one of them stands there. O(n · d) for a
    /// text of n scalars with d differing ones; beyond `differenceMax` a difference is taken as one
    /// block, which may report an overlap that a finer look would resolve.
    public static func merge(ancestor: String, _ texts: [String]) -> String? {
        let base = Array(ancestor.unicodeScalars)
        let hunks = texts.flatMap { TextMerge.hunks(from: base, to: Array($0.unicodeScalars)) }
            .sorted()
        var merged: [Unicode.Scalar] = []
        var last: Hunk?
        for hunk in hunks where hunk != last {
            // In this order a hunk that touches any earlier one touches the last one.
            if let last, hunk.touches(last) { return nil }
            merged += base[(last?.range.upperBound ?? 0)..<hunk.range.lowerBound]
            merged += hunk.replacement
            last = hunk
        }
        merged += base[(last?.range.upperBound ?? 0)...]
        var text = String.UnicodeScalarView()
        text.append(contentsOf: merged)
        return String(text)
    }

    /// Scalars that may differ before a difference is taken as one block.
    static let differenceMax = 512

    struct Hunk: Comparable {
        var range: Range<Int>
        var replacement: [Unicode.Scalar]

        /// Whether applying both would leave their order in doubt: overlapping ranges, or an
        /// insertion at the edge of the other's range.
        func touches(_ other: Hunk) -> Bool {
            if range.isEmpty || other.range.isEmpty {
                return range.lowerBound <= other.range.upperBound
                    && other.range.lowerBound <= range.upperBound
            }
            return range.overlaps(other.range)
        }

        static func < (lhs: Hunk, rhs: Hunk) -> Bool {
            if lhs.range.lowerBound != rhs.range.lowerBound {
                return lhs.range.lowerBound < rhs.range.lowerBound
            }
            if lhs.range.upperBound != rhs.range.upperBound {
                return lhs.range.upperBound < rhs.range.upperBound
            }
            return lhs.replacement.lexicographicallyPrecedes(rhs.replacement)
        }
    }

    /// The difference as replaced ranges of `base`, in order and apart from each other.
    static func hunks(from base: [Unicode.Scalar], to edited: [Unicode.Scalar]) -> [Hunk] {
        var start = 0
        while start < base.count, start < edited.count, base[start] == edited[start] { start += 1 }
        var baseEnd = base.count
        var editedEnd = edited.count
        while baseEnd > start, editedEnd > start, base[baseEnd - 1] == edited[editedEnd - 1] {
            baseEnd -= 1
            editedEnd -= 1
        }
        guard start < baseEnd || start < editedEnd else { return [] }
        let middle = base[start..<baseEnd]
        let replacement = edited[start..<editedEnd]
        guard let matches = matches(middle, replacement) else {
            return [Hunk(range: start..<baseEnd, replacement: Array(replacement))]
        }
        var result: [Hunk] = []
        var i = start
        var j = start
        for match in matches + [(baseEnd, editedEnd)] {
            if i < match.0 || j < match.1 {
                result.append(
                    Hunk(range: i..<match.0, replacement: Array(edited[j..<match.1]))
                )
            }
            i = match.0 + 1
            j = match.1 + 1
        }
        return result
    }

    /// The matched index pairs of a shortest edit script (Myers, *An O(ND) Difference Algorithm*,
    /// 1986), or nil beyond `differenceMax`.
    private static func matches(
        _ base: ArraySlice<Unicode.Scalar>,
        _ edited: ArraySlice<Unicode.Scalar>
    ) -> [(Int, Int)]? {
        let limit = min(base.count + edited.count, differenceMax)
        var furthest = [Int](repeating: 0, count: 2 * limit + 3)
        let middle = limit + 1
        var trace: [[Int]] = []
        for distance in 0...limit {
            trace.append(furthest)
            for diagonal in stride(from: -distance, through: distance, by: 2) {
                let goesDown =
                    diagonal == -distance
                    || (diagonal != distance
                        && furthest[middle + diagonal - 1] < furthest[middle + diagonal + 1])
                var x =
                    goesDown
                    ? furthest[middle + diagonal + 1] : furthest[middle + diagonal - 1] + 1
                var y = x - diagonal
                while x < base.count, y < edited.count,
                    base[base.startIndex + x] == edited[edited.startIndex + y]
                {
                    x += 1
                    y += 1
                }
                furthest[middle + diagonal] = x
                if x >= base.count, y >= edited.count {
                    return backtrack(
                        trace,
                        middle: middle,
                        from: (base.count, edited.count),
                        offset: (base.startIndex, edited.startIndex)
                    )
                }
            }
        }
        return nil
    }

    private static func backtrack(
        _ trace: [[Int]],
        middle: Int,
        from end: (Int, Int),
        offset: (Int, Int)
    ) -> [(Int, Int)] {
        var (x, y) = end
        var result: [(Int, Int)] = []
        for distance in trace.indices.reversed() {
            let furthest = trace[distance]
            let diagonal = x - y
            let goesDown =
                diagonal == -distance
                || (diagonal != distance
                    && furthest[middle + diagonal - 1] < furthest[middle + diagonal + 1])
            let previous = goesDown ? diagonal + 1 : diagonal - 1
            let previousX = distance == 0 ? 0 : furthest[middle + previous]
            let previousY = distance == 0 ? 0 : previousX - previous
            while x > previousX, y > previousY {
                x -= 1
                y -= 1
                result.append((offset.0 + x, offset.1 + y))
            }
            (x, y) = (previousX, previousY)
        }
        return result.reversed()
    }
}
