import Foundation
import Interchange
import MergeServer
import Models
import SyncCore

/// The loop: who lives in a round and when each is killed, and what must be true at the end.
final class Rounds {
    /// What is to be done.
    struct Plan {
        var rounds: Int
        var seed: UInt64
        var devices: Int
        var verifyEvery: Int
        /// The program `field`.
        var field: String
        /// This program, which is also the devices'.
        var own: String
        var folder: String
    }

    private struct Figures {
        var kills = 0
        var hubKills = 0
        var writes = 0
        var syncs = 0
        var unsynced = 0
        var met = 0
        var unmet = 0
    }

    private let plan: Plan
    private let names: [String]
    private var dice: Dice
    private var hub: Child
    private var hubPort: UInt16
    private let proxy: LossyProxy
    /// The names of the changes that each device has acknowledged.
    private var acknowledged: [String: [String]] = [:]
    private var figures = Figures()
    private var problems: [String] = []

    init(_ plan: Plan) throws {
        self.plan = plan
        names = (0..<plan.devices).map { String(UnicodeScalar(UInt8(ascii: "a") + UInt8($0))) }
        dice = Dice(seed: plan.seed, 1)
        (hub, hubPort) = try Rounds.startHub(plan, port: 0)
        proxy = try LossyProxy(hub: hubPort, seed: plan.seed)
    }

    private struct DidNotStart: Error {
        let program: String
    }

    private static func startHub(_ plan: Plan, port: UInt16) throws -> (Child, UInt16) {
        // The port of a hub that was just killed may be taken for a moment.
        for _ in 0..<20 {
            let child = try Child(
                plan.field,
                [
                    "serve", "--store", plan.folder + "/hub", "--port", String(port), "--rate",
                    "0", "--json",
                ],
                in: plan.folder,
                remarks: plan.folder + "/hub.log"
            )
            let url = child.line(seconds: 60) { _ in
                (try? JSONParser().parse(child.lines.joined(separator: "\n")))?["url"]?.string
            }
            if let found = url?.split(separator: ":").last.flatMap({ UInt16($0) }) {
                return (child, found)
            }
            child.kill()
            child.wait(seconds: 10)
            usleep(200_000)
        }
        throw DidNotStart(program: "the hub; see \(plan.folder)/hub.log")
    }

    /// Runs all rounds and the end.
    ///
    /// - Returns: whether nothing was found.
    func run() throws -> Bool {
        for round in 1...plan.rounds {
            try run(round)
            if round % plan.verifyEvery == 0, round < plan.rounds { try verify() }
            guard problems.isEmpty else { break }
        }
        if problems.isEmpty { try finish() }
        hub.terminate()
        if hub.wait(seconds: 30) == nil { hub.kill() }
        if problems.isEmpty { try checkEnd() }
        summarize()
        return problems.isEmpty
    }

    // MARK: One round

    private func run(_ round: Int) throws {
        let before = figures
        var children: [(name: String, child: Child, killAt: Date)] = []
        for (index, name) in names.enumerated() {
            let seed = Dice(seed: plan.seed, UInt64(round), UInt64(index)).peek
            let child = try startDevice(name, ["--seed", "\(seed)", "--round", "\(round)"])
            // Some die while they open their store, the others in the middle of their work.
            let isEarly = dice.chance(15)
            if !isEarly { waitUntilReady(child, name, round) }
            let milliseconds = dice.below(isEarly ? 300 : 1_500)
            children.append(
                (name, child, Date().addingTimeInterval(Double(milliseconds) / 1_000))
            )
        }
        let killsHub = dice.chance(40)
        var hubKill: Date? =
            killsHub ? Date().addingTimeInterval(Double(dice.below(1_200)) / 1_000) : nil
        var waiting = children
        while !waiting.isEmpty || hubKill != nil {
            let now = Date()
            for item in waiting where item.killAt <= now {
                // Nothing but a kill ends a device; it may be dead before it has begun.
                if item.child.isRunning {
                    figures.kills += 1
                } else {
                    problems.append(
                        "round \(round): \(item.name) ended by itself, see "
                            + "\(plan.folder)/\(item.name).log"
                    )
                }
                item.child.kill()
            }
            waiting.removeAll { $0.killAt <= now }
            if let moment = hubKill, moment <= now {
                hubKill = nil
                try restartHub()
            }
            usleep(1_000)
        }
        for item in children {
            item.child.wait(seconds: 20)
            takeLines(of: item.child, item.name, round)
        }
        report(round, since: before, killsHub: killsHub)
    }

    private func startDevice(_ name: String, _ more: [String]) throws -> Child {
        var arguments = [
            "device", "--store", plan.folder + "/" + name, "--hub",
            "http://127.0.0.1:\(proxy.port)", "--name", name, "--mail", plan.folder,
        ]
        for peer in names.dropLast() { arguments += ["--peer", peer] }
        // The last one sees one town only.
        if name == names.last { arguments += ["--scope", "town=\(DeviceLife.towns[0])"] }
        return try Child(
            plan.own,
            arguments + more,
            in: plan.folder,
            remarks: plan.folder + "/\(name).log"
        )
    }

    private func waitUntilReady(_ child: Child, _ name: String, _ round: Int) {
        let isReady = child.line(seconds: 60) { DeviceSays.read($0)?.word == .ready ? true : nil }
        if isReady == nil { problems.append("round \(round): \(name) does not start") }
    }

    private func restartHub() throws {
        figures.hubKills += 1
        hub.kill()
        hub.wait(seconds: 20)
        (hub, hubPort) = try Rounds.startHub(plan, port: hubPort)
    }

    private func takeLines(of child: Child, _ name: String, _ round: Int) {
        for line in child.lines {
            guard let said = DeviceSays.read(line) else { continue }
            switch said.word {
            case .wrote:
                acknowledged[name, default: []].append(said.text)
                figures.writes += 1
            case .synced: figures.syncs += 1
            case .unsynced: figures.unsynced += 1
            case .fault: problems.append("round \(round): \(name): \(said.text)")
            case .met: figures.met += 1
            case .unmet: figures.unmet += 1
            case .ready, .settled: break
            }
        }
    }

    private func report(_ round: Int, since before: Figures, killsHub: Bool) {
        print(
            "round \(round)  wrote \(figures.writes - before.writes)  "
                + "synced \(figures.syncs - before.syncs)  "
                + "unsynced \(figures.unsynced - before.unsynced)  "
                + "met \(figures.met - before.met)  "
                + "killed \(figures.kills - before.kills)\(killsHub ? " and the hub" : "")"
                + (problems.isEmpty ? "" : "  FAILED")
        )
        fflush(nil)
    }

    // MARK: The end

    /// The link is healed: everybody sends what waits, and then receives what the others sent.
    private func finish() throws {
        proxy.heal()
        for _ in 0..<2 {
            for name in names {
                let child = try startDevice(name, ["--seed", "0", "--round", "0", "--settle"])
                let status = child.wait(seconds: 300)
                takeLines(of: child, name, plan.rounds)
                let isSettled = child.lines.contains { DeviceSays.read($0)?.word == .settled }
                if status != 0 || !isSettled { problems.append("\(name) does not settle") }
            }
        }
    }

    private func verify() throws {
        // The hub last: it goes on while the others are read.
        let stores = (names + ["hub"]).map { plan.folder + "/" + $0 }
            .filter { FileManager.default.fileExists(atPath: $0 + "/store.sqlite") }
        let fleet = try FleetVerification(of: stores, schema: District.schema)
        problems += fleet.findings.prefix(20)
            .map { "\($0.invariant.rawValue): \($0.store): \($0.place): \($0.problem)" }
        for name in names {
            let log = try changes(in: name)
            for token in acknowledged[name] ?? [] where !log.contains(token) {
                problems.append("\(token) is not on \(name), which had acknowledged it")
            }
        }
        let entries = fleet.stores.map { String($0.entries) }.joined(separator: " ")
        print("verified: \(entries) entries  \(fleet.findings.count) findings")
    }

    /// What was acknowledged is in the hub and on every device that receives everything.
    private func checkEnd() throws {
        try verify()
        let hub = try changes(in: "hub")
        let logs = try names.map { try changes(in: $0) }
        for (name, tokens) in acknowledged.sorted(by: { $0.key < $1.key }) {
            for token in tokens {
                if !hub.contains(token) { problems.append("\(token) is not in the hub") }
                for (other, log) in zip(names, logs)
                where other != names.last && !log.contains(token) {
                    problems.append("\(token) of \(name) is not on \(other)")
                }
            }
        }
    }

    private func changes(in store: String) throws -> Set<String> {
        guard FileManager.default.fileExists(atPath: plan.folder + "/\(store)/store.sqlite")
        else { return [] }
        let inspection = try StoreInspection(
            folder: plan.folder + "/" + store,
            schema: District.schema,
            logLimit: .max
        )
        problems += inspection.problems.map { "\(store): \($0)" }
        return Set(inspection.log.map(\.entry.reason))
    }

    private func summarize() {
        let counts = proxy.counts
        let faults = LossyProxy.Fault.allCases
            .map { "\($0.rawValue) \(counts.faults[$0] ?? 0)" }.joined(separator: ", ")
        print(
            "seed \(plan.seed): \(figures.kills) kills of devices, \(figures.hubKills) of the hub"
        )
        print(
            "\(figures.writes) acknowledged changes, \(figures.syncs) exchanges that came through, "
                + "\(figures.met) deltas merged and \(figures.unmet) refused"
        )
        print("\(counts.requests) requests: \(faults)")
        for problem in problems { print("PROBLEM \(problem)") }
        print(problems.isEmpty ? "nothing was lost" : "\(problems.count) problems")
    }
}

extension Dice {
    /// The first number, of dice that are used for nothing else.
    fileprivate var peek: UInt64 {
        var dice = self
        return dice.next()
    }
}
