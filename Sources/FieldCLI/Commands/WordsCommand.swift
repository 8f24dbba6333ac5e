import ArgumentParser
import Interchange
import Models
import Replication

/// `field words`: the lists that fields take their words from.
struct WordsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "words",
        abstract: words("List the words that fields take.", "列出字段可用的词。"),
        discussion: words(
            "Every list in full, or those of one field, by its name or label. A word beyond a list is "
                + "taken by `--any-word`, and kept as it is. Keys of towns, waters and the like: "
                + "`field catalogue`.",
            "列出全部词表，或指定字段（名称或标签）的词表。清单以外的词可用 `--any-word` 照录。"
                + "镇街、水域等代号请用 `field catalogue`。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Argument(help: ArgumentHelp(words("A field, as method or 单位.", "字段，如 method 或 单位。")))
    var field: String?

    func run() throws {
        let all = WordsCommand.lists
        let shown = all.filter { list in
            field.map { list.record.field(typed: $0)?.name == list.field.name } ?? true
        }
        guard !shown.isEmpty else {
            var seen: Set<String> = []
            let names = all.map(\.field.name).filter { seen.insert($0).inserted }
            throw Failure.input(
                Messages.wrong(Messages.isNo(field ?? ""), names.joined(separator: ", "))
            )
        }
        var table = TextTable(columns: [
            .init(words("record", "记录")), .init(words("field", "字段")),
            .init(words("words", "词"), isWhole: true),
        ])
        for list in shown {
            table.append([
                .init(Messages.typeName(list.record.name)), .init(list.label, style: .cyan),
                .init(list.words.joined(separator: words(", ", "、"))),
            ])
        }
        options.output.table(table, whenEmpty: "")
        options.output.json(
            .array(
                shown.map {
                    .object([
                        "record": .string($0.record.name), "field": .string($0.field.name),
                        "words": .array($0.words.map { .string($0) }),
                    ])
                }
            )
        )
    }

    /// A list with the field that takes it.
    private struct List {
        let record: RecordSchema
        let field: FieldSchema
        let words: [String]

        /// The name, and the label where it is another.
        var label: String {
            let label = Messages.fieldLabel(field.name, of: record.name)
            return label == field.name ? label : "\(field.name) \(label)"
        }
    }

    private static var lists: [List] {
        District.schema.records.flatMap { record in
            record.fields.compactMap { field in
                District.words(of: field.name, in: record.name)
                    .map { List(record: record, field: field, words: $0) }
            }
        }
    }
}
