import ArgumentParser
import Interchange
import Simulator

/// The options of `field simulate` for many seeds.
struct SimulateCrewOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            words("How many seeds run at once; the cores decide otherwise.", "同时运行的种子数；缺省按处理器核数。")
        )
    )
    var jobs: Int?

    @Option(
        help: ArgumentHelp(
            words("Begin no more seeds after so many minutes.", "超过这么多分钟后不再开始新的种子。"),
            valueName: "n"
        )
    )
    var minutes: Int?

    @Flag(
        help: ArgumentHelp(
            words("Show broken seeds and the sum only.", "只显示违背的种子与合计。")
        )
    )
    var brief = false

    @Flag(
        help: ArgumentHelp(
            words(
                "Show how often each rare branch of the engine was taken.",
                "显示引擎中每个罕见分支走到的次数。"
            )
        )
    )
    var marks = false

    @Option(
        help: ArgumentHelp(
            words(
                "Fail where a rare branch was taken less often than this.",
                "若某个罕见分支少于此次数则失败。"
            ),
            valueName: "n"
        )
    )
    var marksMin: Int?

    func validate() throws {
        if let jobs, !(1...256).contains(jobs) {
            throw ValidationError(words("--jobs is 1 to 256", "--jobs 取 1 至 256"))
        }
        if let minutes, !(1...100_000).contains(minutes) {
            throw ValidationError(words("--minutes is 1 to 100000", "--minutes 取 1 至 100000"))
        }
        if marks || marksMin != nil, !FleetTally.countsMarks {
            throw ValidationError(
                words(
                    "this build counts no marks; build with FIELD_MARKS=1",
                    "此构建不统计标记；请以 FIELD_MARKS=1 构建"
                )
            )
        }
    }

    /// Shows what the runs add up to; returns false where a branch was not taken often enough.
    func show(_ tally: FleetTally, of planned: Int, reached: Int, on output: Output) -> Bool {
        if brief || reached < planned {
            output.line(
                words(
                    "\(reached) of \(planned) seeds, \(tally.broken) broken, \(tally.writes) changes, "
                        + "\(tally.exchanges) exchanges",
                    "\(planned) 个种子中运行了 \(reached) 个，违背 \(tally.broken) 个，\(tally.writes) 项变更，"
                        + "\(tally.exchanges) 次同步"
                ),
                style: tally.broken > 0 ? .red : .plain
            )
        }
        var isMarked = true
        for mark in marks || marksMin != nil ? tally.allMarks : [] {
            let isRare = mark.count < marksMin ?? 0
            if isRare { isMarked = false }
            let name = mark.name + String(repeating: " ", count: max(36 - mark.name.utf8.count, 1))
            if marks || isRare {
                output.line("  " + name + "\(mark.count)", style: isRare ? .red : .plain)
            }
        }
        return isMarked
    }
}
