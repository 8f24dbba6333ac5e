/// The record types that a store keeps.
///
/// A schema is checked when it is made; there is no invalid one.
public struct Schema: Hashable, Sendable {
    /// The record types, by growing number.
    public let records: [RecordSchema]
    /// Identifies what a replica can read; grows with every published schema.
    public let version: UInt32
    /// Minutes east of UTC for the times that merges write into texts (480 for China).
    public let timeZoneMinutes: Int

    /// Checks and makes a schema.
    ///
    /// - Throws: `SchemaError` with the record, the field and what would be right.
    public init(
        version: UInt32 = 1,
        timeZoneMinutes: Int = 0,
        records: [RecordSchema]
    ) throws(SchemaError) {
        self.version = version
        self.timeZoneMinutes = timeZoneMinutes
        self.records = records.sorted { $0.number < $1.number }
        if !(-1_440...1_440).contains(timeZoneMinutes) {
            throw SchemaError(
                "timeZoneMinutes",
                nil,
                "\(timeZoneMinutes) is no time zone; give minutes east of UTC, ±1440 at most"
            )
        }
        try checkRecords()
        for record in self.records { try Schema.check(record, in: self.records) }
    }

    /// The record type with this number.
    ///
    /// O(log types).
    public func record(_ number: UInt32) -> RecordSchema? {
        var low = 0
        var high = records.count
        while low < high {
            let middle = low + (high - low) / 2
            if records[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < records.count && records[low].number == number ? records[low] : nil
    }

    /// The record type with this name.
    ///
    /// O(types).
    public func record(named name: String) -> RecordSchema? {
        records.first { $0.name.hasSameBytes(as: name) }
    }

    private func checkRecords() throws(SchemaError) {
        for (index, record) in records.enumerated() {
            if record.number == 0 {
                throw SchemaError(record.name, nil, "number 0 is reserved; number types from 1")
            }
            try Schema.checkName(record.name, record: record.name, field: nil)
            if index > 0, records[index - 1].number == record.number {
                throw SchemaError(
                    record.name,
                    nil,
                    "has the number \(record.number) of \(records[index - 1].name); "
                        + "numbers name types for ever and must differ"
                )
            }
            if let other = records[..<index].first(where: { $0.name.isSameName(as: record.name) }) {
                throw SchemaError(record.name, nil, Schema.declaredTwice(record.name, other.name))
            }
        }
        for record in records {
            for suffix in Schema.shadowSuffixes {
                let shadow = record.name + suffix
                if let other = records.first(where: { $0.name.isSameName(as: shadow) }) {
                    throw SchemaError(
                        other.name,
                        nil,
                        "has the name of a table that SQLite makes for the search of "
                            + "\(record.name); end it otherwise than in \(suffix)"
                    )
                }
            }
        }
    }

    /// What FTS5 and R*Tree append to a table's name for the tables that they make beside it.
    private static let shadowSuffixes = [
        "_data", "_idx", "_content", "_docsize", "_config", "_node", "_parent", "_rowid",
    ]

    private static func declaredTwice(_ name: String, _ other: String) -> String {
        name.hasSameBytes(as: other)
            ? "is declared twice"
            : "differs from \(other) in upper and lower case only, which SQL does not tell apart"
    }
}

extension String {
    /// Whether both are one name to SQL, which does not tell upper from lower case in ASCII.
    fileprivate func isSameName(as other: String) -> Bool {
        func folded(_ byte: UInt8) -> UInt8 {
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 32 : byte
        }
        return utf8.lazy.map(folded).elementsEqual(other.utf8.lazy.map(folded))
    }
}

extension Schema {
    private static func check(
        _ record: RecordSchema,
        in records: [RecordSchema]
    ) throws(SchemaError) {
        for (index, field) in record.fields.enumerated() {
            try check(field, in: record)
            if index > 0, record.fields[index - 1].number == field.number {
                throw SchemaError(
                    record.name,
                    field.name,
                    "has the number \(field.number) of \(record.fields[index - 1].name); "
                        + "give it one that was never used"
                )
            }
            let same = record.fields[..<index].first { $0.name.isSameName(as: field.name) }
            if let same {
                throw SchemaError(record.name, field.name, declaredTwice(field.name, same.name))
            }
        }
        try checkGroups(of: record)
        try checkScope(of: record, in: records)
        if let unlisted = record.unlistedFields { try check(unlisted, of: record) }
    }

    private static func check(
        _ unlisted: RecordSchema.UnlistedFields,
        of record: RecordSchema
    ) throws(SchemaError) {
        if unlisted.policy.isCollection {
            throw SchemaError(
                record.name,
                nil,
                "unlisted fields hold one value each; list the field to make it a collection"
            )
        }
        try checkFit(unlisted.policy, unlisted.kind, record: record.name, field: nil)
        if unlisted.policy == .counter {
            throw SchemaError(
                record.name,
                nil,
                "unlisted fields are set and cannot be added to; list the field to count in it"
            )
        }
    }

    private static func check(_ field: FieldSchema, in record: RecordSchema) throws(SchemaError) {
        if field.number == SlotKey.unlisted {
            throw SchemaError(record.name, field.name, "number 0 is reserved; number from 1")
        }
        try checkName(field.name, record: record.name, field: field.name)
        if case .scaled(let scale) = field.kind, scale > 18 {
            throw SchemaError(record.name, field.name, "scale \(scale) is over 18 digits")
        }
        try checkFit(field.policy, field.kind, record: record.name, field: field.name)
    }

    private static func checkFit(
        _ policy: MergePolicy,
        _ kind: FieldKind,
        record: String,
        field: String?
    ) throws(SchemaError) {
        let isNumber: Bool
        switch kind {
        case .integer, .scaled, .timestamp: isNumber = true
        default: isNumber = false
        }
        let fits =
            switch policy {
            case .counter: isNumber && kind != .timestamp
            case .maximum, .minimum, .keepLeast: isNumber || kind == .real
            case .sticky: kind == .boolean
            case .text: kind == .text
            default: true
            }
        if !fits {
            throw SchemaError(record, field, "policy \(policy) does not go with kind \(kind)")
        }
    }

    /// The most fields of one atomic group: what one value on the wire can hold.
    public static let groupMembersMax = 64

    private static func checkGroups(of record: RecordSchema) throws(SchemaError) {
        var seen: [UInt32] = []
        for group in record.groups {
            guard group.count > 1 else {
                throw SchemaError(record.name, nil, "an atomic group needs two fields or more")
            }
            guard group.count <= groupMembersMax else {
                throw SchemaError(
                    record.name,
                    nil,
                    "an atomic group of \(group.count) fields; \(groupMembersMax) at most travel as "
                        + "one value"
                )
            }
            for number in group {
                guard let field = record.field(number) else {
                    throw SchemaError(
                        record.name,
                        nil,
                        "an atomic group names field \(number), which this record has not; "
                            + "groups cannot reach across records"
                    )
                }
                if seen.contains(number) {
                    throw SchemaError(record.name, field.name, "stands in two atomic groups")
                }
                seen.append(number)
                if field.policy != record.field(group[0])?.policy || !field.policy.admitsGroups {
                    throw SchemaError(
                        record.name,
                        field.name,
                        "members of one atomic group need one policy, and one that keeps values "
                            + "whole (lastWriter, keepSiblings, claim or hubOnly)"
                    )
                }
            }
        }
    }

    private static func checkScope(
        of record: RecordSchema,
        in records: [RecordSchema]
    ) throws(SchemaError) {
        switch record.scope {
        case .everyone: break
        case .fields(let numbers):
            for number in numbers {
                let field = try single(number, of: record)
                if field.kind != .text || record.group(of: number) != nil {
                    throw SchemaError(
                        record.name,
                        field.name,
                        "a scope is the text of a field by itself, not \(field.kind) or a part of "
                            + "a group"
                    )
                }
            }
        case .parent(let number):
            let field = try single(number, of: record)
            guard case .reference(let type) = field.kind,
                records.contains(where: { $0.number == type })
            else {
                throw SchemaError(
                    record.name,
                    field.name,
                    "the scope's parent must be a reference to a type of this schema"
                )
            }
        }
        guard let place = record.place else { return }
        for number in [place.latitude, place.longitude] {
            let field = try single(number, of: record)
            switch field.kind {
            case .scaled, .real: break
            default:
                throw SchemaError(
                    record.name,
                    field.name,
                    "a place is in degrees, scaled or real, not \(field.kind)"
                )
            }
        }
    }

    private static func single(
        _ number: UInt32,
        of record: RecordSchema
    ) throws(SchemaError) -> FieldSchema {
        guard let field = record.field(number) else {
            throw SchemaError(record.name, nil, "scope or place names field \(number), absent")
        }
        if field.policy.isCollection {
            throw SchemaError(record.name, field.name, "scope and place need single values")
        }
        return field
    }

    private static func checkName(
        _ name: String,
        record: String,
        field: String?
    ) throws(SchemaError) {
        let isPlain = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if name.isEmpty || name.utf8.count > 64 || !isPlain {
            throw SchemaError(
                record,
                field,
                "names are 1 to 64 ASCII letters, digits, - and _"
            )
        }
    }
}
