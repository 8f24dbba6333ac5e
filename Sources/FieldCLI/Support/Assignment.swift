import Models
import Replication

/// `name=value`, `name+=value` or `name-=value`, as options have it.
struct Assignment {
    /// What becomes of the field.
    enum Action { case set, add, remove }

    let name: String
    let action: Action
    let text: String

    init(_ name: String, _ text: String, action: Action = .set) {
        self.name = name
        self.text = text
        self.action = action
    }

    /// Reads an assignment.
    init(parsing text: String) throws {
        guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
            throw Failure.input(Messages.noAssignment(text))
        }
        let before = text[text.index(before: sign)]
        action = before == "+" ? .add : before == "-" ? .remove : .set
        let end = action == .set ? sign : text.index(before: sign)
        name = String(text[..<end])
        self.text = String(text[text.index(after: sign)...])
    }
}

extension FieldParser {
    /// The edits that assignments ask for.
    func edits(_ assignments: [Assignment], of record: RecordSchema) throws -> [Edit] {
        var edits: [Edit] = []
        for assignment in assignments {
            let parts = assignment.name.split(separator: ".", maxSplits: 1).map(String.init)
            guard let field = record.field(named: parts.first ?? "") else {
                throw Failure.input(
                    Messages.unknownField(assignment.name, record.name, record.fields.map(\.name))
                )
            }
            let value: FieldValue
            do { value = try self.value(assignment.text, of: field, in: record) } catch {
                throw Failure.input(Messages.field(field.name, error.description))
            }
            switch (field.policy, assignment.action) {
            case (.addWinsSet, .set), (.addWinsSet, .add): edits.append(.add(field.number, value))
            case (.addWinsSet, .remove): edits.append(.remove(field.number, value))
            case (.growOnly, _):
                guard parts.count == 2 else {
                    throw Failure.input(Messages.needsEntryName(field.name))
                }
                edits.append(.append(field.number, id: parts[1], value))
            case (_, .set): edits.append(.set(field.number, value))
            default: throw Failure.input(Messages.noSet(field.name))
            }
        }
        return edits
    }
}

/// Arguments that stand for several values.
enum ArgumentText {
    /// Reads `longitude,latitude`, as GeoJSON orders them.
    static func place(_ text: String) throws -> (latitude: String, longitude: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0.filter { $0 != " " }) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw Failure.input(Messages.noPlace(text))
        }
        return (parts[1], parts[0])
    }

    /// Reads `what=amount unit`, as 鲫鱼=8.0kg or 地笼=3.
    static func amount(_ text: String) throws -> (what: String, amount: String, unit: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw Failure.input(Messages.noAmount(text))
        }
        let amount = parts[1].prefix { $0.isNumber || $0 == "." }
        guard !amount.isEmpty else { throw Failure.input(Messages.noAmount(text)) }
        let unit = parts[1].dropFirst(amount.count).drop { $0 == " " }
        return (parts[0], String(amount), String(unit))
    }
}
