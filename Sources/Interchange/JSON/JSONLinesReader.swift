/// Reads JSON Lines: one value a line, from chunks of any size, one line in memory at a time.
///
/// Blank lines are passed over. An error names its line; the reader can go on with the next one,
/// so a caller may collect all faults of a file before it refuses it.
public struct JSONLinesReader: Sendable {
    private let parser: JSONParser
    private var splitter: LineSplitter

    /// Makes a reader; `limits.bytesMax` is the longest line.
    public init(limits: JSONLimits = JSONLimits()) {
        parser = JSONParser(limits: limits)
        splitter = LineSplitter(lineBytesMax: limits.bytesMax)
    }

    /// Adds a chunk.
    ///
    /// Take all values with `next()` before adding another.
    public mutating func append(_ bytes: some Sequence<UInt8>) { splitter.append(bytes) }

    /// Says that no chunk follows.
    public mutating func finish() { splitter.finish() }

    /// The next value and its line, nil when another chunk is needed or all is read.
    public mutating func next() throws(InterchangeError) -> (line: Int, value: JSONValue)? {
        while let line = splitter.next() {
            guard !line.isOverlong else {
                throw InterchangeError(
                    .limitExceeded,
                    "the line is too long",
                    expected: "at most \(parser.limits.bytesMax) bytes",
                    line: line.number
                )
            }
            let isBlank = line.bytes.allSatisfy {
                $0 == Byte.space || $0 == Byte.tab || $0 == Byte.carriageReturn
            }
            if isBlank { continue }
            return (line.number, try parser.parse(line.bytes, firstLine: line.number))
        }
        return nil
    }
}
