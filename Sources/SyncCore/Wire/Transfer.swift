import Crypto

/// How large messages survive a link that breaks: in parts that are resumed, not repeated.
///
/// A message begins with its kind. The kinds stand for the version of the protocol too: these three are
/// version 1, and another version would use other numbers.
///
///     1  a request or response, whole
///     2  upward: give me the rest of the answer to the request with this digest
///        (digest 8 bytes, offset varint); downward: found 1 byte, and where that is 1, the digest of
///        the whole answer 8 bytes, its size varint, the bytes from the offset
///     3  upward: a part of a large request (digest 8 bytes, total varint, offset varint, bytes);
///        downward: the hub has this much of it (varint)
///
/// A digest is the first eight bytes of the SHA-256, in their order. A hub keeps recent answers and
/// unfinished uploads within a byte limit; where it has dropped them, the exchange starts anew, which
/// changes nothing because a repeated push changes nothing.
public enum Transfer: Hashable, Sendable {
    /// A whole request or response.
    case message([UInt8])
    /// A device asks for the rest of an answer.
    case resume(digest: UInt64, offset: Int)
    /// The rest of an answer, or nil when the hub has dropped it.
    case rest(Rest?)
    /// A part of a large request.
    case part(digest: UInt64, total: Int, offset: Int, bytes: [UInt8])
    /// How much of a large request the hub has.
    case progress(offset: Int)

    /// The end of an answer whose beginning has arrived.
    public struct Rest: Hashable, Sendable {
        /// The digest of the whole answer: its two pieces may come from two answers.
        public var digest: UInt64
        /// The size of the whole answer, in bytes.
        public var total: Int
        /// The bytes from the offset that was asked for.
        public var bytes: [UInt8]

        /// Makes a rest of known parts.
        public init(digest: UInt64, total: Int, bytes: [UInt8]) {
            self.digest = digest
            self.total = total
            self.bytes = bytes
        }

        /// Cuts the rest of an answer; nil where the answer is shorter than the offset.
        public init?(of answer: [UInt8], from offset: Int) {
            guard offset >= 0, offset <= answer.count else { return nil }
            self.init(
                digest: Transfer.digest(of: answer),
                total: answer.count,
                bytes: Array(answer[offset...])
            )
        }

        /// The whole answer, or nil where the beginning belongs to another one.
        public func completing(_ beginning: [UInt8]) -> [UInt8]? {
            let answer = beginning + bytes
            guard answer.count == total, Transfer.digest(of: answer) == digest else { return nil }
            return answer
        }
    }

    /// The digest that names a request: a number whose bytes, least significant first, are the first
    /// eight of the SHA-256.
    public static func digest(of message: [UInt8]) -> UInt64 {
        SHA256.hash(data: message).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
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
        case .rest(let rest):
            writer.byte(2)
            writer.byte(rest == nil ? 0 : 1)
            if let rest {
                writer.fixed64(rest.digest)
                writer.count(rest.total)
                writer.raw(rest.bytes)
            }
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
            return .rest(try rest(from: &reader, limits: limits))
        case 3:
            let offset = try reader.count(max: limits.bodyBytesMax, of: "bytes received")
            try reader.finish()
            return .progress(offset: offset)
        case let kind:
            throw reader.error(.unknownVersion, "\(kind) is no kind of message; 1 to 3 are")
        }
    }

    private static func rest(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> Rest? {
        switch try reader.byte() {
        case 0:
            try reader.finish()
            return nil
        case 1:
            let digest = try reader.fixed64()
            let total = try reader.count(max: limits.bodyBytesMax, of: "bytes in all")
            guard reader.remaining <= total else {
                throw reader.error(.trailing, "more bytes than announced")
            }
            return Rest(
                digest: digest,
                total: total,
                bytes: Array(try reader.raw(reader.remaining))
            )
        case let found: throw reader.error(.invalid, "found is 0 or 1, not \(found)")
        }
    }

    /// What arrived of a rest whose message was cut; nil where its head is not whole.
    package static func cutRest(_ bytes: [UInt8]) -> [UInt8]? {
        var reader = ByteReader(bytes, part: "rest")
        guard (try? reader.byte()) == 2, (try? reader.byte()) == 1, (try? reader.raw(8)) != nil,
            (try? reader.unsigned()) != nil, let rest = try? reader.raw(reader.remaining)
        else { return nil }
        return Array(rest)
    }
}
