import CZlib

/// Unpacks a gzip stream (RFC 1952), one member or several, chunk by chunk.
///
/// Memory stays at one chunk, whatever the stream holds; `bytesMax` caps what comes out in all, and
/// `ratioMax` what comes out of each byte, so that no bomb runs for long.
package final class GzipReader {
    /// Why a stream cannot be unpacked.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong and what would be right.
        package let description: String
    }

    /// How many bytes may come of one, beyond the first `bytesFree`.
    ///
    /// Texts grow tenfold, the most uniform of logs fiftyfold; DEFLATE can make a thousand of one.
    package static let ratioMax = 256
    /// What any stream may unpack to.
    package static let bytesFree = 16 << 20

    private static let chunkBytes = 1 << 16
    /// A window of 32 KiB, and a gzip header and trailer around the data.
    private static let windowBits: Int32 = 15 + 16

    // On the heap: zlib keeps the address of the stream it was given.
    private let stream: UnsafeMutablePointer<z_stream>
    private let bytesMax: Int
    private var bytesIn = 0
    private var bytesOut = 0
    private var isAtEnd = true
    private var hasBegun = false

    /// Makes a reader; `bytesMax` is the most that may come out.
    package init(bytesMax: Int = 16 << 30) throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        self.bytesMax = bytesMax
        guard czlib_inflate_init(stream, GzipReader.windowBits) == Z_OK else {
            throw Failure(description: "zlib did not start")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Unpacks the next piece of the stream and hands over what comes of it, a chunk at a time.
    package func unpack(_ bytes: [UInt8], _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        guard let count = UInt32(exactly: bytes.count) else {
            throw Failure(description: "a piece over 4 GiB")
        }
        var used = 0
        var output = [UInt8](repeating: 0, count: GzipReader.chunkBytes)
        var isFull = false
        while used < bytes.count || isFull {
            if isAtEnd {
                guard used < bytes.count else { return }
                guard !hasBegun || inflateReset(stream) == Z_OK else {
                    throw Failure(description: "zlib did not start again")
                }
                hasBegun = true
                isAtEnd = false
            }
            let usedBefore = used
            let status = step(bytes, &used, Int(count), &output, &isFull)
            let produced = GzipReader.chunkBytes - Int(stream.pointee.avail_out)
            bytesIn += used - usedBefore
            bytesOut += produced
            try checkSize()
            if produced > 0 { try body(output[..<produced]) }
            switch status {
            case Z_OK: break
            case Z_STREAM_END: isAtEnd = true
            case Z_BUF_ERROR where used == bytes.count: isFull = false
            default: throw Failure(description: "the gzip data is damaged")
            }
        }
    }

    private func checkSize() throws {
        guard bytesOut <= bytesMax else {
            throw Failure(description: "unpacks to more than \(bytesMax) bytes")
        }
        guard bytesOut <= GzipReader.bytesFree + GzipReader.ratioMax * bytesIn else {
            throw Failure(
                description: "unpacks to more than \(GzipReader.ratioMax) times its size, "
                    + "as no record of real work does"
            )
        }
    }

    private func step(
        _ bytes: [UInt8],
        _ used: inout Int,
        _ count: Int,
        _ output: inout [UInt8],
        _ isFull: inout Bool
    ) -> Int32 {
        let status = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { space in
                // zlib does not write through next_in; its type is not const for old compilers.
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: input.baseAddress.map { $0 + used }
                )
                stream.pointee.avail_in = UInt32(count - used)
                stream.pointee.next_out = space.baseAddress
                stream.pointee.avail_out = UInt32(space.count)
                return inflate(stream, Z_NO_FLUSH)
            }
        }
        used = count - Int(stream.pointee.avail_in)
        isFull = stream.pointee.avail_out == 0 && status == Z_OK
        return status
    }

    /// Says that no piece follows.
    package func finish() throws {
        guard isAtEnd, hasBegun else { throw Failure(description: "the gzip data breaks off") }
    }
}
