import ArgumentParser
import Foundation
import Interchange
import MergeServer
import Models
import Replication
import SyncCore

/// `field hub`.
struct HubCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hub",
        abstract: words("Care for a hub's store while it does not serve.", "在中心停机时维护其存储。"),
        subcommands: [
            HubCompactCommand.self, HubReplicasCommand.self, HubRetireCommand.self,
        ]
    )
}

/// The hub's folder, and how results look.
struct HubOptions: ParsableArguments {
    @OptionGroup var outputOptions: OutputOptions

    @Argument(
        help: ArgumentHelp(words("The hub's folder.", "中心的文件夹。"), valueName: "store"),
        completion: .directory
    )
    var folder: String

    var output: Output { outputOptions.output }

    /// Opens the store; one that is not there is not made.
    func open() throws -> SQLiteHubStorage {
        guard FileManager.default.fileExists(atPath: folder + "/store.sqlite") else {
            throw Failure(.storeUnavailable, Messages.noHub(folder))
        }
        return try SQLiteHubStorage(folder: folder, schema: District.schema)
    }

    /// The hub's clock.
    var now: Int64 { CoreEnvironment.system.now() }
}

/// `field hub compact`.
struct HubCompactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: words("Let the content of deleted records go.", "清理已删除记录的内容。"),
        discussion: words(
            "A record that was deleted 30 days ago is closed: nobody can bring it back. Once every replica "
                + "has heard of that, its content goes; who deleted it, and when, stays. What was "
                + "sealed or voided, and legal facts, are never touched. `field serve` does this daily.",
            "删除满 30 天的记录会被关闭，不能再恢复；所有副本得知后才清理内容，由谁何时删除仍保留。"
                + "封存、作废的记录和法律事实从不清理。`field serve` 每天执行一次。"
        )
    )

    @OptionGroup var options: HubOptions

    @Flag(help: ArgumentHelp(words("Say what would be done.", "只说明将做什么。")))
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            words("Close what was deleted so many days ago.", "关闭删除满若干天的记录。"),
            valueName: "days"
        )
    )
    var olderThan: Int = 30

    func validate() throws {
        guard (0...36_500).contains(olderThan) else {
            throw ValidationError(words("Days are 0 to 36500.", "天数为 0 至 36500。"))
        }
    }

    func run() throws {
        let storage = try options.open()
        var how = HubCompaction.Options()
        how.isDryRun = dryRun
        how.olderThan = Int64(olderThan) * HubCompaction.day
        let report = try storage.compact(how, now: options.now)
        try storage.close()
        let output = options.output
        for line in Messages.compaction(report, isDryRun: dryRun) { output.line(line) }
        output.json(
            .object([
                "dryRun": .boolean(dryRun), "closed": .integer(Int64(report.closed)),
                "collected": .integer(Int64(report.collected)),
                "young": .integer(Int64(report.young)),
                "waiting": .integer(Int64(report.waiting)),
                "bytes": .integer(Int64(report.bytes)),
                "stable": .integer(Int64(clamping: report.stable)),
                "head": .integer(Int64(clamping: report.head)),
                "waitingFor": .array(report.holders.map { .string($0.description) }),
                "fileBytesBefore": .integer(Int64(clamping: report.fileBytesBefore)),
                "fileBytesAfter": .integer(Int64(clamping: report.fileBytesAfter)),
            ])
        )
    }
}

/// `field hub replicas`.
struct HubReplicasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replicas",
        abstract: words(
            "List the replicas, when each was here last, and how far it has come.",
            "列出各副本、最近联系时间和已收到的进度。"
        )
    )

    @OptionGroup var options: HubOptions

    func run() throws {
        let storage = try options.open()
        let now = options.now
        let roster = try storage.roster(now: now)
        let head = try storage.statistics().head
        try storage.close()
        var table = TextTable(columns: [
            .init(words("replica", "副本")), .init(words("last here", "最近联系"), isWhole: true),
            .init(words("days", "天数"), alignment: .right),
            .init(words("changes", "变更"), alignment: .right),
            .init(words("has", "已收到"), alignment: .right),
            .init(words("has seen", "已知晓"), alignment: .right), .init(words("state", "状态")),
        ])
        for entry in roster {
            let days = max(0, now - entry.silentSince) / HubCompaction.day
            table.append([
                .init(entry.replica.description, style: .cyan),
                .init(entry.contactAt.map(ValueText.time) ?? words("never", "从未")),
                .init(String(days)), .init(String(entry.counter)), .init(String(entry.cursor)),
                .init(String(entry.seen)), .init(Messages.rosterState(entry, head: head)),
            ])
        }
        options.output.table(table, whenEmpty: words("No replica yet.", "尚无副本。"))
        options.output.json(.array(roster.map(HubReplicasCommand.json)))
    }

    static func json(_ entry: HubReplica) -> JSONValue {
        func time(_ milliseconds: Int64?) -> JSONValue {
            milliseconds.map { .string(ValueText.instant($0)) } ?? .null
        }
        return .object([
            "replica": .string(entry.replica.description),
            "registered": .boolean(entry.isRegistered),
            "changes": .integer(Int64(clamping: entry.counter)),
            "cursor": .integer(Int64(clamping: entry.cursor)),
            "seen": .integer(Int64(clamping: entry.seen)), "since": time(entry.since),
            "lastContact": time(entry.contactAt), "retired": time(entry.retiredAt),
        ])
    }
}

/// `field hub retire`.
struct HubRetireCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: words(
            "Stop waiting for a replica that has long been silent.",
            "不再等待长期失联的副本。"
        ),
        discussion: words(
            "It is told to discard nothing: when it comes back, everything that it recorded is taken, and "
                + "it is waited for again. An edit of a record whose content has gone meanwhile opens a "
                + "conflict.",
            "不会要求它丢弃任何内容：恢复联系后，它记录的一切照常接收，并重新列入等待。若它修改了内容已清理的记录，会形成冲突。"
        )
    )

    @OptionGroup var options: HubOptions

    @Argument(help: ArgumentHelp(words("The replica, 16 hexadecimal digits.", "副本编号，16 位十六进制。")))
    var replica: String

    @Option(help: ArgumentHelp(words("Why; it is kept.", "理由，将留存。"))) var reason: String

    @Option(
        help: ArgumentHelp(
            words("How long it must have been silent.", "须已失联的天数。"),
            valueName: "days"
        )
    )
    var silentFor: Int = 180

    func validate() throws {
        guard (0...36_500).contains(silentFor) else {
            throw ValidationError(words("Days are 0 to 36500.", "天数为 0 至 36500。"))
        }
        guard !reason.isEmpty else {
            throw ValidationError(words("A reason is needed.", "须填写理由。"))
        }
    }

    func run() throws {
        guard let id = ReplicaID(replica) else {
            throw Failure.input(Messages.noReplicaID(replica))
        }
        let storage = try options.open()
        let now = options.now
        let limit = Int64(silentFor) * HubCompaction.day
        guard let entry = try storage.roster(now: now).first(where: { $0.replica == id }) else {
            throw Failure.input(Messages.unknownReplica(id))
        }
        guard entry.retiredAt != nil || now - entry.silentSince >= limit else {
            let days = (now - entry.silentSince) / HubCompaction.day
            throw Failure(.refused, Messages.replicaNotSilent(id, days, silentFor))
        }
        let retired = try storage.retire(id, reason: reason, silentFor: limit, now: now)
        try storage.close()
        options.output.line(Messages.retired(id), style: .green)
        options.output.json(HubReplicasCommand.json(retired))
    }
}
