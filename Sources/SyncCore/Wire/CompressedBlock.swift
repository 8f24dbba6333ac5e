#if FIELD_MUTANTS
import Replication
#endif

/// The bulk of a message: stored, or deflated where that pays.
///
/// Layout: mode 1 byte (0 stored, 1 DEFLATE, 2 DEFLATE with a preset dictionary) · for 2 the
/// dictionary's version, 1 byte · for 1 and 2 the inflated size, varint · the bytes up to the end of
/// the message.
package enum CompressedBlock {
    package static func encode(
        _ bytes: [UInt8],
        dictionary: CompressionDictionary?,
        into writer: inout ByteWriter
    ) {
        let deflated = Deflate.compress(bytes, dictionary: dictionary?.bytes ?? [])
        // Mode, version and size cost up to six bytes. What looks like a bomb would be refused.
        guard let deflated, deflated.count + 6 < bytes.count,
            bytes.count / WireLimits.standard.inflateRatioMax < deflated.count
        else {
            writer.byte(0)
            writer.raw(bytes)
            return
        }
        if let dictionary {
            writer.byte(2)
            writer.byte(dictionary.version)
        } else {
            writer.byte(1)
        }
        writer.count(bytes.count)
        writer.raw(deflated)
    }

    /// Reads a block.
    ///
    /// - `bytesMax`: the largest size after inflating, where it is below the limits' own.
    package static func decode(
        from reader: inout ByteReader,
        dictionaries: [CompressionDictionary],
        limits: WireLimits,
        bytesMax: Int? = nil
    ) throws(WireError) -> [UInt8] {
        let mode = try reader.byte()
        var dictionary: [UInt8] = []
        switch mode {
        case 0:
            guard reader.remaining <= bytesMax ?? limits.inflatedBytesMax else {
                throw reader.error(.limit, "\(reader.remaining) bytes in one block")
            }
            return Array(try reader.raw(reader.remaining))
        case 1: break
        case 2:
            let version = try reader.byte()
            guard let known = dictionaries.first(where: { $0.version == version }) else {
                throw reader.error(.unknownVersion, "dictionary version \(version) is not known")
            }
            dictionary = known.bytes
        default: throw reader.error(.unknownVersion, "\(mode) is no mode of compression")
        }
        #if FIELD_MUTANTS
        let limits = Mutant.isOn(.m16) ? limits.withoutRatio : limits
        #endif
        let size = try reader.count(max: bytesMax ?? limits.inflatedBytesMax, of: "inflated bytes")
        guard size <= reader.remaining.multipliedReportingOverflow(by: limits.inflateRatioMax).0
        else { throw reader.error(.limit, "\(size) bytes out of \(reader.remaining): a bomb") }
        return try Deflate.inflate(
            try reader.raw(reader.remaining),
            size: size,
            dictionary: dictionary
        )
    }
}

#if FIELD_MUTANTS
extension WireLimits {
    /// The same limits for senders who are trusted not to send bombs.
    fileprivate var withoutRatio: WireLimits {
        var limits = self
        limits.inflateRatioMax = 1 << 20
        return limits
    }
}
#endif
