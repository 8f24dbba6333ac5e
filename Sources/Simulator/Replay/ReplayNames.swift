import Replication
import SyncCore

/// The names that a trace uses, and the fields that it adds to its schema by using them.
///
/// A type whose `default` is a set, a grow-only field or a counter gets a field for every unlisted
/// name, numbered in the order in which the trace first names them. The first reading of a trace
/// collects them, so that the stores are opened with all of them.
final class ReplayNames {
    private let base: ReplaySchema
    private var types: [ByteName: RecordSchema] = [:]
    private var fields: [UInt32: [ByteName: FieldSchema]] = [:]
    private var added: [UInt32: [FieldSchema]] = [:]
    private var next: [UInt32: UInt32] = [:]
    private var typeNames: [UInt32: ReplayTypeNames]

    init(_ base: ReplaySchema) {
        self.base = base
        typeNames = base.names
        for record in base.schema.records {
            guard let names = base.names[record.number] else { continue }
            types[ByteName(names.name)] = record
            for field in record.fields {
                let name = ByteName(names.fields[field.number] ?? field.name)
                fields[record.number, default: [:]][name] = field
            }
        }
    }

    /// The schema with the fields that were added.
    func schema() throws(ReplayError) -> Schema {
        if added.isEmpty { return base.schema }
        var records = base.schema.records
        for index in records.indices {
            records[index].fields += added[records[index].number] ?? []
            records[index].fields.sort { $0.number < $1.number }
        }
        do {
            return try Schema(
                version: base.schema.version,
                timeZoneMinutes: base.schema.timeZoneMinutes,
                records: records
            )
        } catch {
            throw ReplayError(line: nil, key: error.field, error.problem)
        }
    }

    /// The type that the trace calls so.
    func record(named name: String) -> RecordSchema? { types[ByteName(name)] }

    /// All types, as the trace calls them.
    var typeList: String {
        base.schema.records.map { name(of: $0.number) }.joined(separator: ", ")
    }

    /// All listed fields of a type, as the trace calls them.
    func fieldList(of record: RecordSchema) -> String {
        record.fields.map { name(of: SlotKey($0.number), in: record) }.joined(separator: ", ")
    }

    /// The field that the trace calls so: a listed one, or one that the type's default makes.
    func field(named name: String, in record: RecordSchema) -> FieldSchema? {
        if let field = fields[record.number]?[ByteName(name)] { return field }
        guard let rule = typeNames[record.number]?.rule, !name.isEmpty,
            name.utf8.count <= ReplayEventReader.nameBytesMax, !name.utf8.contains(0)
        else { return nil }
        let number = freeNumber(in: record)
        var plain = "unlisted-\(number)"
        while record.fields.contains(where: { $0.name == plain }) { plain += "-" }
        let field = FieldSchema(number, plain, rule.kind, rule.policy)
        added[record.number, default: []].append(field)
        fields[record.number, default: [:]][ByteName(name)] = field
        typeNames[record.number]?.fields[number] = name
        return field
    }

    private func freeNumber(in record: RecordSchema) -> UInt32 {
        var number = next[record.number] ?? 1
        while record.field(number) != nil { number += 1 }
        next[record.number] = number + 1
        return number
    }

    /// What the trace calls a type.
    func name(of type: UInt32) -> String { typeNames[type]?.name ?? "type \(type)" }

    /// What the trace calls a slot: a field's name, or the name of an unlisted one.
    func name(of slot: SlotKey, in record: RecordSchema) -> String {
        typeNames[record.number]?.fields[slot.field] ?? record.name(of: slot)
    }
}
