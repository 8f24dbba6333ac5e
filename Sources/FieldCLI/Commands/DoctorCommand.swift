import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: words("Check the store, the disk and the SQLite library.", "检查存储、磁盘与 SQLite 库。"),
        discussion: words(
            "Exit code 1 when something was found. Nothing is changed; `field rebuild` repairs records "
                + "that differ from the log.",
            "发现问题时退出码为 1。不作任何修改；记录与日志不一致时可用 `field rebuild` 修复。"
        )
    )

    @OptionGroup var options: StoreOptions

    private struct Check {
        enum Verdict: String { case fine, note, bad }
        let name: String
        let verdict: Verdict
        let text: String
    }

    func run() throws {
        let folder = options.folder
        var checks = [library(), disk(folder)]
        let progress = ProgressLine()
        defer { progress.end() }
        do {
            // The device's own file is a check of its own, so that the store is looked at without it.
            let device = try? DeviceFile.read(in: folder)
            let context = try CommandContext(options, device: device ?? .unknown)
            if device == nil {
                checks.append(
                    Check(name: "device", verdict: .bad, text: Messages.deviceFileUnusable(folder))
                )
            }
            checks.append(Check(name: "lock", verdict: .fine, text: Messages.lockFree))
            let faults = try context.replica.checkFile()
            checks.append(
                Check(
                    name: "file",
                    verdict: faults.isEmpty ? .fine : .bad,
                    text: faults.isEmpty
                        ? Messages.fileSound : faults.prefix(5).joined(separator: "; ")
                )
            )
            let problems = try context.replica.checkRecords {
                progress.show(words("Comparing", "比对"), done: $0, of: $1)
            }
            let entries = try context.replica.status().entries
            checks.append(
                Check(
                    name: "records",
                    verdict: problems.isEmpty ? .fine : .bad,
                    text: problems.isEmpty
                        ? Messages.recordsAgree(entries)
                        : Messages.recordsDiffer(
                            problems.count,
                            problems.prefix(5)
                                .map { "\(ShortReference.text($0.record)): \($0.problem)" }
                        )
                )
            )
        } catch let error as StoreError {
            let name = error.code == .locked ? "lock" : "store"
            checks.append(Check(name: name, verdict: .bad, text: Messages.storeError(error)))
        }
        progress.end()
        try report(checks)
    }

    private func report(_ checks: [Check]) throws {
        let output = options.output
        for check in checks {
            let (mark, style): (String, TextStyle) =
                switch check.verdict {
                case .fine: ("✓", .green)
                case .note: ("!", .yellow)
                case .bad: ("✗", .red)
                }
            output.line(
                "\(mark) \(TextWidth.padded(check.name, to: 8))  \(check.text)",
                style: style
            )
        }
        let isFine = checks.allSatisfy { $0.verdict != .bad }
        output.json(
            .object([
                "fine": .boolean(isFine),
                "checks": .array(
                    checks.map {
                        .object([
                            "name": .string($0.name), "verdict": .string($0.verdict.rawValue),
                            "text": .string($0.text),
                        ])
                    }
                ),
            ])
        )
        if !isFine { throw ExitCode(ExitStatus.different.rawValue) }
    }

    private func library() -> Check {
        let version = StoreInspection.libraryVersion
        let isFaulty = StoreInspection.libraryHasWALFault
        return Check(
            name: "sqlite",
            verdict: isFaulty ? .note : .fine,
            text: Messages.sqlite(version, hasFault: isFaulty)
        )
    }

    private func disk(_ folder: String) -> Check {
        var path = folder
        while !FileManager.default.fileExists(atPath: path), path != "/", !path.isEmpty {
            path = (path as NSString).deletingLastPathComponent
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(
            forPath: path.isEmpty ? "." : path
        )
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value else {
            return Check(name: "disk", verdict: .note, text: Messages.diskUnknown)
        }
        let isLow = free < 256 << 20
        return Check(
            name: "disk",
            verdict: isLow ? .note : .fine,
            text: Messages.disk(free: SizeFormat.text(bytes: free), isLow: isLow)
        )
    }
}

/// `field rebuild`.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: words("Make all records again from the log.", "由日志重建全部记录。")
    )

    @OptionGroup var options: StoreOptions

    func run() throws {
        let context = try CommandContext(options)
        let progress = ProgressLine()
        defer { progress.end() }
        let before = try context.replica.checkRecords {
            progress.show(words("Comparing", "比对"), done: $0, of: $1)
        }
        try context.replica.rebuildRecords {
            progress.show(words("Rebuilding", "重建"), done: $0, of: $1)
        }
        progress.end()
        let records = try context.replica.status().records
        context.output.line(Messages.rebuilt(records, repaired: before.count), style: .green)
        context.output.json(
            .object([
                "records": .integer(Int64(records)), "repaired": .integer(Int64(before.count)),
            ])
        )
    }
}
