/// The line and column of an offset, both from 1; the column counts Unicode scalars.
///
/// It is worked out only when an error is made, so that reading pays nothing for it. O(offset).
struct TextPosition {
    let line: Int
    let column: Int

    init(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>, firstLine: Int = 1) {
        let end = min(max(offset, 0), bytes.count)
        var lineFeeds = 0
        var lineStart = 0
        for index in 0..<end where bytes[index] == Byte.lineFeed {
            lineFeeds += 1
            lineStart = index + 1
        }
        var scalars = 0
        for index in lineStart..<end where bytes[index] & 0xC0 != 0x80 { scalars += 1 }
        line = firstLine.addingReportingOverflow(lineFeeds).partialValue
        column = scalars + 1
    }
}

extension TextPosition {
    /// The line of an offset when the line of an earlier one is known.
    ///
    /// O(distance).
    static func line(of offset: Int, in bytes: [UInt8], countedTo start: Int, line: Int) -> Int {
        guard offset > start else { return line }
        var result = line
        for index in start..<offset where bytes[index] == Byte.lineFeed { result += 1 }
        return result
    }
}
