import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: words("Make a store on this device.", "在本机建立存储。"),
        discussion: words(
            "Loads the catalogue and the towns from the seeds folder: --seeds, else ./seeds, else a "
                + "seeds folder beside or above the program. Organ and town default to the officer's.",
            "从 seeds 文件夹载入事项目录和镇街：取 --seeds，其次 ./seeds，再次为程序所在处或其上级的 seeds。"
                + "单位和镇街缺省取该执法人员的。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("The officer's number.", "执法人员编号。")))
    var officer: String

    @Option(help: ArgumentHelp(words("The second officer's number.", "第二名执法人员编号。")))
    var partner: String?

    @OptionGroup var station: StationOptions

    @Option(
        help: ArgumentHelp(words("Folder of the reference data.", "参考数据文件夹。")),
        completion: .directory
    )
    var seeds: String?

    func run() throws {
        let output = options.output
        let folder = options.folder
        let found = try Seeds.find(seeds)
        let (catalogue, changes) = try found.load()
        let choice = DeviceChoice(catalogue: catalogue)
        let device = try device(choice)
        let scopes = try choice.scopes(station.scopes, town: device.town, organ: device.organ)
        let (identity, installed) = try StoreBuilder(folder: folder)
            .build { work in
                let replica = try Replica.open(
                    at: work,
                    schema: District.schema,
                    author: device.officer,
                    opening: .create
                )
                try device.write(in: work)
                try found.copyDictionary(to: work)
                let installed = try found.install(catalogue, changes, into: replica)
                try replica.subscribe(to: scopes)
                return (replica.id, installed)
            }
        output.line(Messages.storeMade(folder), style: .green)
        output.line(Messages.storeOwner(device, catalogue))
        output.line(Messages.catalogueInstalled(installed, catalogue))
        output.line(Messages.scopes(scopes))
        output.line(Messages.waiting(0), style: .dim)
        output.json(
            .object([
                "store": .string(folder), "replica": .string(identity.description),
                "officer": .string(device.officer), "organ": .string(device.organ),
                "town": .string(device.town), "catalogue": .string(catalogue.release.hash),
                "entries": .integer(Int64(installed)),
                "scopes": .array(scopes.map { .string($0) }), "waiting": .integer(0),
            ])
        )
    }

    private func device(_ choice: DeviceChoice) throws -> DeviceFile {
        let known = choice.catalogue.officer(officer)
        let town = station.town ?? known?.town ?? ""
        let organ = station.organ ?? known?.organ ?? ""
        guard !organ.isEmpty, !town.isEmpty else {
            throw Failure.input(Messages.needsOrganAndTown(officer))
        }
        return DeviceFile(
            officer: officer,
            partner: try partner.map { try choice.officer($0, option: "--partner") } ?? "",
            organ: try choice.organ(organ),
            town: try choice.town(town),
            hub: station.hub ?? "",
            device: officer
        )
    }
}
