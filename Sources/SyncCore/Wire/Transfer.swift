import Crypto

/// How large messages survive a link that breaks: in parts that are resumed, not repeated.
///
/// A message begins with its kind:
///
///     1  a request or response, whole
///     2  upward: give me the rest of the answer to the request with this digest
///        (digest 8 bytes, offset varint); downward: 1 byte found, total varint, bytes
///     3  upward: a part of a large request (digest 8 bytes, total varint, offset varint, bytes);
///        downward: the hub has this much of it (varint)
///
/// The digest is the first eight bytes of the request's SHA-256. A hub keeps recent answers and
/// unfinished uploads within a byte limit; where it has dropped them, the exchange starts anew, which
/// changes nothing because a repeated push changes nothing.
public enum Transfer: Hashable, Sendable {
    /// A whole request or response.
    case message([UInt8])
    /// A device asks for the rest of an answer.
    case resume(digest: UInt64, offset: Int)
    /// The rest of an answer, or nil when the hub has dropped it.
    case rest(total: Int, bytes: [UInt8]?)
    /// A part of a large request.
    case part(digest: UInt64, total: Int, offset: Int, bytes: [UInt8])
    /// How much of a large request the hub has.
    case progress(offset: Int)

    /// The digest that names a request.
    public static func digest(of request: [UInt8]) -> UInt64 {
        SHA256.hash(data: request).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The bytes that travel.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .message(let bytes): return bytes
        case .resume(let digest, let offset):
            writer.byte(2)
            writer.fixed64(digest)
            writer.count(offset)
        case .rest(let total, let bytes):
            writer.byte(2)
            writer.byte(bytes == nil ? 0 : 1)
            writer.count(total)
            if let bytes { writer.raw(bytes) }
        case .part(let digest, let total, let offset, let bytes):
            writer.byte(3)
            writer.fixed64(digest)
            writer.count(total)
            writer.count(offset)
            writer.raw(bytes)
        case .progress(let offset):
            writer.byte(3)
            writer.count(offset)
        }
        return writer.bytes
    }

    /// Reads what a device sent.
    public static func upward(
        _ bytes: [UInt8],
        limits: WireLimits = .standard
    ) throws(WireError) -> Transfer {
        var reader = ByteReader(bytes, part: "message")
        guard bytes.count <= limits.bodyBytesMax else {
            throw reader.error(.limit, "the body has \(bytes.count) bytes")
        }
        switch try reader.byte() {
        case 1: return .message(bytes)
        case 2:
            let digest = try reader.fixed64()
            let offset = try reader.count(max: limits.bodyBytesMax, of: "bytes to skip")
            try reader.finish()
            return .resume(digest: digest, offset: offset)
        case 3:
            let digest = try reader.fixed64()
            let total = try reader.count(max: limits.bodyBytesMax, of: "bytes in all")
            let offset = try reader.count(max: total, of: "bytes before")
            guard reader.remaining <= total - offset else {
                throw reader.error(.trailing, "more bytes than announced")
            }
            let content = Array(try reader.raw(reader.remaining))
            return .part(digest: digest, total: total, offset: offset, bytes: content)
        case let kind:
            throw reader.error(.unknownVersion, "\(kind) is no kind of message; 1 to 3 are")
        }
    }

    /// Reads what a hub sent.
    public static func downward(
        _ bytes: [UInt8],
        limits: WireLimits = .standard
    ) throws(WireError) -> Transfer {
        var reader = ByteReader(bytes, part: "message")
        guard bytes.count <= limits.bodyBytesMax else {
            throw reader.error(.limit, "the body has \(bytes.count) bytes")
        }
        switch try reader.byte() {
        case 1: return .message(bytes)
        case 2:
            let found = try reader.byte()
            let total = try reader.count(max: limits.bodyBytesMax, of: "bytes in all")
            guard found == 1 else {
                try reader.finish()
                return .rest(total: total, bytes: nil)
            }
            return .rest(total: total, bytes: Array(try reader.raw(reader.remaining)))
        case 3:
            let offset = try reader.count(max: limits.bodyBytesMax, of: "bytes received")
            try reader.finish()
            return .progress(offset: offset)
        case let kind:
            throw reader.error(.unknownVersion, "\(kind) is no kind of message; 1 to 3 are")
        }
    }
}
