import CZlib

/// Raw DEFLATE (RFC 1951) through zlib, with an optional preset dictionary and hard limits.
package enum Deflate {
    /// Compresses `bytes`, or nil when zlib cannot (it never should).
    package static func compress(
        _ bytes: [UInt8],
        dictionary: [UInt8] = [],
        level: Int32 = 6
    ) -> [UInt8]? {
        var stream = z_stream()
        // No header or checksum: the frame has its own length and checks. A small message needs a
        // small window and few symbols; to clear the memory of the largest takes longer than it does.
        let isSmall = bytes.count + dictionary.count <= 7_500
        let (window, memory): (Int32, Int32) = isSmall ? (13, 7) : (15, 9)
        guard
            czlib_deflate_init(&stream, level, -window, memory, Z_DEFAULT_STRATEGY) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        if !dictionary.isEmpty {
            guard deflateSetDictionary(&stream, dictionary, UInt32(dictionary.count)) == Z_OK else {
                return nil
            }
        }
        guard let length = UInt32(exactly: bytes.count) else { return nil }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(length))))
        let status = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { space in
                // zlib does not write through next_in; its type is not const for old compilers.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = length
                stream.next_out = space.baseAddress
                stream.avail_out = UInt32(space.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else { return nil }
        output.removeLast(output.count - Int(stream.total_out))
        return output
    }

    /// Inflates exactly `size` bytes.
    ///
    /// - `size`: what the sender announced; the caller has checked it against its limit,
    ///   so no bomb can take more memory than that.
    package static func inflate(
        _ bytes: ArraySlice<UInt8>,
        size: Int,
        dictionary: [UInt8] = []
    ) throws(WireError) -> [UInt8] {
        func failure(_ detail: String) -> WireError {
            WireError(.compression, part: "compressed block", offset: bytes.startIndex, detail)
        }
        var stream = z_stream()
        guard czlib_inflate_init(&stream, -15) == Z_OK else { throw failure("zlib did not start") }
        defer { inflateEnd(&stream) }
        if !dictionary.isEmpty {
            guard inflateSetDictionary(&stream, dictionary, UInt32(dictionary.count)) == Z_OK else {
                throw failure("zlib refused the preset dictionary")
            }
        }
        guard let available = UInt32(exactly: bytes.count), UInt32(exactly: size) != nil else {
            throw failure("is over 4 GiB")
        }
        // One byte more than announced, to see whether the data goes on.
        var output = [UInt8](repeating: 0, count: size + 1)
        let status = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { space in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = available
                stream.next_out = space.baseAddress
                stream.avail_out = UInt32(space.count)
                return CZlib.inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else { throw failure("does not end where it should") }
        guard stream.avail_in == 0 else { throw failure("\(stream.avail_in) bytes follow its end") }
        guard stream.total_out == UInt(size) else {
            throw failure("holds \(stream.total_out) bytes, \(size) were announced")
        }
        output.removeLast()
        return output
    }
}
