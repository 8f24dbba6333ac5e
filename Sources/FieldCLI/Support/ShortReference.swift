import Models
import Replication
import SyncCore

/// Short names of records for people: a letter for the type and some characters of a digest.
///
/// The same on every device. Any unique prefix is understood, as are full ids and, on a device, `last`.
enum ShortReference {
    /// How many characters of the digest are shown.
    static let shownCount = 7

    private static let letters: [(letter: Character, schema: RecordSchema)] = [
        ("f", Finding.mapping.schema), ("p", Patrol.mapping.schema), ("l", Leg.mapping.schema),
        ("t", TrackSegment.mapping.schema), ("m", Measurement.mapping.schema),
        ("s", SeizedItem.mapping.schema), ("e", Evidence.mapping.schema),
        ("n", Note.mapping.schema), ("c", CatchLine.mapping.schema),
        ("g", GearItem.mapping.schema), ("y", Party.mapping.schema), ("a", SameAs.mapping.schema),
    ]
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// The short reference of a record; catalogue records show their name.
    static func text(_ key: RecordKey) -> String {
        guard let letter = letters.first(where: { $0.schema.number == key.type })?.letter else {
            if case .named(let name) = key.id { return name }
            return full(key)
        }
        return String(letter) + code(key).prefix(shownCount)
    }

    /// The full address: `finding/0123456789abcdef:12.0`.
    static func full(_ key: RecordKey) -> String {
        let name = District.schema.record(key.type)?.name ?? String(key.type)
        return "\(name)/\(key.id)"
    }

    /// Reads what `full` writes.
    static func key(full text: String) -> RecordKey? {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let name = String(text[..<slash])
        guard let schema = District.schema.record(named: name),
            let id = RecordID(String(text[text.index(after: slash)...]))
        else { return nil }
        return RecordKey(type: schema.number, id: id)
    }

    /// Finds the one record of these types that a text names.
    ///
    /// O(records of the types).
    static func find(
        _ text: String,
        types: [RecordSchema],
        in reading: Reading
    ) throws -> RecordKey {
        for schema in types {
            if let key = try exact(text, schema, in: reading) { return key }
        }
        var matches: [RecordKey] = []
        for schema in types where letter(of: schema).map({ text.first == $0 }) ?? false {
            let wanted = text.dropFirst().lowercased()
            guard !wanted.isEmpty else { continue }
            for key in try reading.records(RecordQuery(schema))
            where code(key).hasPrefix(wanted) {
                matches.append(key)
            }
        }
        if matches.count == 1 { return matches[0] }
        let names = types.map(\.name).joined(separator: ", ")
        if matches.isEmpty { throw Failure.input(Messages.unknownReference(text, names)) }
        let some = matches.prefix(5).map { String(text.prefix(1)) + code($0) }
        throw Failure.input(Messages.ambiguousReference(text, some))
    }

    /// The record of a type that a text names in full: by its address, its id or its own name; nil
    /// where there is none.
    static func exact(
        _ text: String,
        _ schema: RecordSchema,
        in reading: Reading
    ) throws -> RecordKey? {
        let ids = [RecordID(text), .named(text)].compactMap(\.self)
        let keys =
            [key(full: text)].compactMap(\.self).filter { $0.type == schema.number }
            + ids.map { RecordKey(type: schema.number, id: $0) }
        return try keys.first { try reading.view($0) != nil }
    }

    /// The newest record of the first of these types that has one made on this device.
    ///
    /// What others made is passed over: after a sync the newest of all is often theirs.
    static func last(
        of types: [RecordSchema],
        madeBy replica: ReplicaID,
        in reading: Reading
    ) throws -> RecordKey {
        for schema in types {
            var query = RecordQuery(schema)
            query.descending = true
            var passed = 0
            var limit = 8
            while true {
                query.limit = limit
                let keys = try reading.records(query)
                let found = try keys.dropFirst(passed)
                    .first { try isMade($0, by: replica, in: reading) }
                if let found { return found }
                if keys.count < limit { break }
                passed = keys.count
                limit *= 8
            }
        }
        throw Failure.input(Messages.noLast(types.map(\.name)))
    }

    private static func isMade(
        _ key: RecordKey,
        by replica: ReplicaID,
        in reading: Reading
    ) throws -> Bool {
        switch key.id {
        case .created(let dot, _): dot.replica == replica
        // An imported record is named by its file.
        case .named: try reading.history(key).first?.stamp.dot.replica == replica
        }
    }

    private static func letter(of schema: RecordSchema) -> Character? {
        letters.first { $0.schema.number == schema.number }?.letter
    }

    /// The types that short references name.
    static var types: [RecordSchema] { letters.map(\.schema) }

    /// Thirteen characters: FNV-1a of the address, mixed, five bits a character.
    private static func code(_ key: RecordKey) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(key.type)/\(key.id)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        hash ^= hash >> 31
        hash = hash &* 0x7FB5_D329_728E_A185
        hash ^= hash >> 27
        hash = hash &* 0x81DA_DEF4_BC2D_D44D
        hash ^= hash >> 33
        return String((0..<12).map { alphabet[Int((hash >> (59 - $0 * 5)) & 31)] })
    }
}
