import ArgumentParser
import Foundation
import Models
import Replication
import SyncCore

/// A device as a process of its own: it writes and syncs until it is killed, and says on standard
/// output what it has acknowledged.
struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Write and sync until killed.",
        shouldDisplay: false
    )

    @Option var store: String
    @Option var hub: String
    @Option var name: String
    @Option var seed: UInt64
    @Option(help: "Which round this is: part of every change's name.") var round: Int
    @Option(help: "Scopes to receive; none for everything.") var scope: [String] = []
    @Option(help: "A folder for deltas from hand to hand.") var mail: String
    @Option(help: "The devices that pass deltas on.") var peer: [String] = []
    @Flag(help: "Write nothing more; sync until nothing waits, and end.") var settle = false

    func run() async throws {
        let replica = try Replica.open(at: store, schema: District.schema, author: name)
        if try replica.status().scopes != scope { try replica.subscribe(to: scope) }
        DeviceSays.ready.say(replica.id.description)
        let transport = try HTTPTransport(url: hub, timeoutSeconds: 20)
        if settle {
            try await finish(replica, transport)
        } else {
            try await live(replica, transport)
        }
    }

    private func live(_ replica: Replica, _ transport: HTTPTransport) async throws {
        var life = DeviceLife(replica: replica, name: name, round: round, seed: seed)
        var options = SyncSession.Options()
        options.triesMax = 3
        options.backoffFirst = 20
        options.backoffMax = 100
        // Small messages make more of them: more places to be killed at.
        options.partBytesMin = 600
        options.pushBytesMax = 4_000
        options.pullBytesMax = 8_000
        while true {
            for _ in 0...life.dice.below(6) { try life.write() }
            if life.dice.chance(30) { try exchangeMail(replica, &life.dice) }
            await sync(replica, transport, options)
        }
    }

    private func exchangeMail(_ replica: Replica, _ dice: inout Dice) throws {
        let mail = DeviceMail(folder: self.mail, name: name, peers: peer)
        try mail.send(from: replica, &dice)
        let taken = try mail.take(into: replica)
        for _ in 0..<taken.merged { DeviceSays.met.say("") }
        for reason in taken.refused { DeviceSays.unmet.say(reason) }
    }

    private func sync(
        _ replica: Replica,
        _ transport: HTTPTransport,
        _ options: SyncSession.Options
    ) async {
        do {
            let summary = try await replica.synchronize(with: transport, options: options)
            DeviceSays.synced.say("\(summary.changesUp) \(summary.entriesDown)")
            if let id = summary.reincarnatedAs { DeviceSays.fault.say("took a new identity \(id)") }
        } catch let error as SyncError {
            // What a bad link does to an exchange is no fault.
            let isOfLink = error.code == .unreachable
            (isOfLink ? DeviceSays.unsynced : .fault).say("\(error)")
        } catch {
            DeviceSays.fault.say("\(error)")
        }
    }

    private func finish(_ replica: Replica, _ transport: HTTPTransport) async throws {
        for _ in 0..<20 {
            await sync(replica, transport, SyncSession.Options())
            let status = try replica.status()
            if status.waitingChanges == 0 {
                if status.quarantined > 0 {
                    DeviceSays.fault.say("the hub holds \(status.quarantined) changes apart")
                }
                DeviceSays.settled.say("\(status.cursor)")
                return
            }
        }
        DeviceSays.fault.say("\(try replica.status().waitingChanges) changes still wait")
    }
}

/// The words of a device's standard output: one to a line, and what it says.
enum DeviceSays: String {
    /// The store is open.
    case ready
    /// A change was committed; its name.
    case wrote
    /// An exchange succeeded.
    case synced
    /// An exchange did not come through.
    case unsynced
    /// A delta of another device was merged.
    case met
    /// A delta of another device was refused: half a file, or one that was made for an older state.
    case unmet
    /// Nothing waits.
    case settled
    /// What may never happen.
    case fault

    /// Says it at once: a process that is killed flushes nothing.
    func say(_ text: String) {
        let line = rawValue + " " + text.replacingOccurrences(of: "\n", with: " ") + "\n"
        try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
    }

    /// Reads a line.
    static func read(_ line: String) -> (word: DeviceSays, text: String)? {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let word = parts.first.flatMap(DeviceSays.init(rawValue:)) else { return nil }
        return (word, parts.count > 1 ? parts[1] : "")
    }
}
