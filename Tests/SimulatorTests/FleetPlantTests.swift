import Simulator
import Testing

/// That every check rings: a lie is told to a sound run, and the promise that it breaks is named.
@Suite struct FleetPlantTests {
    @Test(arguments: FleetPlant.allCases)
    func `a planted lie is found by the check that it concerns`(plant: FleetPlant) throws {
        let plan = FleetTests.plan(1, profile: .none)
        #expect(try FleetSimulation().run(plan).violations == [])
        var options = FleetSimulation.Options()
        options.plant = plant
        let report = try FleetSimulation(options: options).run(plan)
        #expect(report.violations.first?.invariant == plant.invariant, "\(report.violations)")
    }
}
