import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: words("Exchange changes with the hub, or through a file.", "与中心同步，或通过文件交换。"),
        discussion: words(
            "Without a network: --to-file writes what another device lacks (everything, or what its "
                + "`field status --json` in --peer leaves out), --from-file merges such a file. "
                + "--watch stays until Ctrl-C: what is recorded goes up, what others record comes "
                + "down as it happens; other commands can use the store meanwhile.",
            "没有网络时：--to-file 写出对方缺少的变更（缺省为全部，--peer 给出对方 `field status --json` "
                + "的结果则只写其缺少的部分）；--from-file 合并这样的文件。--watch 持续运行直至 Ctrl-C：本机记录随即上行，"
                + "他人记录随即下行，其间其他命令可照常使用本存储。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Option(
        help: ArgumentHelp(
            words("The hub; kept for the next time once it worked.", "中心地址；成功后记下供下次使用。"),
            valueName: "url"
        )
    )
    var hub: String?

    @Option(help: ArgumentHelp(words("Tries before giving up.", "失败前的尝试次数。"))) var tries: Int = 6

    @Option(help: ArgumentHelp(words("Seconds that one exchange may take.", "单次交换的时限（秒）。")))
    var timeout: Int = 60

    @Option(
        help: ArgumentHelp(
            words(
                "Rehearse a fault of the link on the first message: lose-request, lose-response, "
                    + "cut-response.",
                "演练：第一条消息遇到链路故障：lose-request、lose-response、cut-response。"
            )
        )
    )
    var rehearse: Rehearsal?

    @Flag(help: ArgumentHelp(words("Stay and keep in step.", "持续运行，随时同步。")))
    var watch = false

    @Option(
        help: ArgumentHelp(words("Write a delta file.", "写出差异文件。")),
        completion: .file(extensions: ["delta"])
    )
    var toFile: String?

    @Option(
        help: ArgumentHelp(words("Merge a delta file.", "合并差异文件。")),
        completion: .file(extensions: ["delta"])
    )
    var fromFile: String?

    @Option(
        help: ArgumentHelp(words("The other device's status as JSON.", "对方状态的 JSON 文件。")),
        completion: .file(extensions: ["json"])
    )
    var peer: String?

    func validate() throws {
        guard tries > 0, timeout > 0 else {
            throw ValidationError(
                words("--tries and --timeout start at 1.", "--tries 与 --timeout 至少为 1。")
            )
        }
        guard !watch || (toFile == nil && fromFile == nil && rehearse == nil) else {
            throw ValidationError(
                words("--watch goes with a hub only.", "--watch 只用于与中心同步。")
            )
        }
        guard toFile == nil || fromFile == nil else {
            throw ValidationError(words("Give one file option.", "--to-file 与 --from-file 只能选一个。"))
        }
    }

    func run() async throws {
        if watch { return try await SyncWatch(self).run() }
        let context = try CommandContext(options)
        if let toFile { return try writeDelta(toFile, context) }
        if let fromFile { return try mergeDelta(fromFile, context) }
        let (summary, raised) = try await exchange(context)
        try report(summary, context)
        sayFlagged(raised, context)
    }

    /// Syncs once with the hub, and brings what came up to what the rules say.
    ///
    /// - Returns: what the sync did, and the findings whose flag was raised.
    func exchange(_ context: CommandContext) async throws -> (SyncSummary, [RecordKey]) {
        let address = hub ?? context.device.hub
        guard !address.isEmpty else { throw Failure.input(Messages.noHub) }
        let http = try HTTPTransport(url: address, timeoutSeconds: Int64(timeout))
        let transport: any SyncTransport =
            rehearse.map { RehearsalTransport(http, fault: $0) } ?? http
        var session = SyncSession.Options()
        session.triesMax = tries
        let progress = ProgressLine()
        let summary: SyncSummary
        do {
            summary = try await context.replica.synchronize(with: transport, options: session) {
                progress.show(
                    Messages.phase($0.phase, reason: $0.reason),
                    done: $0.done,
                    of: $0.of,
                    bytes: $0.bytes
                )
            }
            progress.end()
        } catch {
            progress.end()
            // What came down before the cut stays, and may complete a crime's facts.
            try FindingSettler(context).settleArrivals()
            context.output.remark(
                Messages.stillWaiting(try context.replica.status().waitingChanges)
            )
            throw error
        }
        if address != context.device.hub {
            // Only now: an address that does not work must not take the place of one that does.
            var device = context.device
            device.hub = address
            try device.write(in: context.folder)
        }
        return (summary, try FindingSettler(context).settleArrivals(summary.entriesDown))
    }

    func sayFlagged(_ findings: [RecordKey], _ context: CommandContext) {
        for key in findings {
            context.output.line(Messages.flagged(ShortReference.text(key)), style: .red)
        }
    }

    func report(_ summary: SyncSummary, _ context: CommandContext) throws {
        let status = try context.replica.status()
        let output = context.output
        output.line(Messages.synced(summary), style: .green)
        output.line(Messages.syncBytes(summary), style: .dim)
        if let id = summary.reincarnatedAs {
            output.line(Messages.reincarnated(id), style: .yellow)
        }
        if status.quarantined > 0 {
            output.line(Messages.quarantined(status.quarantined), style: .yellow)
        }
        if status.conflicts > 0 {
            output.line(Messages.openConflicts(status.conflicts), style: .yellow)
        }
        try context.reportWaiting()
        output.json(
            .object([
                "changesUp": .integer(Int64(summary.changesUp)),
                "entriesDown": .integer(Int64(summary.entriesDown)),
                "requestBytes": .integer(Int64(summary.requestBytes)),
                "responseBytes": .integer(Int64(summary.responseBytes)),
                "roundTrips": .integer(Int64(summary.roundTrips)),
                "retries": .integer(Int64(summary.retries)),
                "quarantined": .integer(Int64(status.quarantined)),
                "conflicts": .integer(Int64(status.conflicts)),
                "waiting": .integer(Int64(status.waitingChanges)),
            ])
        )
    }

    private func writeDelta(_ path: String, _ context: CommandContext) throws {
        var knowledge = VersionVector()
        var cursor: UInt64 = 0
        if let peer { (knowledge, cursor) = try PeerStatus.read(peer) }
        let bytes = try context.replica.delta(since: knowledge, cursor: cursor)
        try InputFile.write(bytes, to: path)
        guard path != "-" else { return }
        context.output.line(Messages.deltaWritten(path, bytes.count), style: .green)
        context.output.json(
            .object(["file": .string(path), "bytes": .integer(Int64(bytes.count))])
        )
    }

    private func mergeDelta(_ path: String, _ context: CommandContext) throws {
        let bytes = try InputFile.read(path)
        let count: Int
        do { count = try context.replica.merge(delta: bytes) } catch let error as WireError {
            throw Failure.input(Messages.file(path, "\(error)"))
        } catch let error as SyncError {
            throw Failure.input(Messages.file(path, "\(error)"))
        }
        let raised = try FindingSettler(context).settleArrivals(count)
        let conflicts = try context.replica.status().conflicts
        context.output.line(Messages.deltaMerged(path, count), style: .green)
        sayFlagged(raised, context)
        if conflicts > 0 { context.output.line(Messages.openConflicts(conflicts), style: .yellow) }
        try context.reportWaiting()
        context.output.json(
            .object([
                "file": .string(path), "entries": .integer(Int64(count)),
                "conflicts": .integer(Int64(conflicts)),
            ])
        )
    }
}

/// Another device's status, as `field status --json` writes it.
enum PeerStatus {
    /// Reads what the device has.
    static func read(_ path: String) throws -> (VersionVector, UInt64) {
        let value = try JSONParser().parse(try InputFile.read(path))
        var knowledge = VersionVector()
        guard let entries = value["knowledge"]?.array, let cursor = value["cursor"]?.integer,
            cursor >= 0
        else { throw Failure.input(Messages.file(path, Messages.noStatusFile)) }
        for entry in entries {
            guard let id = entry["replica"]?.string.flatMap({ ReplicaID($0) }),
                let counter = entry["counter"]?.integer, counter > 0
            else { throw Failure.input(Messages.file(path, Messages.noStatusFile)) }
            knowledge[id] = UInt64(counter)
        }
        return (knowledge, UInt64(cursor))
    }
}
