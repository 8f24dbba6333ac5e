import ArgumentParser

/// `field find`: findings.
struct FindCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: words("Record and look up findings.", "记录和查询发现。"),
        subcommands: [
            FindNewCommand.self, FindEditCommand.self, FindShowCommand.self,
            FindListCommand.self, FindSearchCommand.self, FindNearCommand.self,
            FindVoidCommand.self, FindSameCommand.self,
        ],
        defaultSubcommand: FindListCommand.self
    )
}
