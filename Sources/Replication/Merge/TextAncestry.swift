/// One write of a text slot with what its writer had seen: the material of a three-way merge.
public struct TextWrite: Sendable {
    /// Which change wrote it.
    public let stamp: Stamp
    /// What that change had seen.
    public let past: any CausalKnowledge & Sendable
    /// The text as written.
    public let text: String

    /// Makes a write.
    public init(stamp: Stamp, past: any CausalKnowledge & Sendable, text: String) {
        self.stamp = stamp
        self.past = past
        self.text = text
    }
}

/// Finds the text that concurrent edits started from.
public enum TextAncestry {
    /// The common ancestor of the concurrent writes at `siblings`: the latest text that all of them
    /// had seen.
    ///
    /// Empty text when there was none.
    ///
    /// Where the writers had seen an automatic merge of two texts, that merge is computed again.
    /// The answer depends only on the writes, not on their order.
    ///
    /// - `history`: every write of the slot that is known, the siblings included.
    /// - Returns: nil when the history is too entangled (`depthMax` merges deep, or a merge that
    ///   overlapped): the edits are then shown as siblings.
    public static func ancestor(of siblings: [Dot], in history: [TextWrite]) -> String? {
        ancestor(of: siblings, in: history, depth: 0)
    }

    static let depthMax = 16

    private static func ancestor(
        of siblings: [Dot],
        in history: [TextWrite],
        depth: Int
    ) -> String? {
        guard depth < depthMax else { return nil }
        let writers = history.filter { siblings.contains($0.stamp.dot) }
        guard writers.count == siblings.count else { return nil }
        let shared = history.filter { write in
            !siblings.contains(write.stamp.dot)
                && writers.allSatisfy { $0.past.contains(write.stamp) }
        }
        let latest =
            shared.filter { write in
                !shared.contains {
                    $0.stamp.dot != write.stamp.dot && $0.past.contains(write.stamp)
                }
            }
            .sorted { $0.stamp.dot < $1.stamp.dot }
        guard let first = latest.first else { return "" }
        guard latest.count > 1 else { return first.text }
        guard
            let base = ancestor(of: latest.map(\.stamp.dot), in: shared, depth: depth + 1)
        else { return nil }
        var merged = first.text
        for write in latest.dropFirst() {
            guard let next = TextMerge.merge(ancestor: base, merged, write.text) else { return nil }
            merged = next
        }
        return merged
    }
}
