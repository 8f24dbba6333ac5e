import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field salvage`.
struct SalvageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: words("Make a new store of a damaged one.", "从损坏的存储中抢救，建立新存储。"),
        discussion: words(
            "The damaged store is read only and stays as it is: keep it. Where nothing is lost the new "
                + "store goes on as the old one. Else it has what waited to be sent, as far as that can "
                + "be read, and the next `field sync` brings what the hub has. What could not be read is "
                + "said; exit code 1 then.",
            "损坏的存储只读取、不改动，请保留。若无丢失，新存储即可接替旧存储；否则新存储包含尚未发送且可读取的变更，"
                + "下次 `field sync` 从中心取回其余内容。无法读取的部分会列出，此时退出码为 1。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(
        help: ArgumentHelp(
            words(
                "Folder of the damaged store; --store is the new one's.",
                "损坏的存储所在文件夹；--store 为新存储。"
            ),
            valueName: "folder"
        ),
        completion: .directory
    )
    var damaged: String

    @Option(
        help: ArgumentHelp(
            words(
                "Folder of the reference data, where the damaged store's cannot be relied on.",
                "参考数据文件夹；用于旧存储中的参考数据不可靠时。"
            )
        ),
        completion: .directory
    )
    var seeds: String?

    func run() throws {
        let folder = options.folder
        let device = (try? DeviceFile.read(in: damaged)) ?? .unknown
        let salvage = try StoreBuilder(folder: folder)
            .build { work in
                // The builder makes its folder with what is put into it.
                try FileManager.default.createDirectory(
                    atPath: work,
                    withIntermediateDirectories: true
                )
                let salvage = try StoreSalvage(
                    of: damaged,
                    in: work,
                    schema: District.schema,
                    author: device.officer
                )
                try copyOthers(to: work)
                if !salvage.isWhole { try installCatalogue(in: work, device) }
                return salvage
            }
        show(salvage, folder)
        if !salvage.isWhole { throw ExitCode(ExitStatus.different.rawValue) }
    }

    /// What lies beside the store's own files: who works with it, the dictionary.
    private func copyOthers(to work: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: damaged).sorted()
        where !name.hasPrefix("store.") && !name.hasPrefix(".") {
            let target = work + "/" + name
            guard !FileManager.default.fileExists(atPath: target) else { continue }
            do {
                try FileManager.default.copyItem(atPath: damaged + "/" + name, toPath: target)
            } catch { options.output.remark(Messages.cannotRead(damaged + "/" + name, error)) }
        }
    }

    /// The reference data is in no hub: it comes from the seeds.
    private func installCatalogue(in work: String, _ device: DeviceFile) throws {
        let found: Seeds
        do { found = try Seeds.find(seeds) } catch {
            options.output.remark(Messages.catalogueMissing)
            return
        }
        let (catalogue, changes) = try found.load()
        let replica = try Replica.open(
            at: work,
            schema: District.schema,
            author: device.officer,
            opening: .existing
        )
        _ = try found.install(catalogue, changes, into: replica)
    }

    private func show(_ salvage: StoreSalvage, _ folder: String) {
        let output = options.output
        output.line(
            salvage.isWhole
                ? Messages.salvagedWhole(folder) : Messages.salvaged(salvage.waiting, folder),
            style: salvage.isWhole ? .green : .yellow
        )
        for loss in salvage.losses.prefix(20) { output.line("  " + Messages.loss(loss)) }
        if salvage.losses.count > 20 {
            output.line("  " + Messages.moreLosses(salvage.losses.count - 20))
        }
        output.line(Messages.waiting(salvage.waiting), style: .dim)
        output.json(
            .object([
                "store": .string(folder), "whole": .boolean(salvage.isWhole),
                "waiting": .integer(Int64(salvage.waiting)),
                "losses": .array(salvage.losses.map { .string(Messages.loss($0)) }),
            ])
        )
    }
}
