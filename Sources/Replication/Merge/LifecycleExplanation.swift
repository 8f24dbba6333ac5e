/// The causal story of a record's existence: who created, ended or brought it back, who edited or
/// sealed it without having seen that, and what was decided.
public struct LifecycleExplanation: Hashable, Sendable {
    /// What was done.
    public enum Act: Hashable, Sendable {
        /// Something was said about whether the record exists.
        case mark(LifecycleMark.Kind)
        /// Slots were written by someone who had not seen an end that was made meanwhile.
        case edit([SlotKey])
        /// The record was sealed by someone who had not seen an end that was made meanwhile.
        case seal
    }

    /// What became of it.
    public enum Fate: Hashable, Sendable {
        /// It stands, unopposed.
        case stands
        /// It stands against these concurrent changes: an end against edits, seals and revivals, or
        /// the other way round.
        case contested(by: [Dot])
        /// These later marks had seen it and replaced it.
        case replaced(by: [Dot])
    }

    /// One change's part in the story.
    public struct Step: Hashable, Sendable {
        /// Who, when and by which change.
        public let stamp: Stamp
        /// What the writer's own clock said.
        public let writtenAt: HybridTimestamp
        /// What was done.
        public let act: Act
        /// Why, where a reason was given.
        public let reason: String
        /// Which other steps its author had seen.
        public let saw: [Dot]
        /// What became of it.
        public let fate: Fate
    }

    /// Whether and how the record exists now.
    public let lifecycle: RecordView.Lifecycle
    /// Every step, in the order of the bounded hybrid times.
    public let steps: [Step]
    /// Whether a conflict is open.
    public let isInConflict: Bool

    /// Explains whether a record exists.
    ///
    /// - `history`: every entry of the record's history.
    /// - `view`: what is shown.
    /// - `knowing`: completes what an entry had seen with the receipts of unsequenced changes.
    public init(
        history: [HistoryEntry],
        state: RecordState,
        view: RecordView,
        knowing: (HistoryEntry) -> any CausalKnowledge
    ) {
        lifecycle = view.lifecycle
        isInConflict = view.conflicts.contains { $0.subject == .lifecycle }
        let marks = history.compactMap { Found(marking: $0, knowing($0)) }
        let ends = marks.filter(\.isEnd)
        let edits = history.compactMap { entry -> Found? in
            guard !ends.isEmpty, let edit = Found(editing: entry, knowing(entry)),
                ends.contains(where: { $0.isConcurrent(with: edit) })
            else { return nil }
            return edit
        }
        let standing = Set(state.marks.map(\.stamp.dot))
        // An edit is a step only where it opposes an end; by a change that also says something
        // about existence it is told with that.
        let all = marks + edits
        steps =
            all.map { found in
                Step(
                    stamp: found.stamp,
                    writtenAt: found.entry.writtenAt,
                    act: found.act,
                    reason: found.reason,
                    saw: all.filter { found.saw($0) }.map(\.stamp.dot),
                    fate: LifecycleExplanation.fate(of: found, marks, edits, standing)
                )
            }
            .sorted { $1.stamp.follows($0.stamp) }
    }

    private static func fate(
        of found: Found,
        _ marks: [Found],
        _ edits: [Found],
        _ standing: Set<Dot>
    ) -> Fate {
        let later = marks.filter { !$0.isClose && $0.saw(found) }.map(\.stamp.dot)
        let ends = marks.filter { $0.isEnd && standing.contains($0.stamp.dot) }
        if case .mark = found.act {
            guard standing.contains(found.stamp.dot) else { return .replaced(by: later) }
            if found.isClose { return .stands }
            let alive = marks.filter { $0.isAlive && standing.contains($0.stamp.dot) }
            let others = found.isEnd ? edits + alive : ends
            let against = others.filter { $0.isConcurrent(with: found) }.map(\.stamp.dot)
            return against.isEmpty ? .stands : .contested(by: against)
        }
        let against = ends.filter { $0.isConcurrent(with: found) }.map(\.stamp.dot)
        return against.isEmpty ? .replaced(by: later) : .contested(by: against)
    }

    private struct Found {
        let entry: HistoryEntry
        let past: any CausalKnowledge
        let act: Act
        let reason: String

        var stamp: Stamp { entry.stamp }
        var isEnd: Bool { kind?.isEnd ?? false }
        var isAlive: Bool { kind?.isAlive ?? false }
        var isClose: Bool { kind == .close }
        private var kind: LifecycleMark.Kind? {
            if case .mark(let kind) = act { kind } else { nil }
        }

        /// The last thing that a change says about existence; nil when it says nothing.
        init?(marking entry: HistoryEntry, _ past: any CausalKnowledge) {
            for action in entry.actions.reversed() {
                let said: (kind: LifecycleMark.Kind, reason: String)? =
                    switch action {
                    case .create: (.create, "")
                    case .undelete(let reason): (.undelete, reason)
                    case .delete(let reason): (.delete, reason)
                    case .void(let reason): (.void, reason)
                    case .close: (.close, "")
                    case .collect: (.collect, "")
                    default: nil
                    }
                guard let said else { continue }
                self.entry = entry
                self.past = past
                act = .mark(said.kind)
                reason = said.reason.isEmpty ? entry.reason : said.reason
                return
            }
            return nil
        }

        /// A change that edits or seals and says nothing about existence.
        init?(editing entry: HistoryEntry, _ past: any CausalKnowledge) {
            guard Found(marking: entry, past) == nil else { return nil }
            var slots: [SlotKey] = []
            var sealing: String?
            for action in entry.actions {
                switch action {
                case .write(let slot, _): slots.append(slot)
                case .seal(let reason, _): sealing = reason
                default: break
                }
            }
            guard sealing != nil || !slots.isEmpty else { return nil }
            self.entry = entry
            self.past = past
            act = sealing == nil ? .edit(slots) : .seal
            reason = sealing.flatMap { $0.isEmpty ? nil : $0 } ?? entry.reason
        }

        func saw(_ other: Found) -> Bool {
            other.stamp.dot != stamp.dot && past.contains(other.stamp)
        }

        func isConcurrent(with other: Found) -> Bool {
            stamp.dot != other.stamp.dot && !saw(other) && !other.saw(self)
        }
    }
}
