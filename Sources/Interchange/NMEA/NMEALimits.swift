/// How large a log may be.
public struct NMEALimits: Hashable, Sendable {
    /// The most bytes of a line.
    ///
    /// The standard says 82; real talkers write more.
    public var lineBytesMax: Int
    /// The most lines of a log.
    public var linesMax: Int
    /// The most faults that are kept with their line; the others are counted.
    public var problemsMax: Int
    /// The most positions that wait for the first date of the log.
    public var undatedFixesMax: Int

    /// Makes limits.
    public init(
        lineBytesMax: Int = 1024,
        linesMax: Int = 100_000_000,
        problemsMax: Int = 100,
        undatedFixesMax: Int = 10_000
    ) {
        self.lineBytesMax = lineBytesMax
        self.linesMax = linesMax
        self.problemsMax = problemsMax
        self.undatedFixesMax = undatedFixesMax
    }
}
