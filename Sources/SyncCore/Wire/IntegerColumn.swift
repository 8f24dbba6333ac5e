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
        try reader.expect(count, of: UInt64.self)
        var values: [UInt64] = []
        values.reserveCapacity(count)
        var isAfterLiterals = false
        while values.count < count {
            let rest = count - values.count
            if rest == 1 {
                let last = try reader.unsigned()
                guard !isAfterLiterals, last != values.last else { throw notShortest(reader) }
                values.append(last)
                break
            }
            let header = try reader.signed()
            guard header != 0, header.magnitude <= UInt64(rest) else {
                throw reader.error(.invalid, "a run of \(header) in a column of \(count)")
            }
            let length = Int(header.magnitude)
            if header > 0 {
                let value = try reader.unsigned()
                guard length > 2 || length == 2 && rest == 2, value != values.last else {
                    throw notShortest(reader)
                }
                values.append(contentsOf: repeatElement(value, count: length))
            } else {
                guard !isAfterLiterals else { throw notShortest(reader) }
                try decodeLiterals(length, isEnd: length == rest, into: &values, from: &reader)
            }
            isAfterLiterals = header < 0
        }
        return values
    }

    /// Reads single values, among which no run must stand.
    private static func decodeLiterals(
        _ length: Int,
        isEnd: Bool,
        into values: inout [UInt64],
        from reader: inout ByteReader
    ) throws(WireError) {
        var last = values.last
        var equal = last == nil ? 0 : 2
        for _ in 0..<length {
            let value = try reader.unsigned()
            equal = value == last ? equal + 1 : 1
            guard equal < 3 else { throw notShortest(reader) }
            values.append(value)
            last = value
        }
        if isEnd, equal > 1 { throw notShortest(reader) }
    }

    private static func notShortest(_ reader: borrowing ByteReader) -> WireError {
        reader.error(.notCanonical, "a column is not written in its shortest form")
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
