import Interchange
import Models
import Replication

/// Field values for people and for programs.
enum ValueText {
    /// The value as people read it.
    static func text(_ value: FieldValue, of field: FieldSchema?) -> String {
        switch value {
        case .null: "—"
        case .boolean(let flag): flag ? words("yes", "是") : words("no", "否")
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .scaled(let units): decimal(units, field)
        case .text(let text):
            field?.name == "catalogueVersion" && text.utf8.count > 12 ? text.prefix(8) + "…" : text
        case .json(let text): text
        case .timestamp(let milliseconds): time(milliseconds)
        case .bytes(let bytes):
            bytes.count <= 32 ? Hex.text(bytes) : SizeFormat.text(bytes: Int64(bytes.count))
        case .reference(let key): ShortReference.text(key)
        case .group(let members): members.map { text($0, of: nil) }.joined(separator: " · ")
        }
    }

    /// The value of a slot, a group's members by their own fields.
    static func text(_ value: FieldValue, slot: SlotKey, in record: RecordSchema) -> String {
        guard case .group(let members) = value, let group = record.group(of: slot.field) else {
            return text(value, of: record.field(slot.field))
        }
        return zip(group, members).filter { !$1.isNull }
            .map { text($1, of: record.field($0)) }.joined(separator: " · ")
    }

    /// The value as JSON.
    static func json(_ value: FieldValue, of field: FieldSchema?) -> JSONValue {
        switch value {
        case .null: .null
        case .boolean(let flag): .boolean(flag)
        case .integer(let number): .integer(number)
        case .real(let number): JSONValue(number) ?? .null
        case .scaled(let units): JSONValue(lexeme: decimal(units, field)) ?? .null
        case .text(let text): .string(text)
        case .json(let text): (try? JSONParser().parse(text)) ?? .string(text)
        case .timestamp(let milliseconds): .string(instant(milliseconds))
        case .bytes(let bytes): .string(Hex.text(bytes))
        case .reference(let key): .string(ShortReference.full(key))
        case .group(let members): .array(members.map { json($0, of: nil) })
        }
    }

    /// The value of a slot as JSON, a group as an object of its members.
    static func json(_ value: FieldValue, slot: SlotKey, in record: RecordSchema) -> JSONValue {
        guard case .group(let members) = value, let group = record.group(of: slot.field) else {
            return json(value, of: record.field(slot.field))
        }
        var object = JSONObject()
        for (number, member) in zip(group, members) {
            object[record.name(of: SlotKey(number))] = json(member, of: record.field(number))
        }
        return .object(object)
    }

    /// The value as exchange files have it: no units, no words of a language.
    static func plain(_ value: FieldValue, of field: FieldSchema?) -> String {
        switch json(value, of: field) {
        case .null: ""
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let lexeme): lexeme
        case .string(let text): text
        case let other: other.description
        }
    }

    private static func decimal(_ units: Int64, _ field: FieldSchema?) -> String {
        guard case .scaled(let scale)? = field?.kind else { return String(units) }
        return Interchange.ScaledDecimal(units: units, scale: Int(scale)).text
    }

    /// A time by the district's clock, for people.
    static func time(_ milliseconds: Int64) -> String {
        let time = try? CivilTime(
            milliseconds: milliseconds,
            offsetMinutes: District.timeZoneMinutes
        )
        return time?.text(precision: .second) ?? String(milliseconds)
    }

    /// A time as RFC 3339 text with the district's offset.
    static func instant(_ milliseconds: Int64) -> String {
        (try? CivilTime.rfc3339(
            milliseconds: milliseconds,
            offsetMinutes: District.timeZoneMinutes
        )) ?? String(milliseconds)
    }
}
