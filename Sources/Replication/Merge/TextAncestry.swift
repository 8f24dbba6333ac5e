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

    /// What one change wrote to a text slot: the last of its writes, a cleared text as the empty
    /// one; nil when it wrote no text there.
    public static func text(of slot: SlotKey, in actions: [Operation.Action]) -> String? {
        for case .write(slot, let value) in actions.reversed() {
            switch value {
            case .text(let text): return text
            case .null: return ""
            default: return nil
            }
        }
        return nil
    }
}

extension RecordState {
    /// The text slots that show a merge, with the concurrent writes that it merges: those that need
    /// a common ancestor.
    ///
    /// Of a sealed record these are the writes that the seal covers, for the others stand beside it.
    public func mergedTexts(in schema: RecordSchema) -> [(slot: SlotKey, writes: [Dot])] {
        guard slots.contains(where: { $0.siblings.count > 1 }) else { return [] }
        let seal = SealReading(of: seals).standing
        return slots.compactMap { slot in
            guard slot.siblings.count > 1, case .text = schema.policy(of: slot.key) else {
                return nil
            }
            let slot = seal.map { slot.covered(by: $0) } ?? slot
            return slot.hasDistinctValues ? (slot.key, slot.siblings.map(\.stamp.dot)) : nil
        }
    }
}

/// Finds the text that concurrent edits started from.
public struct TextAncestry {
    /// What concurrent edits of one place became: what later writers had before their eyes.
    let overlap: MergePolicy.TextOverlap
    /// Minutes east of UTC for the times in concatenations.
    let timeZoneMinutes: Int

    /// Makes a search in the history of a slot that merges in this way.
    public init(overlap: MergePolicy.TextOverlap, timeZoneMinutes: Int) {
        self.overlap = overlap
        self.timeZoneMinutes = timeZoneMinutes
    }

    /// Makes a search for a slot by its schema; nil where it is no text.
    public init?(of slot: SlotKey, in schema: RecordSchema, timeZoneMinutes: Int) {
        guard case .text(let overlap) = schema.policy(of: slot) else { return nil }
        self.init(overlap: overlap, timeZoneMinutes: timeZoneMinutes)
    }

    /// The common ancestor of the concurrent writes at `siblings`: the latest text that all of them
    /// had seen.
    ///
    /// Empty text when there was none.
    ///
    /// Where the writers had seen an automatic merge of several texts, or their concatenation, that
    /// is worked out again. The answer depends only on the writes, not on their order.
    ///
    /// - `history`: every write of the slot that is known, the siblings included.
    /// - Returns: nil when the history is too entangled (`depthMax` merges deep, or siblings of an
    ///   open conflict): the edits are then shown as siblings.
    public func ancestor(of siblings: [Dot], in history: [TextWrite]) -> String? {
        Mark.textMerged.hit()
        return ancestor(
            of: Set(siblings),
            in: history.sorted { $0.stamp.follows($1.stamp) },
            depth: 0
        )
    }

    static let depthMax = 64

    /// - `history`: the latest first, so that whoever has seen a write stands before it.
    private func ancestor(of siblings: Set<Dot>, in history: [TextWrite], depth: Int) -> String? {
        guard depth < TextAncestry.depthMax else { return nil }
        let writers = history.filter { siblings.contains($0.stamp.dot) }
        guard writers.count == siblings.count else { return nil }
        let shared = history.filter { write in
            !siblings.contains(write.stamp.dot)
                && writers.allSatisfy { $0.past.contains(write.stamp) }
        }
        var latest: [TextWrite] = []
        for write in shared where !latest.contains(where: { $0.past.contains(write.stamp) }) {
            latest.append(write)
        }
        guard let first = latest.first else { return "" }
        guard latest.contains(where: { !$0.text.hasSameBytes(as: first.text) }) else {
            return first.text
        }
        let base = ancestor(of: Set(latest.map(\.stamp.dot)), in: shared, depth: depth + 1)
        if let base, let merged = TextMerge.merge(ancestor: base, latest.map(\.text)) {
            return merged
        }
        guard overlap == .concatenate else { return nil }
        return TextVersion.concatenated(
            latest.map { TextVersion(stamp: $0.stamp, text: $0.text) },
            timeZoneMinutes: timeZoneMinutes
        )
    }
}
