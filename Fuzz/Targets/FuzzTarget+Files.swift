import Foundation
import Interchange
import Simulator

@testable import FieldCLI

extension FuzzTarget {
    /// Files that operators write: plans, and what the commands read as YAML.
    static let files: [FuzzTarget] = [
        FuzzTarget(
            name: "plan",
            subject: "plans of simulated fleets",
            seeds: ["Tests/Regressions"],
            names: { $0 is FleetError },
            read: { bytes in
                let plan = try FleetPlan(lines: bytes)
                try hold(try FleetPlan(lines: plan.lines) == plan, "a plan is written and read")
            }
        ),
        yaml("scenario", "scenarios of fleets in YAML, and the plans that they make") { folder in
            let scenario = try FleetScenarioFile.read(folder + "/file.yaml")
            // A plan of a moment: the size of others is held by `FleetScenario.check`.
            guard scenario.writes + scenario.syncs <= 16 else { return }
            var options = PlanMaker.Options()
            options.days = min(scenario.days, 3)
            options.devices = min(scenario.devicesMax, 4)
            let plan = PlanMaker.plan(scenario, seed: 1, options: options)
            try hold(try FleetPlan(lines: plan.lines) == plan, "a plan is written and read")
        },
        yaml("story", "stories of the demo in YAML", in: "demo") { folder in
            _ = try Scenario(named: "file", in: folder)
        },
        yaml("mapping", "mappings of foreign files in YAML") { folder in
            let file = try MappingFile(path: folder + "/file.yaml")
            guard try file.text("type") == "track" else { return _ = try Mapping(file) }
            let tracks = try TrackMapping(file)
            let table = folder + "/points.csv"
            try points.write(toFile: table, atomically: false, encoding: .utf8)
            let data = try ImportFile(
                path: table,
                format: tracks.format,
                delimiter: tracks.delimiter,
                encoding: tracks.encoding
            )
            _ = try tracks.read(data)
        },
    ]

    /// A file in YAML, which is written into a folder of its own.
    private static func yaml(
        _ name: String,
        _ subject: String,
        in subfolder: String = "",
        read: @Sendable @escaping (_ folder: String) throws -> Void
    ) -> FuzzTarget {
        FuzzTarget(
            name: name,
            subject: subject,
            seeds: ["seeds/" + name + "s", "seeds/" + subfolder, "Fuzz/Seeds/" + name],
            names: { error in
                // What the commands show as invalid input, with the place.
                Failure.of(error)?.status == .invalidInput
            },
            read: { bytes in
                let folder = scratch + "/" + name
                let path = folder + "/" + subfolder
                try FileManager.default.createDirectory(
                    atPath: path,
                    withIntermediateDirectories: true
                )
                try Data(bytes).write(to: URL(fileURLWithPath: path + "/file.yaml"))
                try read(folder)
            }
        )
    }

    /// What a mapping of tracks is tried on.
    private static let points = """
        id,fixtime,lat,lon,patrol_label
        1,2026-08-03T18:51:20,30.8712345678,120.123456,夜间
        1,2026-08-03 18:52:20,30.88,120.2,夜间
        2,,91,"a
        b",
        2,1785744000,0,0,x

        """
}
