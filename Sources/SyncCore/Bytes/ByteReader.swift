import Replication

/// Reads a message; every step is bounds-checked, every number overflow-checked, and nothing traps.
package struct ByteReader {
    private let bytes: [UInt8]
    /// Where the next byte is read.
    package private(set) var position: Int
    private let end: Int
    /// Names the message in errors.
    package var part: String
    /// How much more memory decoded values may take, in bytes.
    private var memoryLeft: Int

    package init(_ bytes: [UInt8], part: String) {
        self.bytes = bytes
        position = 0
        end = bytes.count
        self.part = part
        memoryLeft = min(
            WireLimits.memoryBytesMin + WireLimits.memoryBytesEach * bytes.count,
            WireLimits.memoryBytesMax
        )
    }

    package var remaining: Int { end - position }

    package func error(_ code: WireError.Code, _ detail: String) -> WireError {
        WireError(code, part: part, offset: position, detail)
    }

    @inline(__always)
    package mutating func byte() throws(WireError) -> UInt8 {
        guard position < end else { throw error(.truncated, "the message ends here") }
        defer { position += 1 }
        return bytes[position]
    }

    @inline(__always)
    package mutating func unsigned() throws(WireError) -> UInt64 {
        if position < end, bytes[position] < 0x80 {
            defer { position += 1 }
            return UInt64(bytes[position])
        }
        return try longUnsigned()
    }

    private mutating func longUnsigned() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw error(.overflow, "a number has more than 64 bits") }
            result |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                #if FIELD_MUTANTS
                if Mutant.isOn(.m14) { return result }
                #endif
                if next == 0, shift > 0 {
                    throw error(.notCanonical, "a number is written longer than it needs")
                }
                return result
            }
            shift += 7
            if shift > 63 { throw error(.overflow, "a number has more than 64 bits") }
        }
    }

    @inline(__always)
    package mutating func signed() throws(WireError) -> Int64 {
        let raw = try unsigned()
        return Int64(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
    }

    package mutating func unsigned32() throws(WireError) -> UInt32 {
        let value = try unsigned()
        guard let value = UInt32(exactly: value) else {
            throw error(.overflow, "\(value) has more than 32 bits")
        }
        return value
    }

    /// A count of things that follow, each of at least `bytesEach` bytes, at most `max`.
    package mutating func count(
        max: Int,
        bytesEach: Int = 0,
        of things: StaticString
    ) throws(WireError) -> Int {
        let value = try unsigned()
        guard value <= UInt64(max) else {
            throw error(.limit, "\(value) \(things); at most \(max) are allowed")
        }
        let count = Int(value)
        guard bytesEach == 0 || count <= remaining / bytesEach else {
            throw error(.truncated, "\(count) \(things) do not fit the \(remaining) bytes left")
        }
        return count
    }

    /// Notes that `count` values of this type will be made, before memory is taken for them.
    ///
    /// A run of two bytes stands for any number of values, and a byte can stand for a value of a
    /// hundred. So all that is made of a message is counted, and bounded by its size: a few bytes
    /// cannot ask for much memory.
    @inline(__always)
    package mutating func expect<Value>(
        _ count: Int,
        of type: Value.Type
    ) throws(WireError) {
        let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
        guard !overflow, size <= memoryLeft else {
            throw error(.limit, "asks for too much memory for a message of \(end) bytes")
        }
        memoryLeft -= size
    }

    /// A real, which is finite: the others have no place in any order.
    package mutating func real() throws(WireError) -> Double {
        let value = Double(bitPattern: try fixed64())
        guard value.isFinite else { throw error(.invalid, "\(value) is no finite number") }
        return value
    }

    package mutating func fixed64() throws(WireError) -> UInt64 {
        let content = try raw(8)
        return content.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    package mutating func fixed32() throws(WireError) -> UInt32 {
        let content = try raw(4)
        return content.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    package mutating func raw(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else {
            throw error(.truncated, "\(count) bytes are announced, \(remaining) are left")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    package mutating func block(max: Int) throws(WireError) -> [UInt8] {
        let count = try count(max: max, bytesEach: 1, of: "bytes")
        return Array(try raw(count))
    }

    package mutating func text(max: Int) throws(WireError) -> String {
        let count = try count(max: max, bytesEach: 1, of: "bytes of text")
        return try text(bytes: count)
    }

    package mutating func text(bytes count: Int) throws(WireError) -> String {
        let start = position
        let content = try raw(count)
        guard let text = String(validating: content, as: UTF8.self) else {
            position = start
            throw error(.text, "is not UTF-8")
        }
        guard !content.withUnsafeBufferPointer({ $0.holdsZero }) else {
            position = start
            throw error(.text, "holds U+0000")
        }
        return text
    }

    /// Everything has been read, or the rest is an error.
    package func finish() throws(WireError) {
        guard position == end else {
            throw error(.trailing, "\(end - position) bytes after the end")
        }
    }
}
