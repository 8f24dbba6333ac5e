import Interchange
import Models
import Replication

/// A value that a field does not take: what is wrong and what would be right.
struct ValueProblem: Error {
    let problem: String
    let expected: String

    var description: String { Messages.wrong(problem, expected) }
}

/// Reads fields' values from text, with the checks that need no network.
struct FieldParser {
    /// The reference data; nil checks no keys.
    let catalogue: Catalogue?
    /// Times without an offset are taken to be at this one, in minutes.
    var zoneMinutes = District.timeZoneMinutes
    /// Whether digits beyond a decimal's scale are rounded; else they are refused.
    var rounds = false
    /// Whether words of a vocabulary must stand on its list: for what people type.
    var checksWords = false
    /// Finds the record of a type that a text names, by any of its names; nil takes full ids as
    /// they are.
    var resolve: ((String, UInt32) throws -> RecordKey)?

    /// Reads a value; empty text clears the field.
    func value(
        _ text: String,
        of field: FieldSchema,
        in record: RecordSchema
    ) throws(ValueProblem) -> FieldValue {
        if text.utf8.contains(0) {
            throw ValueProblem(
                problem: words("holds U+0000", "含有 U+0000"),
                expected: words("text without it", "不含该字符的文本")
            )
        }
        if text.isEmpty { return .null }
        let text = checksWords && field.name == "unit" ? MeasureUnit(text).canonical.rawValue : text
        let value = try plainValue(text, of: field)
        try check(text, value, field: field, record: record)
        return value
    }

    private func plainValue(
        _ text: String,
        of field: FieldSchema
    ) throws(ValueProblem) -> FieldValue {
        switch field.kind {
        case .text: return .text(text)
        case .integer:
            guard let number = Int64(text) else {
                throw wrong(text, words("a whole number, as 3", "整数，如 3"))
            }
            return .integer(number)
        case .real:
            guard let number = Double(text), number.isFinite else {
                throw wrong(text, words("a number, as 0.5", "数字，如 0.5"))
            }
            return .real(number)
        case .scaled(let scale): return .scaled(try units(text, scale: Int(scale)))
        case .boolean: return .boolean(try boolean(text))
        case .timestamp: return .timestamp(try time(text))
        case .bytes:
            guard let bytes = Hex.bytes(text) else {
                throw wrong(text, words("pairs of hexadecimal digits", "成对的十六进制数字"))
            }
            return .bytes(bytes)
        case .json:
            do {
                let value = try JSONParser().parse(text)
                return .json(JSONWriter(style: .canonical).text(of: value))
            } catch { throw ValueProblem(problem: error.message, expected: error.expected) }
        case .reference(let type):
            if let resolve {
                do { return .reference(try resolve(text, type)) } catch {
                    throw ValueProblem(
                        problem: "\(error)",
                        expected: words("a record that is here", "本机已有的记录")
                    )
                }
            }
            if let key = ShortReference.key(full: text), key.type == type { return .reference(key) }
            if let id = RecordID(text) { return .reference(RecordKey(type: type, id: id)) }
            return .reference(RecordKey(type: type, id: .named(text)))
        }
    }

    /// Reads an exact decimal in units of its scale.
    func units(_ text: String, scale: Int) throws(ValueProblem) -> Int64 {
        let value: Interchange.ScaledDecimal
        do {
            value = try Interchange.ScaledDecimal.parse(text, scale: scale)
        } catch { throw wrong(text, words("a number, as 12.5", "数字，如 12.5")) }
        if !value.isExact, !rounds {
            throw wrong(
                text,
                words(
                    "at most \(scale) digits after the point",
                    "小数点后至多 \(scale) 位"
                )
            )
        }
        return value.units
    }

    private func boolean(_ text: String) throws(ValueProblem) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "y", "1", "是", "有": return true
        case "false", "no", "n", "0", "否", "无": return false
        default: throw wrong(text, words("yes or no", "yes（是）或 no（否）"))
        }
    }

    /// Reads a time in milliseconds since 1970.
    func time(_ text: String) throws(ValueProblem) -> Int64 {
        do {
            return try TimeText.parse(text).milliseconds(assumingOffsetMinutes: zoneMinutes)
        } catch { throw wrong(text, error.expected) }
    }

    private func wrong(_ text: String, _ expected: String) -> ValueProblem {
        ValueProblem(problem: Messages.isNo(text), expected: expected)
    }

    // MARK: Checks by meaning

    private func check(
        _ text: String,
        _ value: FieldValue,
        field: FieldSchema,
        record: RecordSchema
    ) throws(ValueProblem) {
        switch field.name {
        case "latitude", "longitude":
            let degrees: Int64 = field.name == "latitude" ? 90 : 180
            guard case .scaled(let units) = value, units.magnitude <= UInt64(degrees) * 10_000_000
            else {
                throw ValueProblem(
                    problem: words("\(text) is not on the earth", "\(text) 不在地球上"),
                    expected: words(
                        "-\(degrees) to \(degrees) decimal degrees",
                        "-\(degrees) 至 \(degrees) 的十进制度"
                    )
                )
            }
        case "town", "firstTown", "secondTown": try checkTown(text)
        case "organ", "leadOrgan", "participantOrgans", "firstOrgan", "secondOrgan":
            guard let catalogue, catalogue.organ(text) == nil else { return }
            throw unknown(
                text,
                Messages.organ,
                catalogue.organs.map(\.key),
                all: "field catalogue organs"
            )
        case "matter":
            guard let catalogue, catalogue.versions(of: text).isEmpty else { return }
            throw unknown(
                text,
                Messages.matter,
                catalogue.matters.map(\.key),
                all: "field matter search"
            )
        case "water":
            guard let catalogue, catalogue.water(text) == nil else { return }
            throw unknown(
                text,
                Messages.water,
                catalogue.waters.map(\.key),
                all: "field catalogue waters"
            )
        case "matterVersion", "birthDate", "priorPenaltyOn":
            guard Models.CivilDate(text) == nil else { return }
            throw wrong(text, words("a day, as 2026-05-01", "日期，如 2026-05-01"))
        case "hazardLevel":
            guard case .integer(let level) = value, !(0...4).contains(level) else { return }
            throw wrong(text, words("a level of 0 to 4", "0 至 4 的等级"))
        case "accuracy", "lengthMetres", "meshMillimetres", "weight", "quantity", "estimatedValue":
            guard case .scaled(let units) = value, units < 0 else { return }
            throw wrong(text, words("0 or more", "不小于 0 的数"))
        case "personsCount", "count":
            guard case .integer(let count) = value, !(0...100_000).contains(count) else { return }
            throw wrong(text, words("a number of 0 to 100000", "0 至 100000 的数"))
        default: try checkWord(text, field: field, record: record)
        }
    }

    private func checkWord(
        _ text: String,
        field: FieldSchema,
        record: RecordSchema
    ) throws(ValueProblem) {
        guard checksWords, let known = District.words(of: field.name, in: record.name),
            !known.contains(text)
        else { return }
        throw ValueProblem(
            problem: words("“\(text)” is not on the list", "“\(text)”不在清单中"),
            expected: Suggestion.text(text, in: known, all: "field words \(field.name)")
                + words("; --any-word takes it as it is", "；--any-word 可照录")
        )
    }

    private func checkTown(_ text: String) throws(ValueProblem) {
        guard let catalogue else { return }
        guard let current = catalogue.currentCode(of: text) else {
            throw unknown(
                text,
                Messages.town,
                catalogue.towns.filter { $0.status != "retired" }.map { "\($0.code) \($0.name)" },
                all: "field catalogue towns"
            )
        }
        guard current != text else { return }
        let district = catalogue.town(text)?.district ?? ""
        if catalogue.town(current) == nil {
            // Moved to another district: no code of this one would be right.
            let name = catalogue.town(text)?.name ?? ""
            let place = district.isEmpty ? current : "\(district) (\(current))"
            throw ValueProblem(
                problem: words(
                    "\(text) \(name) is a retired code; the place is now in \(place), outside this district",
                    "\(text) \(name) 是已停用的代码；该地现属\(place)，不在本区"
                ),
                expected: words("a town of this district, as ", "本区的镇街，如 ")
                    + (catalogue.towns.first { $0.status != "retired" }
                        .map { "\($0.code) \($0.name)" } ?? "")
            )
        }
        throw ValueProblem(
            problem: words("\(text) is a retired code", "\(text) 是已停用的代码"),
            expected: current
        )
    }

    private func unknown(
        _ text: String,
        _ what: String,
        _ known: [String],
        all command: String
    ) -> ValueProblem {
        ValueProblem(
            problem: Messages.unknownKey(text, what),
            expected: Suggestion.text(text, in: known, all: command)
        )
    }
}
