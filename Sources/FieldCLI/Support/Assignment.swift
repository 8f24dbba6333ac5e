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

    /// Reads an assignment; the field may go by its label for people.
    init(parsing text: String, of record: RecordSchema) throws {
        guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
            throw Failure.input(Messages.noAssignment(text))
        }
        let before = text[text.index(before: sign)]
        action = before == "+" ? .add : before == "-" ? .remove : .set
        let end = action == .set ? sign : text.index(before: sign)
        let typed = text[..<end]
        let head = String(typed.prefix { $0 != "." })
        name = (record.field(typed: head)?.name ?? head) + typed.dropFirst(head.count)
        self.text = String(text[text.index(after: sign)...])
    }
}

extension RecordSchema {
    /// The field that somebody names: by its name, or by the label that listings show, with or
    /// without what the label has in brackets.
    func field(typed text: String) -> FieldSchema? {
        func label(_ field: FieldSchema) -> String { Messages.fieldLabel(field.name, of: name) }
        return field(named: text) ?? fields.first { label($0) == text }
            ?? fields.first { label($0).prefix { $0 != "（" } == text }
    }
}

extension FieldParser {
    /// The edits that assignments ask for, of a record as `view` shows it; nil for a new one.
    ///
    /// What sets hold is read there: `=` makes a set what is given.
    func edits(
        _ assignments: [Assignment],
        of record: RecordSchema,
        on view: RecordView? = nil
    ) throws -> [Edit] {
        var edits: [Edit] = []
        var replaced: Set<UInt32> = []
        for assignment in assignments {
            let parts = assignment.name.split(separator: ".", maxSplits: 1).map(String.init)
            guard let field = record.field(typed: parts.first ?? "") else {
                throw Failure.input(
                    Messages.unknownField(assignment.name, record.name, record.fields.map(\.name))
                )
            }
            let value: FieldValue
            do { value = try self.value(assignment.text, of: field, in: record) } catch {
                throw Failure.input(Messages.field(field.name, error.description))
            }
            switch (field.policy, assignment.action) {
            case (.addWinsSet, .remove): edits.append(.remove(field.number, value))
            case (.addWinsSet, let action):
                if action == .set, replaced.insert(field.number).inserted {
                    let kept = members(of: field, in: assignments, record)
                    edits += (view?.members(of: field.number) ?? []).compactMap(\.slot.element)
                        .filter { !kept.contains($0) }.map { .remove(field.number, $0) }
                }
                if !value.isNull { edits.append(.add(field.number, value)) }
            case (.growOnly, _):
                guard parts.count == 2 else {
                    throw Failure.input(Messages.needsEntryName(field.name))
                }
                edits.append(.append(field.number, id: parts[1], value))
            case (.sticky, .set) where value != .boolean(true):
                throw Failure(.refused, Messages.sticky(field.name))
            case (_, .set): edits.append(.set(field.number, value))
            default: throw Failure.input(Messages.noSet(field.name))
            }
        }
        return edits
    }

    private func members(
        of field: FieldSchema,
        in assignments: [Assignment],
        _ record: RecordSchema
    ) -> [FieldValue] {
        assignments.filter { $0.name == field.name && $0.action != .remove }
            .compactMap { try? value($0.text, of: field, in: record) }
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
        let degrees = parts.map { Double($0) ?? 0 }
        if isSwapped(longitude: degrees[0], latitude: degrees[1]) {
            throw Failure.input(Messages.swapped(text, "\(parts[1]),\(parts[0])"))
        }
        return (parts[1], parts[0])
    }

    /// Whether a place makes sense only with its two numbers the other way round.
    private static func isSwapped(longitude: Double, latitude: Double) -> Bool {
        func isOnEarth(_ longitude: Double, _ latitude: Double) -> Bool {
            abs(longitude) <= 180 && abs(latitude) <= 90
        }
        guard isOnEarth(longitude, latitude) else { return isOnEarth(latitude, longitude) }
        return !District.isNear(longitude: longitude, latitude: latitude)
            && District.isNear(longitude: latitude, latitude: longitude)
    }

    /// An amount of something with what else is said of it.
    struct Amount {
        /// What it is an amount of.
        let what: String
        /// The number.
        let amount: String
        /// The unit; empty when none is given.
        let unit: String
        /// What follows: `name=value`, or a name alone with an empty value.
        let details: [(name: String, value: String)]
    }

    /// Reads `what=amount unit,detail=value`, as 鲫鱼=8.0kg,state=怀卵亲体 or 地笼=3,banned.
    static func amount(_ text: String) throws -> Amount {
        let pieces = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let parts = pieces[0].split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw Failure.input(Messages.noAmount(text))
        }
        // 千 of 千克 is a number too, as Unicode has it.
        let amount = parts[1].prefix { ("0"..."9").contains($0) || $0 == "." }
        guard !amount.isEmpty else { throw Failure.input(Messages.noAmount(text)) }
        let unit = parts[1].dropFirst(amount.count).drop { $0 == " " }
        let details = pieces.dropFirst()
            .map { piece in
                let sides = piece.split(separator: "=", maxSplits: 1).map(String.init)
                return (sides.first ?? "", sides.count > 1 ? sides[1] : "")
            }
        return Amount(
            what: parts[0],
            amount: String(amount),
            unit: String(unit),
            details: details
        )
    }
}
