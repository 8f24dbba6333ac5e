/// Cuts a stream of chunks into lines, ended by LF or CRLF, without keeping more than one line.
///
/// A line longer than the limit is not kept: it comes out marked, so that the reader can count it
/// or refuse it, and the lines after it are read as usual.
struct LineSplitter: Sendable {
    /// One line, without its ending.
    struct Line {
        /// The number of the line, from 1.
        let number: Int
        /// The bytes; empty when the line was too long.
        let bytes: ArraySlice<UInt8>
        /// Whether the line was longer than the limit and has been dropped.
        let isOverlong: Bool
    }

    private let lineBytesMax: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var searched = 0
    private var isDiscarding = false
    private var isFinished = false
    private var linesRead = 0

    init(lineBytesMax: Int) {
        self.lineBytesMax = min(max(lineBytesMax, 1), 1 << 40)
    }

    /// Adds a chunk.
    ///
    /// Take all lines with `next()` before adding another, and memory stays small.
    mutating func append(_ bytes: some Sequence<UInt8>) {
        if start > 0, start >= buffer.count / 2 {
            buffer.removeFirst(start)
            searched -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Says that no chunk follows, so that a last line without an ending comes out too.
    mutating func finish() { isFinished = true }

    /// The next whole line, nil when another chunk is needed or all is read.
    mutating func next() -> Line? {
        if let end = buffer[searched...].firstIndex(of: Byte.lineFeed) {
            return line(endingAt: end, resumingAt: end + 1)
        }
        searched = buffer.count
        // One byte more than the limit may be the CR of the ending.
        if !isDiscarding, buffer.count - start > lineBytesMax + 1 { isDiscarding = true }
        if isDiscarding, !isFinished {
            buffer.removeAll(keepingCapacity: true)
            start = 0
            searched = 0
        }
        guard isFinished, isDiscarding || start < buffer.count else { return nil }
        return line(endingAt: buffer.count, resumingAt: buffer.count)
    }

    private mutating func line(endingAt end: Int, resumingAt resume: Int) -> Line {
        var end = end
        if end > start, buffer[end - 1] == Byte.carriageReturn { end -= 1 }
        let isOverlong = isDiscarding || end - start > lineBytesMax
        let bytes = isOverlong ? [] : buffer[start..<end]
        linesRead += 1
        start = resume
        searched = resume
        isDiscarding = false
        return Line(number: linesRead, bytes: bytes, isOverlong: isOverlong)
    }
}
