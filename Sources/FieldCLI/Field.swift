import ArgumentParser

/// The command line of an officer's device and of the hub.
#if !FIELD_FUZZ
@main
#endif
struct Field: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "field",
        abstract: words(
            "Record field findings offline, sync them with a hub, merge and explain.",
            "离线记录巡查发现，与中心同步，合并并说明缘由。"
        ),
        discussion: words(
            """
            Start with `field init`, then `field find new`. The store's folder comes from --store, else \
            from FIELD_STORE, else it is ~/.field. Every listing has --json. Records are named by short \
            references such as f7k2m9q: any unique prefix will do, and `last` is the \
            newest one made on this device.

            Completion: `field --generate-completion-script bash` (or zsh, fish). Exit codes: 0 done, 1 a \
            check found something, 2 invalid input, 3 no usable store, 4 hub unavailable, 5 edit refused, \
            64 usage, 69 port unavailable, 70 fault of the program, 73 file not writable, 74 disk full or \
            output lost; `field exit-codes` says more.
            """,
            """
            先用 `field init`，再用 `field find new`。存储文件夹取 --store，其次 FIELD_STORE，缺省为 ~/.field。\
            每个列表都支持 --json。记录用短编号引用（如 f7k2m9q）：任何唯一前缀均可，last 指本机最新记录的一条。

            命令补全：`field --generate-completion-script bash`（或 zsh、fish）。退出码：0 完成，1 检查发现问题，\
            2 输入无效，3 存储不可用，4 中心不可用，5 编辑被拒，64 用法错误，69 端口不可用，70 程序内部错误，\
            73 无法写文件，74 磁盘已满或输出丢失；详见 `field exit-codes`。
            """
        ),
        version: "0.2.0",
        groupedSubcommands: [
            CommandGroup(
                name: words("Record", "记录"),
                subcommands: [
                    InitCommand.self, DeviceCommand.self, PatrolCommand.self, FindCommand.self,
                    MeasureCommand.self,
                    NoteCommand.self, TagCommand.self, EvidenceCommand.self, SeizeCommand.self,
                    PartyCommand.self, MatterCommand.self, CatalogueCommand.self,
                    WordsCommand.self,
                ]
            ),
            CommandGroup(
                name: words("Sync and merge", "同步与合并"),
                subcommands: [
                    SyncCommand.self, StatusCommand.self, OutboxCommand.self,
                    ConflictsCommand.self, WhyCommand.self, LogCommand.self,
                ]
            ),
            CommandGroup(
                name: words("Exchange", "导入导出"),
                subcommands: [ImportCommand.self, ExportCommand.self]
            ),
            CommandGroup(
                name: words("Hub and care", "中心与维护"),
                subcommands: [
                    ServeCommand.self, HubCommand.self, DemoCommand.self, ReplayCommand.self,
                    SimulateCommand.self, LoadCommand.self, InspectCommand.self, VerifyCommand.self,
                    DoctorCommand.self, RebuildCommand.self, SalvageCommand.self,
                    CatalogueInstallCommand.self,
                    ExitCodesCommand.self,
                ] + proofs
            ),
        ]
    )

    /// What only a build for `make mutants` has.
    private static var proofs: [any ParsableCommand.Type] {
        #if FIELD_MUTANTS
        [MutantsCommand.self]
        #else
        []
        #endif
    }

    /// Runs the command of the command line and ends with its exit code.
    static func main() async {
        do {
            let arguments = try CommandArguments.checked()
            var command = try await asyncParseAsRoot(GlobalArguments.moved(arguments))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try Output.checkDelivered()
        } catch {
            Failure.exit(error)
        }
    }
}

/// Options of every command may also stand before the command's name.
enum GlobalArguments {
    private static let flags = ["--json", "--no-color"]
    private static let options = ["--language", "--store"]

    /// The arguments with such options behind the rest, where the command takes them.
    static func moved(_ arguments: [String]) -> [String] {
        var leading: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            let isPair = options.contains { first.hasPrefix($0 + "=") }
            if flags.contains(first) || isPair {
                leading.append(first)
                rest = rest.dropFirst()
            } else if options.contains(first), rest.count > 1 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        guard !leading.isEmpty, rest.contains(where: { !$0.hasPrefix("-") }) else {
            return arguments
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + leading + rest[end...]
    }
}
