/// Builds a message out of varints, bytes and texts.
///
/// Integers are LEB128 varints in their shortest form; signed ones are zig-zag coded first.
package struct ByteWriter {
    /// What was written.
    package private(set) var bytes: [UInt8] = []

    package init(reserving capacity: Int = 0) {
        if capacity > 0 { bytes.reserveCapacity(capacity) }
    }

    package var count: Int { bytes.count }

    /// Begins anew, in the memory that is there.
    package mutating func reset() { bytes.removeAll(keepingCapacity: true) }

    @inline(__always)
    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    @inline(__always)
    package mutating func unsigned(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    @inline(__always)
    package mutating func count(_ value: Int) { unsigned(UInt64(value)) }

    @inline(__always)
    package mutating func signed(_ value: Int64) {
        unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Eight bytes, little end first.
    package mutating func fixed64(_ value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    /// Four bytes, little end first.
    package mutating func fixed32(_ value: UInt32) {
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
        }
    }

    package mutating func raw(_ content: some Collection<UInt8>) {
        bytes.append(contentsOf: content)
    }

    /// A length and that many bytes.
    package mutating func block(_ content: [UInt8]) {
        count(content.count)
        bytes.append(contentsOf: content)
    }

    /// A length in UTF-8 bytes and the text.
    package mutating func text(_ value: String) {
        var value = value
        value.withUTF8 {
            count($0.count)
            bytes.append(contentsOf: $0)
        }
    }
}
