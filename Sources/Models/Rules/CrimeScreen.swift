public import Replication

/// Whether an act of fishing is to go to the police (刑法 article 340; 法释〔2022〕12号 article 3).
///
/// A screen and not a judgement: what it raises stays raised (`Finding.suspectedCrime` is sticky),
/// because an organ that finds a suspected crime must transfer it and may not settle it with a fine
/// (行政处罚法 articles 27, 82). The app that uses it disables decisions on the spot.
public struct CrimeScreen: Hashable, Sendable {
    /// 500 kg, three digits after the point.
    public static let weightMin = ScaledDecimal(units: 500_000)
    /// ¥10,000, two digits after the point.
    public static let valueMin = ScaledDecimal(units: 1_000_000)
    /// 50 kg, three digits after the point.
    public static let protectedWeightMin = ScaledDecimal(units: 50_000)
    /// ¥1,000, two digits after the point.
    public static let protectedValueMin = ScaledDecimal(units: 100_000)

    /// Why the act is to go to the police, in the order of the article; none when it is not.
    public let reasons: [CrimeReason]
    /// What would be reasons too if the act was in the waters in whose coarse boxes it lies.
    ///
    /// A box is drawn by hand and the flag can never be taken back, so a box raises nothing: the
    /// officer names the water first.
    public let hints: [CrimeReason]
    /// Whether a penalty for harming wildlife within the two years before makes it graver.
    public let isAggravated: Bool

    /// Whether a crime is suspected.
    public var isSuspected: Bool { !reasons.isEmpty }

    /// Screens an act.
    public init(_ facts: Facts) {
        let found = CrimeScreen.reasons(facts, facts.closures.filter { $0.ground == .named })
        reasons = found
        hints = CrimeScreen.reasons(facts, facts.closures).filter { !found.contains($0) }
        isAggravated = facts.isRepeated
    }

    private static func reasons(_ facts: Facts, _ closures: [ClosureHit]) -> [CrimeReason] {
        var reasons: [CrimeReason] = []
        let isDestructive = facts.method.map(CrimeScreen.destructive.contains) ?? false
        let isInArea = closures.contains { $0.kind == .area }
        let isInSeason = closures.contains { $0.kind == .season }
        // The article's opening words: closed area, closed season, or banned gear or method. A
        // reserve is closed to all fishing (渔业法 article 41).
        let isForbidden =
            isInArea || isInSeason || isDestructive || facts.isBannedGear || facts.isReserve
        if isForbidden {
            if facts.weight >= CrimeScreen.weightMin { reasons.append(.weight) }
            if facts.value >= CrimeScreen.valueMin { reasons.append(.value) }
            let weight = facts.isReserve ? facts.weight : facts.protectedWeight
            let value = facts.isReserve ? facts.value : facts.protectedValue
            if weight >= CrimeScreen.protectedWeightMin { reasons.append(.protectedWeight) }
            if value >= CrimeScreen.protectedValueMin { reasons.append(.protectedValue) }
        }
        if isDestructive, isInArea { reasons.append(.destructiveInClosedArea) }
        if isDestructive, isInSeason { reasons.append(.destructiveInClosedSeason) }
        return reasons
    }

    /// Raises the flag on a finding and says why.
    ///
    /// It is never lowered here.
    public func flag(_ finding: inout Finding) {
        guard isSuspected else { return }
        finding.suspectedCrime = true
        finding.crimeScreenReasons.formUnion(reasons)
    }

    /// The methods that are a crime in a closed area or season, whatever the amount.
    public static let destructive: [FishingMethod] = [.electric, .poison, .explosive]
}

extension CrimeScreen {
    /// What is known of an act.
    public struct Facts: Hashable, Sendable {
        /// How fish were taken.
        public var method: FishingMethod?
        /// The closures that the act falls under, from `ClosedWaters`.
        public var closures: [ClosureHit] = []
        /// Whether gear on the list of banned gear was used (渔业法 article 45).
        public var isBannedGear = false
        /// Whether it was in a reserve of aquatic germplasm (渔业法 article 41).
        public var isReserve = false
        /// The whole catch in kg, three digits after the point.
        public var weight = ScaledDecimal(units: 0)
        /// The whole catch in yuan, two digits after the point.
        public var value = ScaledDecimal(units: 0)
        /// Fry and spawners in kg, three digits after the point.
        public var protectedWeight = ScaledDecimal(units: 0)
        /// Fry and spawners in yuan, two digits after the point.
        public var protectedValue = ScaledDecimal(units: 0)
        /// Whether there was a penalty for harming wildlife within the two years before the act.
        public var isRepeated = false

        /// Nothing known.
        public init() {}

        /// What a finding and its records tell; leave out records that are void.
        ///
        /// Lines of the catch are added up for each officer who listed them and the greatest sum
        /// counts, as does the greatest measurement of 渔获物: two tellings of one catch are not
        /// one catch twice, and the screen takes the graver.
        public init(
            finding: Finding,
            closures: [ClosureHit],
            isReserve: Bool = false,
            parts: FindingParts = FindingParts()
        ) {
            method = finding.method
            self.closures = closures
            self.isReserve = isReserve
            isBannedGear = parts.gear.contains { $0.isBanned == true }
            let catchLines = parts.catchLines
            let protected = catchLines.filter { $0.state == .fry || $0.state == .spawner }
            let weighed = parts.measurements.filter { $0.subject == Measurement.catchSubject }
                .map { MeasureUnit.kilograms(of: $0.quantity, $0.unit) }
            weight = max(
                Facts.greatestSum(catchLines) { MeasureUnit.kilograms(of: $0.weight, $0.unit) },
                weighed.max() ?? ScaledDecimal(units: 0)
            )
            value = Facts.greatestSum(catchLines, Facts.yuan)
            protectedWeight = Facts.greatestSum(protected) {
                MeasureUnit.kilograms(of: $0.weight, $0.unit)
            }
            protectedValue = Facts.greatestSum(protected, Facts.yuan)
            isRepeated = Facts.isRepeated(finding, parts.parties)
        }

        private static func yuan(_ line: CatchLine) -> ScaledDecimal {
            guard line.currency == nil || line.currency == .yuan else {
                return ScaledDecimal(units: 0)
            }
            return line.estimatedValue ?? ScaledDecimal(units: 0)
        }

        private static func greatestSum(
            _ lines: [CatchLine],
            _ amount: (CatchLine) -> ScaledDecimal
        ) -> ScaledDecimal {
            let officers = Set(lines.map(\.listedBy))
            let sums = officers.map { officer in
                lines.filter { $0.listedBy == officer }
                    .reduce(ScaledDecimal(units: 0)) {
                        // Held at the limit of 64 bits: above every threshold.
                        let (sum, overflow) = $0.units.addingReportingOverflow(amount($1).units)
                        return ScaledDecimal(units: overflow ? Int64.max : sum)
                    }
            }
            return sums.max() ?? ScaledDecimal(units: 0)
        }

        private static func isRepeated(_ finding: Finding, _ parties: [Party]) -> Bool {
            guard let day = finding.actDay else { return false }
            return parties.contains { party in
                guard let prior = party.priorPenaltyOn, prior <= day else { return false }
                return (day.year, day.month, day.day)
                    <= (prior.year + 2, prior.month, prior.day)
            }
        }
    }
}
