/// Which version of a matter governs an act, and what else a lawyer should look at.
///
/// The law of the day of the act governs; where it was amended or repealed before the decision and
/// the new text is milder or finds nothing unlawful, the new text does (行政处罚法 article 37,
/// 从旧兼从轻). The first sentence is computed here. The second is only hinted at: whether a text is
/// milder is for the legal review to say (行政处罚法 article 58).
public struct LawInForce: Hashable, Sendable {
    /// The version in force on the day of the act.
    public let matter: Matter
    /// What differs from it, the weightiest first.
    public let hints: [Hint]

    /// Something that differs.
    public enum Hint: Hashable, Sendable {
        /// A newer version is in force on the day of the decision.
        case amended(Matter, fines: FineComparison)
        /// The matter is in force no more on the day of the decision: the act may not be unlawful.
        case repealed
        /// The finding pinned this other version.
        case pinnedOther(Matter)
        /// An older version governed acts before `matter` came into force.
        case older(Matter, fines: FineComparison)
    }

    /// How the fines of another version compare with those of the governing one.
    ///
    /// Other measures, such as taking the vessel, are not weighed.
    public enum FineComparison: Hashable, Sendable {
        /// No bound is higher and one is lower.
        case lighter
        /// No bound is lower and one is higher.
        case heavier
        /// The bounds are equal.
        case same
        /// Some bound is higher and another lower, or the fines are not in yuan.
        case unclear
    }

    /// The version that governs an act; nil when the catalogue has none in force on that day.
    ///
    /// - Parameters:
    ///   - key: the matter.
    ///   - actDay: the day of the act, or of its end where it continued (行政处罚法 article 36).
    ///   - decisionDay: the day of the decision, or today.
    ///   - pinned: the version that the finding pinned, by its first day in force.
    ///   - catalogue: the versions.
    public init?(
        of key: String,
        actDay: CivilDate,
        decisionDay: CivilDate,
        pinned: CivilDate? = nil,
        in catalogue: Catalogue
    ) {
        guard let matter = catalogue.matter(key, on: actDay) else { return nil }
        self.matter = matter
        var hints: [Hint] = []
        // A decision before its act is a wrong clock, and hints at nothing.
        if actDay < decisionDay {
            let newest = catalogue.matter(key, on: decisionDay)
            if let newest, newest != matter {
                hints.append(.amended(newest, fines: FineComparison(of: newest, with: matter)))
            } else if newest == nil {
                hints.append(.repealed)
            }
        }
        if let pinned, pinned != matter.effectiveFrom,
            let other = catalogue.matter(key, effectiveFrom: pinned)
        {
            hints.append(.pinnedOther(other))
        }
        let older = catalogue.versions(of: key)
            .last {
                guard let from = $0.effectiveFrom, let governing = matter.effectiveFrom else {
                    return false
                }
                return from < governing
            }
        if let older {
            hints.append(.older(older, fines: FineComparison(of: older, with: matter)))
        }
        self.hints = hints
    }
}

extension LawInForce.FineComparison {
    /// Compares every bound: ordinary and serious, lower and upper.
    init(of other: Matter, with governing: Matter) {
        guard other.fineUnit == .yuan, governing.fineUnit == .yuan,
            let otherMax = other.fineMaxYuan, let governingMax = governing.fineMaxYuan
        else {
            self = .unclear
            return
        }
        let bounds = [
            (other.fineMinYuan ?? 0, governing.fineMinYuan ?? 0),
            (otherMax, governingMax),
            (other.severeFineMinYuan ?? 0, governing.severeFineMinYuan ?? 0),
            (other.severeFineMaxYuan ?? otherMax, governing.severeFineMaxYuan ?? governingMax),
        ]
        let isLower = bounds.contains { $0.0 < $0.1 }
        let isHigher = bounds.contains { $0.0 > $0.1 }
        self =
            switch (isLower, isHigher) {
            case (true, true): .unclear
            case (true, false): .lighter
            case (false, true): .heavier
            case (false, false): .same
            }
    }
}
