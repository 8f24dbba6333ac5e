import ArgumentParser
import Foundation

/// `kill-loop run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run rounds of kills.",
        discussion: """
            In each round devices write and sync through a proxy that loses, cuts, delays and repeats \
            messages; each is killed at a random moment, and now and then the hub is. At the end the \
            link is healed, everybody syncs, and all stores are verified: what a device acknowledged \
            must be everywhere. Exit code 0 when all is well, 1 when something was found. The folder \
            is kept when something was found.
            """
    )

    @Option(help: "How many rounds.") var rounds = 200
    @Option(help: "What decides faults and edits.") var seed: UInt64 = 1
    @Option(help: "How many devices, 2 to 26.") var devices = 4
    @Option(help: "The program `field`; beside this one if not given.") var field: String?
    @Option(help: "Where the stores are; a new folder if not given.") var folder: String?
    @Option(help: "After how many rounds all stores are verified in between.") var verifyEvery = 25

    func validate() throws {
        guard rounds > 0, (2...26).contains(devices), verifyEvery > 0 else {
            throw ValidationError("Rounds start at 1, devices are 2 to 26.")
        }
    }

    func run() throws {
        // A pipe to a process that was killed is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL
        let field = self.field ?? own.deletingLastPathComponent().path + "/field"
        let folder = self.folder ?? NSTemporaryDirectory() + "kill-loop-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let loop = try Rounds(
            Rounds.Plan(
                rounds: rounds,
                seed: seed,
                devices: devices,
                verifyEvery: verifyEvery,
                field: field,
                own: own.path,
                folder: folder
            )
        )
        let isFine = try loop.run()
        if isFine, self.folder == nil {
            try FileManager.default.removeItem(atPath: folder)
        } else {
            print("stores: \(folder)")
        }
        if !isFine { throw ExitCode(1) }
    }
}
