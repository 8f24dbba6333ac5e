import ArgumentParser
import Foundation
import Interchange
import Logging
import MergeServer
import Models
import Replication
import SyncCore

/// `field serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: words("Run the hub on this machine.", "在本机运行中心。"),
        discussion: words(
            "POST /v1/sync, GET /healthz, /readyz and /metrics on 127.0.0.1: there is no authentication "
                + "yet. SIGTERM or Ctrl-C ends it after the requests under way.",
            "在 127.0.0.1 上提供 POST /v1/sync、GET /healthz、/readyz、/metrics：目前没有身份认证。"
                + "SIGTERM 或 Ctrl-C 会在处理完进行中的请求后结束。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            words("The hub's folder; else ~/.field-hub.", "中心的文件夹，缺省为 ~/.field-hub。"),
            valueName: "folder"
        ),
        completion: .directory
    )
    var storeFolder: String?

    @Option(help: ArgumentHelp(words("The port; 0 for any free one.", "端口；0 表示任选空闲端口。")))
    var port: Int = 8787

    @Option(help: ArgumentHelp(words("Requests a second; 0 for no limit.", "每秒请求数上限；0 为不限。")))
    var rate: Double = 200

    @Flag(
        help: ArgumentHelp(
            words(
                "The folder was restored from an older copy: devices bring what is missing.",
                "该文件夹由旧备份恢复：各设备将补传缺失的内容。"
            )
        )
    )
    var restored = false

    @Option(
        help: ArgumentHelp(words("Folder of the reference data.", "参考数据文件夹。")),
        completion: .directory
    )
    var seeds: String?

    @Option(
        help: ArgumentHelp(
            words(
                "Compact every so many hours; 0 for never. See `field hub compact --help`.",
                "每隔若干小时清理一次；0 为不清理。参见 `field hub compact --help`。"
            ),
            valueName: "hours"
        )
    )
    var compactEvery: Int = 24

    @Option(
        help: ArgumentHelp(words("trace, debug, info, notice, warning, error.", "日志级别。")),
        completion: .list(["trace", "debug", "info", "notice", "warning", "error"])
    )
    var logLevel: String = "notice"

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError(words("A port is 0 to 65535.", "端口为 0 至 65535。"))
        }
        guard (0...8_760).contains(compactEvery) else {
            throw ValidationError(words("Hours are 0 to 8760.", "小时数为 0 至 8760。"))
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError(words("'\(logLevel)' is no log level.", "没有日志级别 \(logLevel)。"))
        }
    }

    func run() async throws {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "."
        let folder = storeFolder ?? home + "/.field-hub"
        let storage = try SQLiteHubStorage(folder: folder, schema: District.schema)
        if restored {
            try storage.renewEpoch(now: CoreEnvironment.system.now())
            Output.remark(Messages.hubRenewed(storage.epoch.description))
        }
        try loadSeeds(into: storage, folder)
        let dictionary = Seeds.dictionary(in: folder)
        if dictionary == nil { Output.remark(Messages.hubWithoutDictionary) }
        let service = MergeService(
            storage: storage,
            dictionaries: dictionary.map { [$0] } ?? []
        )
        let level = Logger.Level(rawValue: logLevel) ?? .notice
        var logger = Logger(label: "field.hub") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        let server = HubServer(
            service: service,
            storage: storage,
            options: HubServer.Options(port: port, requestsPerSecond: rate),
            logger: logger
        )
        let output = options.output
        let compaction = PeriodicCompaction(
            storage: storage,
            hours: compactEvery,
            logger: logger
        )
        let compacting = compactEvery > 0 ? Task { await compaction.run() } : nil
        defer { compacting?.cancel() }
        do {
            try await server.run { port in
                output.line(Messages.hubReady(port, folder), style: .green)
                output.json(
                    .object([
                        "url": .string("http://127.0.0.1:\(port)"), "store": .string(folder),
                    ])
                )
            }
        } catch {
            throw Failure(.portUnavailable, Messages.cannotServe(port, "\(error)"))
        }
        // Writes down who was here.
        try storage.close()
    }

    /// A hub without reference data works, but refuses nothing that the catalogue would.
    private func loadSeeds(into storage: SQLiteHubStorage, _ folder: String) throws {
        let found: Seeds
        do { found = try Seeds.find(seeds) } catch {
            if seeds != nil { throw error }
            return Output.remark(Messages.hubWithoutSeeds)
        }
        let (catalogue, changes) = try found.load()
        let installed = InstalledRelease.read(in: folder).map { [$0] } ?? []
        switch CatalogueState(of: catalogue.release, among: installed) {
        case .newer(let name): return Output.remark(Messages.catalogueNewer(found.folder, name))
        case .clash(let name): throw Failure.input(Messages.catalogueClash(found.folder, name))
        case .older, .same: break
        }
        try storage.install(changes, now: CoreEnvironment.system.now())
        try found.copyDictionary(to: folder)
        // Last: a hub that is killed before installs the same changes again, which does nothing.
        try InstalledRelease.write(catalogue.release, in: folder)
    }
}
