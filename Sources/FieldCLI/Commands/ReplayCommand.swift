import ArgumentParser
import Foundation
import Interchange
import Replication
import Simulator
import SyncCore

/// `field replay`.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: words("Run a recorded history over real stores.", "在真实存储上重放一段历史。"),
        discussion: words(
            "Every device of the trace gets a store of its own, the hub another. The whole trace is "
                + "checked before anything runs. Exit code 0: every device whose last event is a sync "
                + "agrees with the hub; 1: one does not; 2: the trace or the schema is not valid; 73: a folder or "
                + "file of results cannot be written, which is found out before the run.",
            "轨迹中每台设备各有一个存储，中心另有一个。运行前先检查整个轨迹。退出码 0：末尾事件为同步的设备均与"
                + "中心一致；1：有不一致；2：轨迹或模式无效；73：结果文件或文件夹无法写入，运行前即检查。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Argument(
        help: ArgumentHelp(
            words(
                "The trace: JSON Lines, plain or gzip; - is standard input.",
                "轨迹：JSON Lines，可为 gzip 压缩；- 为标准输入。"
            ),
            valueName: "trace"
        ),
        completion: .file(extensions: ["jsonl", "gz"])
    )
    var trace: String

    @Option(
        help: ArgumentHelp(words("The schema.", "模式文件。"), valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var schema: String

    @Option(
        help: ArgumentHelp(
            words("A folder for what every store holds at the end.", "输出各存储最终内容的文件夹。"),
            valueName: "folder"
        ),
        completion: .directory
    )
    var dump: String?

    @Option(
        help: ArgumentHelp(words("A file for the report.", "报告文件。"), valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var report: String?

    @Option(
        help: ArgumentHelp(
            words("An empty folder for the stores, to keep them.", "存放各存储的空文件夹，运行后保留。"),
            valueName: "folder"
        ),
        completion: .directory
    )
    var stores: String?

    @Option(help: ArgumentHelp(words("Decides all chance.", "决定一切随机量。")))
    var seed: UInt64 = 1

    func run() throws {
        if let report { try InputFile.checkWritable(report) }
        let line = ProgressLine()
        let result: ReplayReport
        do {
            let document = try JSONParser().parse(try InputFile.read(schema))
            let types = try ReplaySchema(json: document)
            var settings = Replay.Options()
            settings.seed = seed
            settings.stores = stores
            settings.dump = dump
            result = try Replay(schema: types, options: settings)
                .run(ReplayTrace(path: trace)) {
                    line.show(
                        ReplayCommand.phase($0.phase),
                        done: $0.done,
                        of: $0.of,
                        bytes: $0.bytes
                    )
                }
            line.end()
        } catch {
            line.end()
            throw ReplayCommand.failure(error, trace: trace, schema: schema)
        }
        if let report {
            let text = JSONWriter(style: .pretty).text(of: result.json) + "\n"
            try InputFile.write(Array(text.utf8), to: report)
        }
        show(result)
        if !result.converged { throw ExitCode(ExitStatus.different.rawValue) }
    }

    private static func phase(_ phase: Replay.Progress.Phase) -> String {
        switch phase {
        case .checking: words("checking", "检查")
        case .running: words("running", "运行")
        case .finishing: words("comparing", "比对")
        }
    }

    /// The line and the reason, with the file that is at fault.
    private static func failure(
        _ error: any Error,
        trace: String,
        schema: String
    ) -> any Error {
        switch error {
        case let error as ReplayError: Failure.input(Messages.file(trace, "\(error)"))
        case let error as ReplayOutputError: Failure(.cannotWrite, "\(error)")
        case let error as SchemaDocumentError: Failure.input(Messages.file(schema, "\(error)"))
        case let error as InterchangeError: Failure.input(Messages.file(schema, "\(error)"))
        default: error
        }
    }

    private func show(_ report: ReplayReport) {
        let output = options.output
        var table = TextTable(columns: [
            .init(words("store", "存储")), .init(words("records", "记录"), alignment: .right),
            .init(words("changes", "变更"), alignment: .right),
            .init(words("conflicts", "冲突"), alignment: .right), .init(words("state", "状态")),
        ])
        for store in [report.hub] + report.devices {
            table.append([
                .init(store.name), .init(String(store.records)), .init(String(store.changes)),
                .init(String(store.conflictsOpen)), .init(store.stateHash),
            ])
        }
        output.table(table, whenEmpty: "")
        let totals = report.totals
        output.line(
            words(
                "\(totals.edits) edits in \(totals.changes) changes, \(report.syncs.count) syncs, "
                    + "\(SizeFormat.text(bytes: Int64(totals.requestBytes))) up, "
                    + "\(SizeFormat.text(bytes: Int64(totals.responseBytes))) down",
                "\(totals.edits) 次编辑，\(totals.changes) 项变更，\(report.syncs.count) 次同步，"
                    + "上行 \(SizeFormat.text(bytes: Int64(totals.requestBytes)))，"
                    + "下行 \(SizeFormat.text(bytes: Int64(totals.responseBytes)))"
            ),
            style: .dim
        )
        showFaults(report, output)
        output.json(report.json)
    }

    private func showFaults(_ report: ReplayReport, _ output: Output) {
        for missing in report.missing.prefix(10) {
            output.remark(
                words(
                    "line \(missing.line): \(missing.device) never received \(missing.record)",
                    "第 \(missing.line) 行：\(missing.device) 从未收到 \(missing.record)"
                )
            )
        }
        if report.missing.count > 10 {
            let more = report.missing.count - 10
            output.remark(words("… and \(more) more missing records", "……另有 \(more) 条记录缺失"))
        }
        for sync in report.syncs {
            guard let failure = sync.failure else { continue }
            output.remark(
                words(
                    "line \(sync.line): the sync of \(sync.device) ended early: \(failure)",
                    "第 \(sync.line) 行：\(sync.device) 的同步提前结束：\(failure)"
                )
            )
        }
        if report.lost > 0 {
            output.line(words("lost: \(report.lost)", "丢失：\(report.lost)"), style: .red)
        }
        if report.converged {
            output.line(
                words("every device agrees with the hub", "各设备均与中心一致"),
                style: .green
            )
        } else {
            let names = report.disagreeing.joined(separator: ", ")
            output.line(
                words("not as the hub: \(names)", "与中心不一致：\(names)"),
                style: .red
            )
        }
    }
}
