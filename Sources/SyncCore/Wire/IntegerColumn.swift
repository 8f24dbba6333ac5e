/// A column of integers: runs of equal values, and stretches of single ones between them.
///
/// Layout, repeated until the known number of values is reached:
///
///     header  zig-zag varint n
///             n > 0: the next value stands n times
///             n < 0: -n values follow one by one
///     values  varints
///
/// A last single value has no header, so a column of one value costs that value alone. (The shape
/// is Parquet's and Automerge's RLE.)
package enum IntegerColumn {
    package static func encode(_ values: [UInt64], into writer: inout ByteWriter) {
        var index = 0
        while index < values.count {
            if index == values.count - 1 {
                writer.unsigned(values[index])
                return
            }
            let run = runLength(values, at: index)
            if run > 2 || index + run == values.count {
                if run == 1 {
                    writer.unsigned(values[index])
                    return
                }
                writer.signed(Int64(run))
                writer.unsigned(values[index])
                index += run
                continue
            }
            let end = literalEnd(values, from: index)
            writer.signed(-Int64(end - index))
            for value in values[index..<end] { writer.unsigned(value) }
            index = end
        }
    }

    package static func decode(
        _ count: Int,
        from reader: inout ByteReader
    ) throws(WireError) -> [UInt64] {
        var values: [UInt64] = []
        // A run can stand for many values, so the count is bounded by the caller's limits, not by
        // the bytes that are left.
        values.reserveCapacity(min(count, 65_536))
        while values.count < count {
            if values.count == count - 1 {
                values.append(try reader.unsigned())
                break
            }
            let header = try reader.signed()
            guard header != 0, header.magnitude <= UInt64(count - values.count) else {
                throw reader.error(.invalid, "a run of \(header) in a column of \(count)")
            }
            if header > 0 {
                values.append(
                    contentsOf: repeatElement(try reader.unsigned(), count: Int(header))
                )
            } else {
                for _ in 0..<Int(header.magnitude) { values.append(try reader.unsigned()) }
            }
        }
        return values
    }

    private static func runLength(_ values: [UInt64], at index: Int) -> Int {
        var end = index + 1
        while end < values.count, values[end] == values[index] { end += 1 }
        return end - index
    }

    /// Single values go on until three equal ones pay for a run, or an equal rest does.
    private static func literalEnd(_ values: [UInt64], from start: Int) -> Int {
        var end = start
        while end < values.count {
            let run = runLength(values, at: end)
            if run > 2 || (run > 1 && end + run == values.count) { break }
            end += run
        }
        return end
    }
}

extension UInt64 {
    /// The zig-zag code of a signed number.
    @inline(__always)
    init(zigZag value: Int64) {
        self.init(bitPattern: (value << 1) ^ (value >> 63))
    }
}

extension Int64 {
    /// The signed number of a zig-zag code.
    @inline(__always)
    init(zigZag value: UInt64) {
        self.init(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }
}
