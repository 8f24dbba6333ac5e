import ArgumentParser
import Foundation

/// The options of every command: how results look.
struct OutputOptions: ParsableArguments {
    @Flag(help: ArgumentHelp(words("Write the result as JSON.", "以 JSON 输出结果。")))
    var json = false

    @Option(
        help: ArgumentHelp(
            words(
                "Language of messages: zh or en; the locale decides otherwise.",
                "消息语言：zh 或 en；缺省按系统区域设置。"
            )
        )
    )
    var language: Language?

    @Flag(
        help: ArgumentHelp(
            words("No colours; NO_COLOR does the same.", "不用颜色；等同于设置 NO_COLOR。")
        )
    )
    var noColor = false

    /// Where the command's words go.
    var output: Output { Output(isJSON: json, wantsColour: !noColor) }
}

/// The options of every command on a store.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            words(
                "Folder of the store; else FIELD_STORE, else ~/.field.",
                "存储所在文件夹；缺省取 FIELD_STORE，再缺省为 ~/.field。"
            ),
            valueName: "folder"
        ),
        completion: .directory
    )
    var storeFolder: String?

    @OptionGroup var outputOptions: OutputOptions

    /// Where the command's words go.
    var output: Output { outputOptions.output }

    /// The store's folder.
    var folder: String {
        if let storeFolder, !storeFolder.isEmpty { return storeFolder }
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["FIELD_STORE"], !folder.isEmpty { return folder }
        return (environment["HOME"] ?? ".") + "/.field"
    }
}
