import ArgumentParser

/// Hub and devices as real processes, killed at random moments behind a bad link.
@main
struct KillLoop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill-loop",
        abstract: "Kill a hub and its devices again and again, and see that nothing is lost.",
        subcommands: [RunCommand.self, DeviceCommand.self],
        defaultSubcommand: RunCommand.self
    )
}
