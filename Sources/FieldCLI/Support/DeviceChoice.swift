import Models
import Replication

/// Who works with a store and what it receives, as options name them, checked against a catalogue.
struct DeviceChoice {
    let catalogue: Catalogue

    /// The code of a town that is named by code or name.
    func town(_ text: String) throws -> String {
        try value(TownName.code(text, in: catalogue), of: "town")
    }

    /// The key of an organ.
    func organ(_ text: String) throws -> String { try value(text, of: "organ") }

    /// The number of an officer whom the catalogue knows.
    func officer(_ text: String, option: String) throws -> String {
        guard catalogue.officer(text) != nil else {
            throw Failure.input(
                Messages.field(
                    option,
                    Messages.wrong(
                        Messages.unknownKey(text, words("officer", "人员")),
                        Suggestion.text(
                            text,
                            in: catalogue.officers.map(\.number),
                            all: "field catalogue officers"
                        )
                    )
                )
            )
        }
        return text
    }

    /// The subscription that options ask for: `all`, fields with their values, or, without any, the
    /// town's and the organ's records.
    func scopes(_ texts: [String], town: String, organ: String) throws -> [String] {
        guard !texts.isEmpty else { return DeviceChoice.scopes(town: town, organ: organ) }
        if texts == ["all"] { return [] }
        return try texts.map { try scope($0) }
    }

    /// The scopes of a town and an organ: a scope is a field and its value, and these are the scope
    /// fields of the district's types.
    static func scopes(town: String, organ: String) -> [String] {
        ["town", "firstTown", "secondTown"].map { "\($0)=\(town)" }
            + ["organ", "leadOrgan", "firstOrgan", "secondOrgan"].map { "\($0)=\(organ)" }
    }

    /// A scope, its town by code; one that no record of the district can ever be in is refused.
    private func scope(_ scope: String) throws -> String {
        let parts = scope.split(separator: "=", maxSplits: 1).map(String.init)
        let fields = DeviceChoice.scopeFields
        guard parts.count == 2, let field = fields.first(where: { $0.name == parts[0] }) else {
            let known = fields.map { $0.name + "=…" } + ["all"]
            throw Failure.input(
                Messages.field(
                    "--scope",
                    Messages.wrong(Messages.isNo(scope), known.joined(separator: ", "))
                )
            )
        }
        let value = TownName.code(parts[1], in: catalogue)
        do throws(ValueProblem) {
            _ = try FieldParser(catalogue: catalogue)
                .value(value, of: field.field, in: field.record)
        } catch { throw Failure.input(Messages.field("--scope \(scope)", error.description)) }
        return "\(field.name)=\(value)"
    }

    /// The fields by which the district's records have scopes, each name once.
    private static var scopeFields: [(name: String, field: FieldSchema, record: RecordSchema)] {
        var found: [(name: String, field: FieldSchema, record: RecordSchema)] = []
        for record in District.schema.records {
            guard case .fields(let numbers) = record.scope else { continue }
            for field in numbers.compactMap({ record.field($0) })
            where !found.contains(where: { $0.name == field.name }) {
                found.append((field.name, field, record))
            }
        }
        return found
    }

    private func value(_ text: String, of name: String) throws -> String {
        let schema = Finding.mapping.schema
        guard let field = schema.field(named: name) else { return text }
        do throws(ValueProblem) {
            _ = try FieldParser(catalogue: catalogue).value(text, of: field, in: schema)
        } catch { throw Failure.input(Messages.field("--" + name, error.description)) }
        return text
    }
}
