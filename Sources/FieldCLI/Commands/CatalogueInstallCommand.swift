import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field install-catalogue`.
struct CatalogueInstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install-catalogue",
        abstract: words(
            "Bring a store's reference data up to a newer seeds folder.",
            "用更新的 seeds 文件夹更新存储中的参考数据。"
        ),
        discussion: words(
            "Only a release that is later than the store's is installed: seeds/release.yaml has its name "
                + "and time. A sync with a hub that has a later release brings it too.",
            "只安装晚于存储中现有版本的发布：名称与时间见 seeds/release.yaml。与装有更新版本的中心同步也会得到。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Option(
        help: ArgumentHelp(words("Folder of the reference data.", "参考数据文件夹。")),
        completion: .directory
    )
    var seeds: String?

    func run() throws {
        let context = try CommandContext(options)
        let found = try Seeds.find(seeds)
        let (catalogue, changes) = try found.load()
        let count = try found.install(catalogue, changes, into: context.replica)
        try found.copyDictionary(to: context.folder)
        let output = context.output
        if count == 0 {
            output.line(Messages.catalogueHere(catalogue.release.name), style: .dim)
        } else {
            output.line(Messages.catalogueInstalled(count, catalogue), style: .green)
        }
        output.json(
            .object([
                "catalogue": .string(catalogue.release.hash),
                "name": .string(catalogue.release.name), "entries": .integer(Int64(count)),
            ])
        )
    }
}
