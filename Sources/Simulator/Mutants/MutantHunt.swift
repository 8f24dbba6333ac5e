#if FIELD_MUTANTS
package import Replication

/// Proof that the simulator finds bugs: with each planted one on, small seeds run until a promise
/// breaks.
///
/// A find counts only where the same plan keeps every promise without the bug.
package struct MutantHunt {
    /// What became of one planted bug.
    package struct Result {
        /// Which; nil for the canary.
        package let mutant: Mutant?
        /// The seed that found it; nil when it survived.
        package var seed: UInt64?
        /// How it was found.
        package var violation: FleetViolation?
        /// How many seeds were run.
        package var seeds = 0
    }

    /// A seed broke a promise with no bug planted: nothing can be said with it.
    package private(set) var dirty: [(seed: UInt64, violation: FleetViolation)] = []
    private var clean: Set<UInt64> = []
    private let seeds: ClosedRange<UInt64>

    /// Makes a hunt over these seeds.
    package init(seeds: ClosedRange<UInt64>) { self.seeds = seeds }

    /// The plan of a small seed.
    package static func plan(_ seed: UInt64) -> FleetPlan {
        var scenario = FleetScenario(name: "small")
        scenario.days = 5
        scenario.devicesMin = 4
        scenario.devicesMax = 4
        scenario.writes = 8
        scenario.hot = 3
        scenario.agencies = [
            .init(name: "all", share: 2, towns: []), .init(name: "one", share: 1, towns: [0, 1]),
            .init(name: "other", share: 1, towns: [1]),
        ]
        return PlanMaker.plan(scenario, seed: seed)
    }

    /// Looks for one bug.
    ///
    /// - Parameters:
    ///   - mutant: the bug; nil for the canary, a disk that forgets.
    ///   - progress: called after each seed with how many there were.
    /// - Returns: how it was found, if it was.
    /// - Throws: what a run throws where nothing may be thrown.
    package mutating func hunt(
        _ mutant: Mutant?,
        progress: (Int) -> Void
    ) throws -> Result {
        var result = Result(mutant: mutant)
        for seed in seeds {
            let plan = MutantHunt.plan(seed)
            result.seeds += 1
            if let found = try run(plan, mutant, canary: mutant == nil), try isClean(plan) {
                result.seed = seed
                result.violation = found
                break
            }
            progress(result.seeds)
        }
        return result
    }

    private func run(
        _ plan: FleetPlan,
        _ mutant: Mutant?,
        canary: Bool
    ) throws -> FleetViolation? {
        Mutant.select(mutant)
        defer { Mutant.select(nil) }
        var options = FleetSimulation.Options()
        options.canary = canary
        return try FleetSimulation(options: options).run(plan).violations.first
    }

    private mutating func isClean(_ plan: FleetPlan) throws -> Bool {
        if clean.contains(plan.seed) { return true }
        if dirty.contains(where: { $0.seed == plan.seed }) { return false }
        if let violation = try run(plan, nil, canary: false) {
            dirty.append((plan.seed, violation))
            return false
        }
        clean.insert(plan.seed)
        return true
    }
}

extension Mutant {
    /// The class of bugs that it stands for.
    package var bug: String {
        switch self {
        case .m1: "sequences taken in a transaction of their own"
        case .m2: "a page filtered by one order, the cursor in another"
        case .m3: "a page that goes on after the last key, not the last row"
        case .m4: "the cursor saved before the page is applied"
        case .m5: "the cursor moves although applying failed"
        case .m6: "a transaction that SQLite has rolled back is taken for done"
        case .m7: "an unknown kind of record is skipped"
        case .m8: "entries are written again from the known schema"
        case .m9: "deleted records are collected by age"
        case .m10: "who was away for long loses what waits"
        case .m11: "two stores write under one id, unseen"
        case .m12: "a hub restored to an earlier moment keeps its epoch"
        case .m13: "times of clocks that run ahead are not bounded"
        case .m14: "a form that is not canonical is read"
        case .m15: "texts that only look the same are one key"
        case .m16: "bombs are inflated"
        case .m17: "commits that a loss of power takes back"
        case .m18: "a change that comes twice is stored twice"
        case .m19: "reading is not held to scopes"
        case .m20: "what leaves a subscription takes unsent work along"
        }
    }

    /// Where it is planted.
    package var place: String {
        switch self {
        case .m1: "SQLiteHubCore.append"
        case .m2, .m3: "HubReader.fillAll"
        case .m4, .m5: "ReplicaCore.apply"
        case .m6: "ReplicaCore.write"
        case .m7: "ReplicaCore.apply(batch)"
        case .m8: "EntryWriter.apply"
        case .m9: "Append.finish"
        case .m10: "ReplicaCore.prepare"
        case .m11: "Append.check, ReplicaCore.isOvertaken"
        case .m12: "MergeService.refusal"
        case .m13: "Append.store"
        case .m14: "ByteReader.unsigned"
        case .m15: "BytesOfString"
        case .m16: "CompressedBlock.decode"
        case .m17: "StoreFile"
        case .m18: "Append.take"
        case .m19: "HubReader.page"
        case .m20: "ReplicaCore.leave"
        }
    }
}
#endif
