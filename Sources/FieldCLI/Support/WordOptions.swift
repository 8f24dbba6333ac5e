import ArgumentParser
import Models
import Replication

/// Whether words that stand on no list are taken.
struct WordOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            words(
                "Take words that are not on the known lists, as of a method or a unit.",
                "接受清单以外的词（如捕捞方法、单位）。"
            )
        )
    )
    var anyWord = false

    /// Reads a word of a field that has a list.
    func word<Vocabulary: Word>(
        _ text: String,
        _ field: String,
        of record: RecordSchema,
        option: String
    ) throws -> Vocabulary {
        var parser = FieldParser(catalogue: nil)
        parser.checksWords = !anyWord
        guard let schema = record.field(named: field) else { return Vocabulary(text) }
        do throws(ValueProblem) {
            guard case .text(let word) = try parser.value(text, of: schema, in: record) else {
                throw ValueProblem(problem: Messages.isNo(text), expected: schema.name)
            }
            return Vocabulary(word)
        } catch { throw Failure.input(Messages.field(option, error.description)) }
    }
}
