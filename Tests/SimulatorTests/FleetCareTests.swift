import Simulator
import Testing

/// Fleets whose hub closes and collects what they delete, between any two exchanges.
@Suite struct FleetCareTests {
    /// A compaction every hour, of what was deleted just now, and now and then a replica retired;
    /// everybody writes and comes by often enough to have heard of what is closed.
    private func plan(_ seed: UInt64, retires: Bool) -> FleetPlan {
        var plan = FleetTests.plan(seed, devices: 4, days: 6)
        plan.events.removeAll { $0.verb == .compact || $0.verb == .retire }
        if !retires { plan.events.removeAll { $0.verb == .restore } }
        for hour in 0..<(plan.length / 3_600_000) {
            plan.events.append(
                FleetEvent(at: hour * 3_600_000, device: 0, verb: .compact, seed: UInt64(hour))
            )
            for (verb, device) in [
                (.write, hour % 4), (.write, (hour + 1) % 4), (.sync, (hour + 2) % 4),
            ] as [(FleetEvent.Verb, Int64)] {
                plan.events.append(
                    FleetEvent(
                        at: hour * 3_600_000 + 60_000 * (device + 1),
                        device: Int(device),
                        verb: verb,
                        seed: seed &* 7_919 &+ UInt64(hour * 4 + device)
                    )
                )
            }
            guard retires, hour % 17 == 16 else { continue }
            plan.events.append(
                FleetEvent(
                    at: hour * 3_600_000 + 1,
                    device: 0,
                    verb: .retire,
                    seed: UInt64(hour),
                    value: 3_600_000
                )
            )
        }
        plan.events.sort { ($0.at, $0.device, $0.seed) < ($1.at, $1.device, $1.seed) }
        return plan
    }

    @Test(arguments: [false, true])
    func `what is deleted is collected and nothing else is lost`(retires: Bool) throws {
        var collected = 0
        var retired = 0
        for seed in 201...212 as ClosedRange<UInt64> {
            let report = try FleetSimulation().run(plan(seed, retires: retires))
            #expect(report.violations == [], "seed \(seed)")
            for count in report.counts {
                if count.name == "collected records" { collected += count.count }
                if count.name == "retired replicas" { retired += count.count }
            }
        }
        // Fewer would say that deleted records are not let go of, or not deleted any more.
        #expect(collected >= (retires ? 15 : 8), "\(collected)")
        #expect(!retires || retired >= 60, "\(retired)")
    }
}
