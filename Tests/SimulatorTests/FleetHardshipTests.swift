import Simulator
import Testing

/// Fleets without any other fault, in which disks fail, versions mix and strangers try the hub.
@Suite struct FleetHardshipTests {
    /// A calm plan of four people and four days with one event more every twenty minutes.
    private static func plan(
        _ seed: UInt64,
        _ fault: FleetFault,
        _ verbs: [FleetEvent.Verb]
    ) -> FleetPlan {
        var plan = FleetTests.plan(seed, profile: .none, devices: 4, days: 4)
        plan.rates[fault] = 1_000
        for number in 0..<Int64(280) {
            plan.events.append(
                FleetEvent(
                    at: number * 1_200_000,
                    device: Int(number % 4),
                    verb: verbs[Int(number) % verbs.count],
                    seed: seed &* 1_000_003 &+ UInt64(number),
                    value: number % 3 == 0 ? 1 : 2
                )
            )
        }
        plan.events.sort { ($0.at, $0.device, $0.seed) < ($1.at, $1.device, $1.seed) }
        return plan
    }

    private static func counts(_ report: FleetReport) -> [String: Int] {
        Dictionary(report.counts.map { ($0.name, $0.count) }) { $1 }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `disks fail and machines stop, and nothing that was acknowledged is lost`(
        seed: UInt64
    ) throws {
        let plan = Self.plan(
            seed,
            .diskFault,
            [.diskFault, .hubDiskFault, .crash, .hubCrash, .write]
        )
        let report = try FleetSimulation().run(plan)
        #expect(report.violations == [])
        let counts = Self.counts(report)
        #expect(counts["disk failed a write", default: 0] > 0)
        #expect(counts["disk failed an exchange", default: 0] > 0)
    }

    @Test func `a full disk meets an answer, and what it held comes again`() throws {
        var full = 0
        for seed in 1...4 as ClosedRange<UInt64> {
            let plan = Self.plan(seed, .diskFault, [.write, .diskFault, .sync])
            let report = try FleetSimulation().run(plan)
            #expect(report.violations == [], "seed \(seed)")
            full += report.marks.first { $0.name == "disk full in an apply" }?.count ?? 0
        }
        #expect(full > 0)
    }

    @Test func `a disk that only says that it has written is found out`() throws {
        var options = FleetSimulation.Options()
        options.canary = true
        let plan = Self.plan(1, .diskFault, [.write, .crash])
        let report = try FleetSimulation(options: options).run(plan)
        #expect(!report.isKept)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `what an older version does not know goes through it as it was`(seed: UInt64) throws {
        let report = try FleetSimulation()
            .run(Self.plan(seed, .oldProgram, [.install, .write, .sync, .meet]))
        #expect(report.violations == [])
        #expect(Self.counts(report)["install", default: 0] > 20)
        let marks = Dictionary(report.marks.map { ($0.name, $0.count) }) { $1 }
        #expect(marks["folded for a schema", default: 0] > 5, "seed \(seed)")
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `a hub of the version before hands on what it does not know`(seed: UInt64) throws {
        var plan = Self.plan(seed, .oldHub, [.write, .sync, .hubInstall, .write, .sync])
        plan.hubSchema = 1
        let report = try FleetSimulation().run(plan)
        #expect(report.violations == [])
        #expect(Self.counts(report)["hubInstall", default: 0] > 20)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `what was given wrongly leaves when it is taken back`(seed: UInt64) throws {
        var plan = Self.plan(
            seed,
            .wrongGrant,
            [.write, .sync, .wrongGrant, .sync, .revoke, .sync]
        )
        // The first two see everything; the others have a town each.
        for (index, device) in plan.devices.indices.enumerated() where index > 1 {
            plan.devices[device].towns = 1 << Int64(index - 2)
        }
        for index in plan.events.indices where plan.events[index].verb == .wrongGrant {
            plan.events[index].value = 4
        }
        let report = try FleetSimulation().run(plan)
        #expect(report.violations == [])
        #expect(Self.counts(report)["taken back", default: 0] > 3, "\(Self.counts(report))")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a town that becomes part of another takes its findings along`(seed: UInt64) throws {
        var plan = Self.plan(seed, .townMerge, [.write, .sync, .write, .townMerge, .sync])
        for index in plan.events.indices where plan.events[index].verb == .townMerge {
            plan.events[index].device = 0
            plan.events[index].value = [1, 12, 20][index % 3]
        }
        plan.devices[0].towns = 0
        plan.devices[2].towns = 1
        plan.devices[3].towns = 6
        let report = try FleetSimulation().run(plan)
        #expect(report.violations == [])
        #expect(Self.counts(report)["moved with a town", default: 0] > 20, "seed \(seed)")
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func `a stranger gets a typed answer and leaves no trace`(seed: UInt64) throws {
        let report = try FleetSimulation().run(Self.plan(seed, .stranger, [.stranger]))
        #expect(report.violations == [])
        let tricks = Self.counts(report).filter { $0.key.hasPrefix("stranger: ") }
        #expect(tricks.count == 16, "\(tricks.keys.sorted())")
    }

    @Test func `texts and names that only look the same stay apart`() throws {
        let report = try FleetSimulation().run(Self.plan(1, .twins, [.write, .sync]))
        #expect(report.violations == [])
    }
}
