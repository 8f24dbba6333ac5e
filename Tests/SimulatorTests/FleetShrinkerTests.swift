import Foundation
import Simulator
import Testing

/// That the alarm rings, and that what rings it is made small.
@Suite struct FleetShrinkerTests {
    /// Every machine that stops forgets its write-ahead log.
    private var broken: FleetSimulation {
        var options = FleetSimulation.Options()
        options.canary = true
        return FleetSimulation(options: options)
    }

    private func crashing(_ seed: UInt64) -> FleetPlan {
        var plan = FleetTests.plan(seed, profile: .none)
        plan.events.insert(
            FleetEvent(at: plan.events[12].at, device: 0, verb: .crash, seed: 1),
            at: 13
        )
        plan.events.sort { ($0.at, $0.device, $0.seed) < ($1.at, $1.device, $1.seed) }
        return plan
    }

    @Test func `a store that forgets is found and the plan shrinks to a write and a crash`() throws
    {
        let broken = broken
        var found = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            let plan = crashing(seed)
            #expect(try FleetSimulation().run(plan).violations == [], "seed \(seed)")
            guard let violation = try broken.run(plan).violations.first else { continue }
            found += 1
            var shrinker = FleetShrinker(invariant: violation.invariant) {
                try? broken.run($0).violations.first
            }
            let small = shrinker.shrink(plan)
            #expect(small.events.count <= 3, "seed \(seed): \(small.events.map(\.verb))")
            #expect(small.events.contains { $0.verb == .crash })
            #expect(try broken.run(small).violations.first?.invariant == violation.invariant)
            #expect(try FleetSimulation().run(small).violations == [])
            if found == 2 { return }
        }
        Issue.record("the canary sings to nobody")
    }

    @Test func `only what is needed is left`() {
        let plan = FleetTests.plan(1, profile: .none)
        let needed = [plan.events[3], plan.events[17], plan.events[40]]
        var shrinker = FleetShrinker(invariant: .noLoss) { plan in
            needed.allSatisfy(plan.events.contains)
                ? FleetViolation(invariant: .noLoss, event: 40, at: 0, what: "planted") : nil
        }
        #expect(shrinker.shrink(plan).events == needed)
        #expect(shrinker.runs < 100)
    }

    // MARK: Regressions

    /// Plans that once broke a promise.
    static let regressions: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".jsonl") }.sorted()
    }()

    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Regressions").path

    /// What the engine does not stand yet; `docs/simulation.md` says what each is.
    static let open: Set<String> = []

    @Test(arguments: regressions)
    func `a plan that once broke a promise keeps it now`(file: String) throws {
        let url = URL(fileURLWithPath: FleetShrinkerTests.folder + "/" + file)
        let plan = try FleetPlan(lines: Array(try Data(contentsOf: url)))
        let report = try FleetSimulation().run(plan)
        if FleetShrinkerTests.open.contains(file) {
            #expect(!report.isKept, "\(file) is mended: take it off the list of open ones")
        } else {
            #expect(report.violations == [], "\(file)")
        }
    }
}
