import Replication

/// Which column a value stands in: one for each field of each record type, and one for each member
/// of a group, so that like stands beside like and compresses.
struct ColumnKey: Hashable, Comparable {
    enum Role: UInt8 { case element, value }

    var type: UInt32
    var field: UInt32
    var role: Role

    static func < (lhs: ColumnKey, rhs: ColumnKey) -> Bool {
        (lhs.type, lhs.field, lhs.role.rawValue) < (rhs.type, rhs.field, rhs.role.rawValue)
    }
}

/// The kinds of value on the wire and in the store.
///
/// Numbers never change meaning.
enum ValueTag: UInt8, CaseIterable {
    case null = 0
    case no = 1
    case yes = 2
    case integer = 3
    case real = 4
    case scaled = 5
    case text = 6
    case timestamp = 7
    case bytes = 8
    case json = 9
    case reference = 10
    case group = 11
    /// A text that is a lower-case UUID, as its sixteen bytes.
    case uuid = 12

    init(_ value: FieldValue) {
        self =
            switch value {
            case .null: .null
            case .boolean(let value): value ? .yes : .no
            case .integer: .integer
            case .real: .real
            case .scaled: .scaled
            case .text: .text
            case .timestamp: .timestamp
            case .bytes: .bytes
            case .json: .json
            case .reference: .reference
            case .group: .group
            }
    }
}

/// Writes one column of values.
///
/// Layout: the tags as an integer column; then, each as an integer column over the values that need
/// it, the numbers (scaled decimals and timestamps as differences from the one before) and the text
/// references; then reals, byte strings and record references one by one; then, where there are
/// groups, one column for each member position.
struct ValueColumnWriter {
    let values: [FieldValue]

    func encode(
        strings: inout StringTableWriter,
        replicas: inout ReplicaTableWriter,
        into writer: inout ByteWriter
    ) {
        var numbers: [UInt64] = []
        var texts: [UInt64] = []
        var groups: [[FieldValue]] = []
        var single = ByteWriter()
        var lastScaled: Int64 = 0
        var lastTime: Int64 = 0
        for value in values {
            switch value {
            case .null, .boolean: break
            case .integer(let value): numbers.append(UInt64(zigZag: value))
            case .scaled(let value):
                numbers.append(UInt64(zigZag: value &- lastScaled))
                lastScaled = value
            case .timestamp(let value):
                numbers.append(UInt64(zigZag: value &- lastTime))
                lastTime = value
            case .text(let value), .json(let value): texts.append(strings.reference(value))
            case .real(let value): single.fixed64(value.bitPattern)
            case .bytes(let value): single.block(value)
            case .reference(let key):
                single.unsigned(UInt64(key.type))
                RecordIDCodec.encode(key.id, strings: &strings, replicas: &replicas, into: &single)
            case .group(let members):
                numbers.append(UInt64(members.count))
                groups.append(members)
            }
        }
        IntegerColumn.encode(values.map { UInt64(ValueTag($0).rawValue) }, into: &writer)
        IntegerColumn.encode(numbers, into: &writer)
        IntegerColumn.encode(texts, into: &writer)
        writer.raw(single.bytes)
        for position in 0..<(groups.map(\.count).max() ?? 0) {
            let members = groups.compactMap { position < $0.count ? $0[position] : nil }
            ValueColumnWriter(values: members)
                .encode(strings: &strings, replicas: &replicas, into: &writer)
        }
    }
}

/// Reads one column of values.
enum ValueColumnReader {
    static func decode(
        _ count: Int,
        strings: inout StringTableReader,
        replicas: inout ReplicaTableReader,
        limits: WireLimits,
        depth: Int = 0,
        from reader: inout ByteReader
    ) throws(WireError) -> [FieldValue] {
        guard depth < limits.depthMax else {
            throw reader.error(.limit, "values nest deeper than \(limits.depthMax)")
        }
        try reader.expect(count, of: FieldValue.self)
        var tags: [ValueTag] = []
        tags.reserveCapacity(count)
        for code in try IntegerColumn.decode(count, from: &reader) {
            guard code <= UInt64(UInt8.max), let tag = ValueTag(rawValue: UInt8(code)), tag != .uuid
            else { throw reader.error(.invalid, "\(code) is no kind of value") }
            tags.append(tag)
        }
        var numbers =
            try IntegerColumn.decode(
                tags.count {
                    switch $0 {
                    case .integer, .scaled, .timestamp, .group: true
                    default: false
                    }
                },
                from: &reader
            )
            .makeIterator()
        var texts =
            try IntegerColumn.decode(
                tags.count { $0 == .text || $0 == .json },
                from: &reader
            )
            .makeIterator()
        var values: [FieldValue] = []
        values.reserveCapacity(tags.count)
        var groupSizes: [Int] = []
        var lastScaled: Int64 = 0
        var lastTime: Int64 = 0
        for tag in tags {
            switch tag {
            case .null, .uuid: values.append(.null)
            case .no: values.append(.boolean(false))
            case .yes: values.append(.boolean(true))
            case .integer: values.append(.integer(Int64(zigZag: numbers.next() ?? 0)))
            case .scaled:
                // Wrapping mirrors the writer's: the difference of two numbers is exact modulo 2^64.
                lastScaled = lastScaled &+ Int64(zigZag: numbers.next() ?? 0)
                values.append(.scaled(lastScaled))
            case .timestamp:
                lastTime = lastTime &+ Int64(zigZag: numbers.next() ?? 0)
                values.append(.timestamp(lastTime))
            case .text: values.append(.text(try strings.string(texts.next() ?? 0, reader)))
            case .json: values.append(.json(try strings.string(texts.next() ?? 0, reader)))
            case .real: values.append(.real(try reader.real()))
            case .bytes: values.append(.bytes(try reader.block(max: limits.valueBytesMax)))
            case .reference:
                let type = try reader.unsigned32()
                let id = try RecordIDCodec.decode(
                    strings: &strings,
                    replicas: &replicas,
                    limits: limits,
                    from: &reader
                )
                values.append(.reference(RecordKey(type: type, id: id)))
            case .group:
                guard let size = numbers.next(), size <= 64 else {
                    throw reader.error(.limit, "a group of over 64 members")
                }
                groupSizes.append(Int(size))
                values.append(.group([]))
            }
        }
        return groupSizes.isEmpty
            ? values
            : try fill(
                values,
                groupSizes,
                strings: &strings,
                replicas: &replicas,
                limits: limits,
                depth: depth,
                from: &reader
            )
    }

    /// An array's place, its header and the unused end of its block.
    private typealias ArrayCost = (Int, Int, Int, Int, Int, Int)

    private static func fill(
        _ values: [FieldValue],
        _ sizes: [Int],
        strings: inout StringTableReader,
        replicas: inout ReplicaTableReader,
        limits: WireLimits,
        depth: Int,
        from reader: inout ByteReader
    ) throws(WireError) -> [FieldValue] {
        var groups: [[FieldValue]] = []
        groups.reserveCapacity(sizes.count)
        for size in sizes {
            // The members, and what the array costs besides them.
            try reader.expect(size, of: FieldValue.self)
            try reader.expect(1, of: ArrayCost.self)
            var group: [FieldValue] = []
            group.reserveCapacity(size)
            groups.append(group)
        }
        for position in 0..<(sizes.max() ?? 0) {
            let owners = sizes.indices.filter { position < sizes[$0] }
            try reader.expect(owners.count, of: Int.self)
            let members = try decode(
                owners.count,
                strings: &strings,
                replicas: &replicas,
                limits: limits,
                depth: depth + 1,
                from: &reader
            )
            for (owner, member) in zip(owners, members) { groups[owner].append(member) }
        }
        var next = groups.makeIterator()
        return values.map {
            if case .group = $0 { .group(next.next() ?? []) } else { $0 }
        }
    }
}
