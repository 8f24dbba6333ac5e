import ArgumentParser
import Foundation
import Interchange
import MergeServer
import Models
import SyncCore

/// `field verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: words(
            "Check that stores keep every promise, alone and against each other.",
            "核验存储：逐个检查，并相互比对。"
        ),
        discussion: words(
            "Devices' and hubs' stores, by folder or file, in any order. Each is opened read-only and "
                + "without its lock. With a hub among them, what it acknowledged must be in it and what "
                + "a device says that it has seen must be there. Exit code 0 when all is well, 1 when "
                + "something was found, 3 when a store cannot be used.",
            "可给出设备与中心的存储（文件夹或文件），顺序不限。以只读方式打开且不占用锁。若其中有中心，"
                + "则核对其已确认的内容确在中心、设备声称已见的内容确在设备。退出码：0 全部正常，1 发现问题，"
                + "3 存储不可用。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Argument(
        help: ArgumentHelp(words("Stores: folders or files.", "存储：文件夹或文件。"), valueName: "store"),
        completion: .file()
    )
    var stores: [String]

    @Option(help: ArgumentHelp(words("Findings to list of each store.", "每个存储列出的问题条数。")))
    var limit: Int = 20

    func run() throws {
        let progress = ProgressLine()
        defer { progress.end() }
        let names = stores
        let fleet = try FleetVerification(of: names, schema: District.schema) {
            store,
            done,
            total in
            let name = (store as NSString).lastPathComponent
            progress.show(words("Checking \(name)", "核验 \(name)"), done: done, of: total)
        }
        progress.end()
        report(fleet)
        if !fleet.findings.isEmpty { throw ExitCode(ExitStatus.different.rawValue) }
    }

    private func report(_ fleet: FleetVerification) {
        let output = options.output
        for (name, store) in zip(stores, fleet.stores) {
            let findings = fleet.findings.filter { $0.store == store.path }
            let mark = findings.isEmpty ? "✓" : "✗"
            output.line(
                "\(mark) \(Messages.verified(TextWidth.harmless(name), store))",
                style: findings.isEmpty ? .green : .red
            )
            for finding in findings.prefix(max(0, limit)) {
                output.line("  \(Messages.invariant(finding.invariant))", style: .bold)
                output.line("    " + TextWidth.harmless("\(finding.place): \(finding.problem)"))
            }
            if findings.count > max(0, limit) {
                output.line("  " + Messages.more(findings.count - max(0, limit)), style: .dim)
            }
        }
        output.json(
            .object([
                "fine": .boolean(fleet.findings.isEmpty),
                "stores": .array(zip(stores, fleet.stores).map { json($0, $1) }),
                "findings": .array(
                    fleet.findings.map {
                        .object([
                            "invariant": .string($0.invariant.rawValue),
                            "store": .string($0.store), "place": .string($0.place),
                            "problem": .string($0.problem),
                        ])
                    }
                ),
            ])
        )
    }

    private func json(_ name: String, _ store: StoreVerification) -> JSONValue {
        .object([
            "store": .string(name), "path": .string(store.path),
            "kind": .string(store.isHub ? "hub" : "device"),
            "replica": .string(store.replica.description),
            "epoch": store.epoch.map { .string($0) } ?? .null,
            "cursor": .integer(Int64(clamping: store.cursor)),
            "entries": .integer(Int64(store.entries)),
            "records": .integer(Int64(store.records)),
        ])
    }
}
