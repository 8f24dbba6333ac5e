import Replication

/// Writes record identities.
///
/// Layout: kind 0 created (replica number, counter, index), 1 named (text reference), 2 named by a
/// lower-case UUID (16 bytes). A UUID is always written as kind 2.
enum RecordIDCodec {
    static func encode(
        _ id: RecordID,
        strings: inout StringTableWriter,
        replicas: inout ReplicaTableWriter,
        into writer: inout ByteWriter
    ) {
        switch id {
        case .created(let dot, let index):
            writer.byte(0)
            writer.unsigned(replicas.number(dot.replica))
            writer.unsigned(dot.counter)
            writer.unsigned(UInt64(index))
        case .named(let name):
            if let uuid = UUIDText.bytes(of: name) {
                writer.byte(2)
                writer.raw(uuid)
            } else {
                writer.byte(1)
                writer.unsigned(strings.reference(name))
            }
        }
    }

    static func decode(
        strings: inout StringTableReader,
        replicas: inout ReplicaTableReader,
        limits: WireLimits,
        from reader: inout ByteReader
    ) throws(WireError) -> RecordID {
        switch try reader.byte() {
        case 0:
            let replica = try replicas.replica(try reader.unsigned(), reader)
            let counter = try WireParts.counter(from: &reader)
            return .created(by: Dot(replica, counter), index: try reader.unsigned32())
        case 1:
            let name = try strings.string(try reader.unsigned(), reader)
            guard UUIDText.bytes(of: name) == nil else {
                throw reader.error(.notCanonical, "a UUID is written as 16 bytes")
            }
            guard name.utf8.count <= limits.nameBytesMax else {
                throw reader.error(.limit, "a name of \(name.utf8.count) bytes")
            }
            return .named(name)
        case 2: return .named(UUIDText.text(of: try reader.raw(16)))
        case let kind: throw reader.error(.invalid, "\(kind) is no kind of identity")
        }
    }
}

/// Lower-case UUID texts as their sixteen bytes.
enum UUIDText {
    private static let dashes: Set<Int> = [8, 13, 18, 23]

    /// The sixteen bytes, or nil when the text is not exactly a lower-case UUID.
    static func bytes(of text: String) -> [UInt8]? {
        guard text.utf8.count == 36 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var high: UInt8?
        for (index, character) in text.utf8.enumerated() {
            if dashes.contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return bytes
    }

    static func text(of bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for byte in bytes {
            if dashes.contains(text.count) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
