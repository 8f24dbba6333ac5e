import DiskFaults
import Foundation
import Replication

/// Runs plans: a fleet's stores, its hub and its network in one process under a virtual clock.
///
/// ```swift
/// let plan = PlanMaker.plan(scenario, seed: 17)
/// let report = try FleetSimulation().run(plan)
/// print(report.violations, report.digest)
/// ```
public struct FleetSimulation: Sendable {
    /// How a plan is run.
    public struct Options: Sendable {
        /// Called with each step's time and what it is.
        public var trace: (@Sendable (String) -> Void)?
        /// Called with the number of the event and how many there are.
        public var progress: (@Sendable (Int, Int) -> Void)?
        /// A planted fault, by which tests prove that an alarm rings.
        public var canary = false

        /// A lie that is told to the run, by which tests prove that a check still rings.
        package var plant: FleetPlant?

        /// Makes the default options.
        public init() {}
    }

    private let options: Options

    /// Makes a simulation.
    public init(options: Options = Options()) { self.options = options }

    /// Runs a plan in a folder of its own, which is deleted.
    ///
    /// - Throws: what the engine throws where nothing may be thrown.
    public func run(_ plan: FleetPlan) throws -> FleetReport {
        _ = FaultDisk.keepsNoAccount
        let folder = FleetSimulation.newFolder()
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try FleetRun(plan, options: options, folder: folder)
        let (report, marks) = Mark.counting {
            do {
                return try run.run()
            } catch {
                // The engine may throw only where the run expects it.
                run.violate(.oneOwner, "the engine throws: \(error)")
                return run.report
            }
        }
        var result = report
        result.marks = marks.map { .init(name: $0.mark.rawValue, count: $0.count) }
        return result
    }

    /// Memory is quicker than a disk, and here nothing has to last.
    private static func newFolder() -> String {
        let memory = "/dev/shm"
        let base =
            FileManager.default.isWritableFile(atPath: memory)
            ? memory + "/" : NSTemporaryDirectory()
        return base + "fleet-" + ProcessInfo.processInfo.globallyUniqueString
    }
}
