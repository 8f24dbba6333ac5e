import ArgumentParser
import Interchange

/// `field exit-codes`.
struct ExitCodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exit-codes",
        abstract: words("List the exit codes.", "列出退出码。"),
        discussion: ExitStatus.allCases.map { "\($0.rawValue)  \($0.meaning)" }
            .joined(separator: "\n")
    )

    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        var table = TextTable(columns: [
            .init(words("code", "退出码"), alignment: .right), .init(words("meaning", "含义")),
        ])
        for status in ExitStatus.allCases {
            table.append([.init(String(status.rawValue)), .init(status.meaning)])
        }
        output.table(table, whenEmpty: "")
        output.json(
            .array(
                ExitStatus.allCases.map {
                    .object([
                        "code": .integer(Int64($0.rawValue)), "meaning": .string($0.meaning),
                    ])
                }
            )
        )
    }
}
