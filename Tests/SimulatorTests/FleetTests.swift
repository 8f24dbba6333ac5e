import Foundation
import Interchange
import Simulator
import Testing

/// Fleets of a few people who live through a few bad days.
@Suite struct FleetTests {
    /// Small enough for debug builds: three people, three days.
    static func plan(
        _ seed: UInt64,
        profile: FleetProfile = .swarm,
        devices: Int = 3,
        days: Int64 = 3
    ) -> FleetPlan {
        var scenario = FleetScenario(name: "test")
        scenario.agencies = [
            .init(name: "all", share: 2, towns: []), .init(name: "one", share: 1, towns: [0, 1]),
        ]
        var options = PlanMaker.Options()
        options.devices = devices
        options.days = days
        options.profile = profile
        return PlanMaker.plan(scenario, seed: seed, options: options)
    }

    @Test(arguments: 1...16 as ClosedRange<UInt64>)
    func `whatever happens to a fleet it keeps every promise`(seed: UInt64) throws {
        let report = try FleetSimulation().run(FleetTests.plan(seed))
        #expect(report.violations == [], "seed \(seed)")
        #expect(report.writes > 0)
    }

    @Test func `without faults nothing fails and nothing is refused`() throws {
        let report = try FleetSimulation().run(FleetTests.plan(1, profile: .none))
        #expect(report.violations == [])
        #expect(report.destroyed == 0)
        #expect(report.writes == 36)
        #expect(report.delays.count == 36)
        #expect(report.entries >= 36)
    }

    @Test func `the faults of a swarm strike`() throws {
        var counts: [String: Int] = [:]
        for seed in 1...24 as ClosedRange<UInt64> {
            let report = try FleetSimulation().run(FleetTests.plan(seed, days: 4))
            for count in report.counts { counts[count.name, default: 0] += count.count }
        }
        // These have no event of their own: they change how others go.
        let modes: [FleetFault] = [.earlySubscribe, .recreate, .oldProgram, .twins, .oldHub]
        let wanted =
            FleetFault.allCases
            .filter {
                !$0.isOpen && ![.lose, .absence, .move, .clone, .meet].contains($0)
                    && !modes.contains($0)
            }
            .map(\.rawValue) + ["meeting", "new identity", "refused double start"]
        for name in wanted where name != "doubleStart" {
            #expect(counts[name, default: 0] > 0, "\(name) never happens")
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `wrong clocks change neither what is accepted nor what is kept`(seed: UInt64) throws {
        var plan = FleetTests.plan(seed, profile: .none, devices: 4, days: 4)
        plan.rates[.clock] = 1
        let year: Int64 = 31_556_952_000
        for (index, offset) in [0, 50 * year, -50 * year, 3_600_000].enumerated() {
            plan.devices[index].clock = offset
        }
        for number in 0..<Int64(24) {
            plan.events.append(
                FleetEvent(
                    at: number * 14_400_000,
                    device: Int(number % 4),
                    verb: .clock,
                    seed: UInt64(number),
                    value: (number * 37 % 101 - 50) * year
                )
            )
        }
        plan.events.sort { ($0.at, $0.device, $0.seed) < ($1.at, $1.device, $1.seed) }
        let wrong = try FleetSimulation().run(plan)
        let right = try FleetSimulation().run(plan.underTrueClocks)
        #expect(wrong.violations == [] && right.violations == [])
        #expect(wrong.writes == right.writes)
        #expect(wrong.entries == right.entries)
        #expect(wrong.structure == right.structure)
        #expect(wrong.digest != right.digest)
    }

    @Test(arguments: [3, 8, 15] as [UInt64])
    func `one plan run twice is one world`(seed: UInt64) throws {
        let plan = FleetTests.plan(seed)
        let first = try FleetSimulation().run(plan)
        let second = try FleetSimulation().run(plan)
        #expect(first.digest == second.digest)
        #expect(first.digest != (try FleetSimulation().run(FleetTests.plan(seed + 1))).digest)
    }

    @Test func `the page of a report stands alone`() throws {
        let report = try FleetSimulation().run(FleetTests.plan(2))
        let html = FleetPage([report]).html
        #expect(html.hasPrefix("<!doctype html>"))
        #expect(html.hasSuffix("</html>\n"))
        for part in ["Convergence", "Bytes by link class", "From the act to the hub", "<svg"] {
            #expect(html.contains(part))
        }
        for outside in ["http://", "https://", "<script", "<link"] {
            #expect(!html.contains(outside))
        }
    }
}
