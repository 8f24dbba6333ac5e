#if FIELD_MUTANTS
import ArgumentParser
import Interchange
import Replication
import Simulator

/// `field mutants`, in builds that have them only.
struct MutantsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutants",
        abstract: words(
            "Prove that the simulator finds bugs: plant some, and run until each is found.",
            "证明模拟器能发现缺陷：逐个植入缺陷，直到被发现。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Option(help: ArgumentHelp(words("The seeds, from 1.", "种子数，从 1 起。")))
    var seeds: UInt64 = 500

    @Option(help: ArgumentHelp(words("Only these, as M4,M9.", "只跑这些，如 M4,M9。")))
    var only: String?

    func run() throws {
        let line = ProgressLine()
        var hunt = MutantHunt(seeds: 1...max(seeds, 1))
        var results: [MutantHunt.Result] = []
        for mutant in try wanted() {
            let result = try hunt.hunt(mutant) {
                line.show(mutant?.name ?? "canary", done: $0, of: Int(seeds))
            }
            line.end()
            results.append(result)
            show(result)
        }
        for (seed, violation) in hunt.dirty {
            options.output.remark("seed \(seed) breaks without a bug planted: \(violation)")
        }
        options.output.json(.array(results.map(json)))
        let survivors = results.count { $0.violation == nil }
        options.output.line(
            words(
                "\(results.count - survivors) of \(results.count) found",
                "\(results.count) 个中发现 \(results.count - survivors) 个"
            ),
            style: survivors == 0 ? .plain : .red
        )
        if survivors > 0 { throw ExitCode(ExitStatus.different.rawValue) }
    }

    /// The bugs to plant; nil is the canary.
    private func wanted() throws -> [Mutant?] {
        guard let only else { return [nil] + Mutant.allCases.map(Optional.some) }
        return try only.split(separator: ",")
            .map { name -> Mutant? in
                if name == "canary" { return nil }
                guard let mutant = Mutant(name: String(name)) else {
                    throw Failure.input(
                        Messages.field(
                            "--only",
                            Messages.wrong(Messages.isNo(String(name)), "M4,M9")
                        )
                    )
                }
                return mutant
            }
    }

    private func show(_ result: MutantHunt.Result) {
        let found =
            result.violation.map { violation in
                "seed \(result.seed ?? 0) event \(violation.event)  "
                    + "\(violation.invariant.rawValue)  \(result.seeds) seeds"
            } ?? "SURVIVED \(result.seeds) seeds"
        let name = result.mutant?.name ?? "canary"
        let padding = String(repeating: " ", count: max(8 - name.utf8.count, 1))
        let bug = result.mutant?.bug ?? "a disk that forgets what was not written back"
        options.output.line(
            name + padding + found + "  |  \(bug)  |  "
                + (result.mutant?.place ?? "SoundDisk.image"),
            style: result.violation == nil ? .red : .plain
        )
        if let violation = result.violation { options.output.line("        \(violation.what)") }
    }

    private func json(_ result: MutantHunt.Result) -> JSONValue {
        .object([
            "mutant": .string(result.mutant?.name ?? "canary"),
            "found": .boolean(result.violation != nil), "seeds": .integer(Int64(result.seeds)),
            "invariant": .string(result.violation?.invariant.rawValue ?? ""),
            "event": .integer(Int64(result.violation?.event ?? 0)),
            "what": .string(result.violation?.what ?? ""),
        ])
    }
}
#endif
