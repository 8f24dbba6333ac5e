/// Makes a plan that breaks a promise as small as it gets, while it still breaks the same promise.
///
/// Zeller and Hildebrandt's ddmin over the events (2002), then the rates of the faults one by one.
/// Every event has its own seed, so what is left draws as before.
public struct FleetShrinker {
    private let invariant: FleetInvariant
    private let run: (FleetPlan) -> FleetViolation?
    private let progress: (Int, Int) -> Void
    /// How many runs were made.
    public private(set) var runs = 0
    private let runsMax: Int

    /// Makes a shrinker.
    ///
    /// - Parameters:
    ///   - invariant: the promise that must stay broken.
    ///   - runsMax: after so many runs the smallest plan so far will do.
    ///   - progress: called with the events that are left and the runs made.
    ///   - run: the first violation of a plan; nil when it keeps every promise.
    public init(
        invariant: FleetInvariant,
        runsMax: Int = 600,
        progress: @escaping (Int, Int) -> Void = { _, _ in },
        run: @escaping (FleetPlan) -> FleetViolation?
    ) {
        self.invariant = invariant
        self.runsMax = runsMax
        self.progress = progress
        self.run = run
    }

    /// The smallest plan that was found.
    public mutating func shrink(_ plan: FleetPlan) -> FleetPlan {
        var plan = plan
        // Most plans do not need the end: what was broken was broken before.
        plan = dropTail(plan)
        plan = dropRates(plan)
        plan = dropEvents(plan)
        plan = dropRates(plan)
        return dropEvents(plan)
    }

    private mutating func breaks(_ plan: FleetPlan) -> FleetViolation? {
        guard runs < runsMax else { return nil }
        runs += 1
        progress(plan.events.count, runs)
        guard let violation = run(plan), violation.invariant == invariant else { return nil }
        return violation
    }

    private mutating func dropTail(_ plan: FleetPlan) -> FleetPlan {
        guard let violation = breaks(plan), violation.event + 1 < plan.events.count else {
            return plan
        }
        var shorter = plan
        shorter.events = Array(plan.events[...violation.event])
        return breaks(shorter) != nil ? shorter : plan
    }

    private mutating func dropRates(_ plan: FleetPlan) -> FleetPlan {
        var plan = plan
        for fault in plan.rates.active {
            var calmer = plan
            calmer.rates[fault] = 0
            if breaks(calmer) != nil { plan = calmer }
        }
        return plan
    }

    private mutating func dropEvents(_ plan: FleetPlan) -> FleetPlan {
        var plan = plan
        var parts = 2
        while plan.events.count > 1, runs < runsMax {
            let size = max((plan.events.count + parts - 1) / parts, 1)
            var isSmaller = false
            var start = 0
            while start < plan.events.count {
                var smaller = plan
                smaller.events.removeSubrange(start..<min(start + size, plan.events.count))
                if breaks(smaller) != nil {
                    plan = smaller
                    isSmaller = true
                } else {
                    start += size
                }
            }
            if isSmaller {
                parts = max(parts - 1, 2)
            } else if size == 1 {
                break
            } else {
                parts = min(parts * 2, plan.events.count)
            }
        }
        return plan
    }
}
