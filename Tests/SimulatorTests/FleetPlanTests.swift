import Interchange
import Simulator
import Testing

/// Plans as values.
@Suite struct FleetPlanTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a plan reads what it writes`(seed: UInt64) throws {
        let plan = FleetTests.plan(seed, devices: 5, days: 6)
        #expect(!plan.events.isEmpty)
        #expect(try FleetPlan(lines: plan.lines) == plan)
    }

    @Test func `a seed makes one plan and another seed another`() {
        #expect(FleetTests.plan(4) == FleetTests.plan(4))
        #expect(FleetTests.plan(4) != FleetTests.plan(5))
    }

    @Test func `what one device does is drawn apart from what others do`() {
        let small = FleetTests.plan(6, profile: .none, devices: 2)
        let large = FleetTests.plan(6, profile: .none, devices: 3)
        func writes(_ plan: FleetPlan) -> [FleetEvent] {
            plan.events.filter { $0.device == 0 && $0.verb == .write }
        }
        #expect(writes(small) == writes(large))
    }

    @Test(arguments: [
        "", "[]", "{\"plan\": 2}", "{\"plan\": 1, \"scenario\": \"x\", \"seed\": \"zz\"}",
        "{\"plan\":1,\"scenario\":\"x\",\"seed\":\"1\",\"profile\":\"swarm\",\"length\":-1}",
    ])
    func `a file that is no plan is refused with a reason`(text: String) {
        #expect(throws: FleetError.self) { try FleetPlan(lines: Array(text.utf8)) }
    }

    @Test func `an event names only what is in the header`() throws {
        var lines = FleetTests.plan(1).lines
        lines += Array("{\"at\":1,\"device\":77,\"do\":\"write\",\"seed\":\"1\"}\n".utf8)
        #expect(throws: FleetError.self) { try FleetPlan(lines: lines) }
    }

    @Test func `a scenario says what it does not know`() throws {
        let good: JSONValue = ["days": 2, "devices": [2, 3], "links": [["name": "4G"]]]
        #expect(try FleetScenario(name: "s", json: good).devicesMax == 3)
        for bad in [["dayz": 2], ["days": 0], ["devices": [3, 2]], ["links": [[:]]]] as [JSONValue]
        {
            #expect(throws: FleetError.self) { try FleetScenario(name: "s", json: bad) }
        }
    }
}
