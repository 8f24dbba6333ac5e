import ArgumentParser
import Foundation
import Interchange
import Simulator

#if FIELD_MUTANTS
import Replication
#endif

/// `field simulate`.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: words(
            "Run a fleet under faults that a seed decides.",
            "在由种子决定的故障下模拟整支队伍。"
        ),
        discussion: words(
            "Real stores, the real hub and the real codec under a virtual clock and network. A seed that "
                + "breaks a promise is named with the promise, the event, and a plan made as small as it "
                + "gets. Exit code 0: every promise was kept; 1: one was broken; 2: a scenario or plan "
                + "is not valid.",
            "真实存储、真实中心与真实编码，配以虚拟时钟和网络。若某种子违背了不变式，会给出该不变式、事件序号"
                + "和缩到最小的计划。退出码 0：全部守住；1：有违背；2：场景或计划无效。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Argument(
        help: ArgumentHelp(
            words(
                "A scenario of seeds/scenarios, or a YAML file.",
                "seeds/scenarios 中的场景名，或 YAML 文件。"
            ),
            valueName: "scenario"
        )
    )
    var scenario: String?

    @Option(help: ArgumentHelp(words("The seed.", "种子。")))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(words("Many seeds, as 1..100.", "多个种子，如 1..100。"), valueName: "A..B")
    )
    var seeds: String?

    @Option(help: ArgumentHelp(words("How many devices.", "设备数。")))
    var devices: Int?

    @Option(help: ArgumentHelp(words("How many virtual days.", "虚拟天数。")))
    var days: Int64?

    @Option(
        help: ArgumentHelp(
            words("Which faults: none, network, process, swarm.", "故障：none、network、process、swarm。"),
            valueName: "profile"
        )
    )
    var faults: String = "swarm"

    @Option(
        help: ArgumentHelp(
            words("A file for the report: .html or .json.", "报告文件：.html 或 .json。"),
            valueName: "file"
        ),
        completion: .file(extensions: ["html", "json"])
    )
    var report: String?

    @Option(
        help: ArgumentHelp(words("Run a plan again.", "重放一个计划。"), valueName: "plan"),
        completion: .file(extensions: ["jsonl"])
    )
    var replay: String?

    @Option(
        help: ArgumentHelp(words("Make a failing plan smaller.", "缩小一个失败的计划。"), valueName: "plan"),
        completion: .file(extensions: ["jsonl"])
    )
    var shrink: String?

    @Option(
        help: ArgumentHelp(
            words("Where plans of failures go.", "失败计划的存放文件夹。"),
            valueName: "folder"
        ),
        completion: .directory
    )
    var plans: String = "."

    @Flag(help: ArgumentHelp(words("Run each seed in a second process too.", "另起进程再跑一遍并比对。")))
    var twice = false

    @Flag(help: ArgumentHelp(words("Tell every step on standard error.", "在标准错误输出每一步。")))
    var trace = false

    @Flag(
        help: ArgumentHelp(
            words("Plant a fault that must be found.", "植入一个必须被发现的故障。"),
            visibility: .hidden
        )
    )
    var canary = false

    @OptionGroup var crew: SimulateCrewOptions

    #if FIELD_MUTANTS
    @Option(help: ArgumentHelp(words("Plant a bug, as M4.", "植入一个缺陷，如 M4。")))
    var mutant: String?
    #endif

    func run() throws {
        #if FIELD_MUTANTS
        Mutant.select(mutant.flatMap(Mutant.init(name:)))
        #endif
        let plans = try makePlans()
        let line = ProgressLine()
        let deadline = crew.minutes.map { ContinuousClock.now + .seconds($0 * 60) }
        let workers = FleetCrew(
            FleetSimulation(options: settings(line, isOne: plans.count == 1)),
            jobs: trace ? 1 : crew.jobs,
            mayGoOn: { deadline.map { ContinuousClock.now < $0 } ?? true }
        )
        var tally = FleetTally()
        var reports: [FleetReport] = []
        let count = try workers.run(plans.count, plan: plans.plan) { plan, result in
            line.show(words("simulating", "模拟"), done: tally.runs, of: plans.count)
            if !crew.brief || !result.isKept {
                line.end()
                show(result)
            }
            tally.add(result)
            if report != nil || options.json { reports.append(result) }
            if shrink != nil || (!result.isKept && replay == nil) {
                try minimise(plan, result, line)
            }
            if twice, try digestOfSecondProcess(plan) != result.digest {
                options.output.line("  \(FleetInvariant.determinism.rawValue)", style: .red)
                throw ExitCode(ExitStatus.different.rawValue)
            }
        }
        line.end()
        try write(reports)
        options.output.json(.array(reports.map(\.json)))
        let isMarked = crew.show(tally, of: plans.count, reached: count, on: options.output)
        if tally.broken > 0 || !isMarked { throw ExitCode(ExitStatus.different.rawValue) }
    }

    private func settings(_ line: ProgressLine, isOne: Bool) -> FleetSimulation.Options {
        var settings = FleetSimulation.Options()
        settings.canary = canary
        if trace { settings.trace = { Output.remark($0) } }
        if isOne {
            settings.progress = { line.show(words("simulating", "模拟"), done: $0, of: $1) }
        }
        return settings
    }

    // MARK: Plans

    /// Plans that are made when their turn comes: fifty thousand of them take much memory.
    private struct Plans {
        let count: Int
        let plan: @Sendable (Int) -> FleetPlan
    }

    private func makePlans() throws -> Plans {
        if let path = replay ?? shrink {
            let plan = try SimulateCommand.readPlan(path)
            return Plans(count: 1) { _ in plan }
        }
        guard let scenario else {
            throw ValidationError(
                words(
                    "name a scenario, or give --replay or --shrink",
                    "请给出场景名，或用 --replay、--shrink"
                )
            )
        }
        guard let profile = FleetProfile(rawValue: faults) else {
            let known = FleetProfile.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.input(
                Messages.field("--faults", Messages.wrong(Messages.isNo(faults), known))
            )
        }
        if let devices, !(1...2_000).contains(devices) {
            throw Failure.input(Messages.field("--devices", Messages.wrong("\(devices)", "1…2000")))
        }
        if let days, !(1...1_000).contains(days) {
            throw Failure.input(Messages.field("--days", Messages.wrong("\(days)", "1…1000")))
        }
        var drawn = PlanMaker.Options()
        drawn.devices = devices
        drawn.days = days
        drawn.profile = profile
        let description = try FleetScenarioFile.read(scenario)
        do { try description.check(drawn) } catch { throw Failure.input("\(error)") }
        let (seeds, options) = (try seedRange(), drawn)
        return Plans(count: seeds.count) {
            PlanMaker.plan(description, seed: seeds.lowerBound + UInt64($0), options: options)
        }
    }

    private func seedRange() throws -> ClosedRange<UInt64> {
        guard let seeds else { return seed...seed }
        let ends = seeds.components(separatedBy: "..").compactMap { UInt64($0) }
        guard ends.count == 2, ends[0] <= ends[1], ends[1] - ends[0] < 10_000_000 else {
            throw Failure.input(
                Messages.field("--seeds", Messages.wrong(Messages.isNo(seeds), "1..100"))
            )
        }
        return ends[0]...ends[1]
    }

    private static func readPlan(_ path: String) throws -> FleetPlan {
        do { return try FleetPlan(lines: try InputFile.read(path)) } catch let error as FleetError {
            throw Failure.input(Messages.file(path, "\(error)"))
        }
    }

    // MARK: Results

    private func show(_ report: FleetReport) {
        let verdict = report.isKept ? words("kept", "守住") : words("BROKEN", "违背")
        options.output.line(
            words(
                "seed \(report.seed)  \(verdict)  \(report.devices) devices  "
                    + "\(report.writes) changes  \(report.finished)/\(report.exchanges) exchanges  "
                    + "digest \(report.digest)",
                "种子 \(report.seed)  \(verdict)  \(report.devices) 台设备  \(report.writes) 项变更  "
                    + "\(report.finished)/\(report.exchanges) 次同步  摘要 \(report.digest)"
            ),
            style: report.isKept ? .plain : .red
        )
        for violation in report.violations { options.output.line("  \(violation)", style: .red) }
    }

    /// Keeps the plan of a failure, and one that is as small as it gets.
    private func minimise(
        _ plan: FleetPlan,
        _ report: FleetReport,
        _ line: ProgressLine
    ) throws {
        guard let violation = report.violations.first else {
            options.output.remark(words("the plan keeps every promise", "该计划未违背任何不变式"))
            return
        }
        let base = plans + "/\(plan.scenario)-\(plan.seed)"
        if shrink == nil { try InputFile.write(plan.lines, to: base + ".jsonl") }
        var quiet = FleetSimulation.Options()
        quiet.canary = canary
        let simulation = FleetSimulation(options: quiet)
        // A large plan takes seconds each time: among many seeds it is shrunk as far as a minute goes.
        let isPatient = shrink != nil
        let end = ContinuousClock.now + .seconds(60)
        var shrinker = FleetShrinker(
            invariant: violation.invariant,
            progress: { events, runs in
                line.show(
                    words("shrinking: \(events) events", "缩小：\(events) 个事件"),
                    done: runs,
                    of: 600
                )
            },
            run: {
                guard isPatient || ContinuousClock.now < end else { return nil }
                return try? simulation.run($0).violations.first
            }
        )
        let small = shrinker.shrink(plan)
        line.end()
        let target =
            shrink.map { $0.replacing(".jsonl", with: "") + ".min.jsonl" } ?? base + ".min.jsonl"
        try InputFile.write(small.lines, to: target)
        options.output.line(
            words(
                "  shrunk to \(small.events.count) events: field simulate --replay \(target)",
                "  已缩至 \(small.events.count) 个事件：field simulate --replay \(target)"
            )
        )
    }

    private func write(_ reports: [FleetReport]) throws {
        guard let report else { return }
        let text =
            report.hasSuffix(".html")
            ? FleetPage(reports).html
            : JSONWriter(style: .pretty).text(of: .array(reports.map(\.json))) + "\n"
        try InputFile.write(Array(text.utf8), to: report)
    }

    /// The digest to which another process comes, with hashes of its own.
    private func digestOfSecondProcess(_ plan: FleetPlan) throws -> String {
        let path = NSTemporaryDirectory() + "plan-" + ProcessInfo.processInfo.globallyUniqueString
        try InputFile.write(plan.lines, to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process()
        process.executableURL = Bundle.main.executableURL
        process.arguments =
            ["simulate", "--replay", path, "--json"] + (canary ? ["--canary"] : [])
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let reports = try JSONParser().parse(Array(data)).array
        return reports?.first?["digest"]?.string ?? ""
    }
}
