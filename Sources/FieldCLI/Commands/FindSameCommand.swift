import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field find same`.
struct FindSameCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "same",
        abstract: words("Say that two findings are one event.", "认定两项发现为同一事件。"),
        discussion: words(
            "Nothing is merged: both stay as they are, and the one with the lowest identity stands for "
                + "the event on every device. --not takes it back.",
            "两项发现均保持原样；各设备以标识最小的一项代表该事件。--not 表示并非同一事件。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("A finding.", "发现的编号。"))) var first: String
    @Argument(help: ArgumentHelp(words("The other one.", "另一项发现的编号。"))) var second: String

    @Flag(name: .customLong("not"), help: ArgumentHelp(words("They are not.", "并非同一事件。")))
    var isRejected = false

    @Option(help: ArgumentHelp(words("Why: distance, time, what was seen.", "理由：距离、时间、所见。")))
    var reason: String = ""

    func run() throws {
        let context = try CommandContext(options)
        let one = try context.finding(first)
        let other = try context.finding(second)
        guard let link = SameAs(between: one, and: other), case .named(let name)? = link.identity
        else {
            throw Failure.input(
                Messages.wrong(
                    words("both are \(ShortReference.text(one.key))", "两者都是 \(first)"),
                    words("two findings", "两项不同的发现")
                )
            )
        }
        let key = try context.replica.write(reason: reason) { transaction in
            let linked = try filled(link, transaction)
            let reference = Reference<SameAs>(.named(name))
            guard try transaction.record(reference) != nil else {
                return try transaction.insert(linked, named: name).key
            }
            try transaction.update(reference) { $0 = linked }
            return reference.key
        }
        let events = try context.replica.read { try SameEvents($0) }
        let text =
            isRejected
            ? Messages.notSame(ShortReference.text(one.key), ShortReference.text(other.key))
            : "\(ShortReference.text(one.key)): "
                + Messages.sameAs(
                    events.others(of: one.id).map(ShortReference.text),
                    canonical: ShortReference.text(events.canonical(of: one.id))
                )
        context.output.line(text, style: .green)
        try context.reportWaiting()
        try context.output.json(
            try context.written(
                key,
                [
                    "findings": .array(
                        [one.key, other.key].map { .string(ShortReference.full($0)) }
                    ),
                    "same": .boolean(!isRejected),
                    "canonical": .string(ShortReference.full(events.canonical(of: one.id))),
                ]
            )
        )
    }

    /// The link with what people say, and the scopes of both findings: it goes where either goes.
    private func filled(_ link: SameAs, _ transaction: Transaction) throws -> SameAs {
        var link = link
        link.verdict = isRejected ? .rejected : .confirmed
        link.basis = reason
        if let first = try link.first.flatMap({ try transaction.record($0) }) {
            link.firstTown = first.town
            link.firstOrgan = first.organ
        }
        if let second = try link.second.flatMap({ try transaction.record($0) }) {
            link.secondTown = second.town
            link.secondOrgan = second.organ
        }
        return link
    }
}
