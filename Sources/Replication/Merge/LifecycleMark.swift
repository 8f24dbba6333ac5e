/// A write that says whether the record exists: kept while no later one has seen it.
public struct LifecycleMark: Hashable, Sendable {
    /// What is said.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// The record began to exist, or exists again.
        case create = 0
        /// The record was brought back.
        case undelete = 1
        /// The record is gone.
        case delete = 2
        /// The record is declared void, and stays readable.
        case void = 3
        /// The deleted record cannot be brought back any more by whoever has seen this.
        ///
        /// It stands beside the delete and says nothing about whether the record exists.
        case close = 4
        /// The deleted record's content is gone, too.
        case collect = 5

        /// Whether the record exists by this mark.
        public var isAlive: Bool { self == .create || self == .undelete }
        /// Whether the record has ended by this mark.
        public var isEnd: Bool { self == .delete || self == .void || self == .collect }
    }

    /// Which change said it.
    public var stamp: Stamp
    /// What was said.
    public var kind: Kind
    /// Why; may be empty.
    public var reason: String
    /// For an end: the latest edit or seal that is concurrent with it, if there is any.
    public var contest: Stamp?

    /// Makes a mark.
    public init(stamp: Stamp, kind: Kind, reason: String, contest: Stamp? = nil) {
        self.stamp = stamp
        self.kind = kind
        self.reason = reason
        self.contest = contest
    }

    mutating func addContest(_ edit: Stamp) {
        guard kind.isEnd else { return }
        if contest?.dot == edit.dot {
            contest?.refine(with: edit)
        } else if contest.map({ edit.follows($0) }) ?? true {
            contest = edit
        }
    }
}
