package import Replication

/// Writes single values one after the other, for the store's rows and for sealed content.
package enum ValueCodec {
    package static func encode(_ value: FieldValue, into writer: inout ByteWriter) {
        if case .text(let text) = value, let uuid = UUIDText.bytes(of: text) {
            writer.byte(ValueTag.uuid.rawValue)
            writer.raw(uuid)
            return
        }
        writer.byte(ValueTag(value).rawValue)
        switch value {
        case .null, .boolean: break
        case .integer(let value), .scaled(let value), .timestamp(let value): writer.signed(value)
        case .real(let value): writer.fixed64(value.bitPattern)
        case .text(let value), .json(let value): writer.text(value)
        case .bytes(let value): writer.block(value)
        case .reference(let key):
            writer.unsigned(UInt64(key.type))
            encode(key.id, into: &writer)
        case .group(let members):
            writer.count(members.count)
            for member in members { encode(member, into: &writer) }
        }
    }

    package static func decode(
        from reader: inout ByteReader,
        limits: WireLimits = .standard,
        depth: Int = 0
    ) throws(WireError) -> FieldValue {
        let code = try reader.byte()
        guard let tag = ValueTag(rawValue: code) else {
            throw reader.error(.invalid, "\(code) is no kind of value")
        }
        switch tag {
        case .null: return .null
        case .no: return .boolean(false)
        case .yes: return .boolean(true)
        case .integer: return .integer(try reader.signed())
        case .scaled: return .scaled(try reader.signed())
        case .timestamp: return .timestamp(try reader.signed())
        case .real: return .real(try reader.real())
        case .text:
            let text = try reader.text(max: limits.valueBytesMax)
            guard UUIDText.bytes(of: text) == nil else { throw textualUUID(reader) }
            return .text(text)
        case .json: return .json(try reader.text(max: limits.valueBytesMax))
        case .uuid: return .text(UUIDText.text(of: try reader.raw(16)))
        case .bytes: return .bytes(try reader.block(max: limits.valueBytesMax))
        case .reference:
            let type = try reader.unsigned32()
            return .reference(
                RecordKey(type: type, id: try decodeID(from: &reader, limits: limits))
            )
        case .group:
            guard depth < limits.depthMax else {
                throw reader.error(.limit, "values nest deeper than \(limits.depthMax)")
            }
            let count = try reader.count(max: 64, bytesEach: 1, of: "group members")
            try reader.expect(count, of: FieldValue.self)
            var members: [FieldValue] = []
            members.reserveCapacity(count)
            for _ in 0..<count {
                members.append(try decode(from: &reader, limits: limits, depth: depth + 1))
            }
            return .group(members)
        }
    }

    /// An identity by itself: kind 0 created (8 bytes, counter, index), 1 named, 2 UUID.
    package static func encode(_ id: RecordID, into writer: inout ByteWriter) {
        switch id {
        case .created(let dot, let index):
            writer.byte(0)
            writer.fixed64(dot.replica.rawValue)
            writer.unsigned(dot.counter)
            writer.unsigned(UInt64(index))
        case .named(let name):
            if let uuid = UUIDText.bytes(of: name) {
                writer.byte(2)
                writer.raw(uuid)
            } else {
                writer.byte(1)
                writer.text(name)
            }
        }
    }

    package static func decodeID(
        from reader: inout ByteReader,
        limits: WireLimits = .standard
    ) throws(WireError) -> RecordID {
        switch try reader.byte() {
        case 0:
            let replica = ReplicaID(try reader.fixed64())
            let counter = try WireParts.counter(from: &reader)
            return .created(by: Dot(replica, counter), index: try reader.unsigned32())
        case 1:
            let name = try reader.text(max: limits.nameBytesMax)
            guard UUIDText.bytes(of: name) == nil else { throw textualUUID(reader) }
            return .named(name)
        case 2: return .named(UUIDText.text(of: try reader.raw(16)))
        case let kind: throw reader.error(.invalid, "\(kind) is no kind of identity")
        }
    }

    private static func textualUUID(_ reader: borrowing ByteReader) -> WireError {
        reader.error(.notCanonical, "a UUID is written as 16 bytes")
    }

    /// The bytes of an identity, as the store's key.
    package static func bytes(of id: RecordID) -> [UInt8] {
        var writer = ByteWriter()
        encode(id, into: &writer)
        return writer.bytes
    }
}
