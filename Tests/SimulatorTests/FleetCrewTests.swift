import Foundation
import Simulator
import Synchronization
import Testing

/// Many runs at once.
@Suite struct FleetCrewTests {
    @Test func `what runs come to does not depend on how many there are at once`() throws {
        func digests(jobs: Int) throws -> [String] {
            var digests: [String] = []
            try FleetCrew(FleetSimulation(), jobs: jobs)
                .run(6, plan: { FleetTests.plan(UInt64($0 + 1)) }) { plan, report in
                    #expect(plan.seed == report.seed)
                    digests.append(report.digest)
                }
            return digests
        }
        let alone = try digests(jobs: 1)
        #expect(alone.count == 6)
        #expect(Set(alone).count == 6)
        #expect(try digests(jobs: 4) == alone)
    }

    @Test func `no run begins after the time is up and those that began are told`() throws {
        let asked = Mutex(0)
        let crew = FleetCrew(FleetSimulation(), jobs: 1) {
            asked.withLock { asked in
                asked += 1
                return asked <= 2
            }
        }
        var seeds: [UInt64] = []
        let count = try crew.run(9, plan: { FleetTests.plan(UInt64($0 + 1), days: 1) }) {
            seeds.append($1.seed)
        }
        #expect(count == 2)
        #expect(seeds == [1, 2])
    }

    @Test func `whoever reads the reports can end the work`() throws {
        struct Enough: Error {}
        var seen = 0
        #expect(throws: Enough.self) {
            try FleetCrew(FleetSimulation(), jobs: 2)
                .run(1_000, plan: { FleetTests.plan(UInt64($0 + 1), devices: 2, days: 1) }) {
                    _,
                    _ in
                    seen += 1
                    if seen == 3 { throw Enough() }
                }
        }
        #expect(seen == 3)
    }

    @Test func `rare branches are counted where the build counts them`() throws {
        var tally = FleetTally()
        for seed in 1...4 as ClosedRange<UInt64> {
            tally.add(try FleetSimulation().run(FleetTests.plan(seed)))
        }
        #expect(tally.runs == 4)
        let taken = tally.allMarks.count { $0.count > 0 }
        #expect(FleetTally.countsMarks ? taken > 3 : taken == 0)
    }
}
