/// Reads positions from a log of NMEA 0183, in chunks of any size.
///
/// A log from a serial line has gaps and broken lines. They are no errors here: they are counted,
/// and the first of them kept with their line, in `summary`. Only a log beyond the limits throws.
public struct NMEAReader: Sendable {
    /// How large a log may be.
    public let limits: NMEALimits
    /// What has been read so far.
    public private(set) var summary = NMEASummary()

    private var splitter: LineSplitter
    private var calendar: NMEACalendar
    private var epoch: NMEAEpoch?

    /// Makes a reader.
    public init(limits: NMEALimits = NMEALimits()) {
        self.limits = limits
        splitter = LineSplitter(lineBytesMax: limits.lineBytesMax)
        calendar = NMEACalendar(waitingMax: limits.undatedFixesMax)
    }

    /// Reads a log that is in memory.
    public static func read(
        _ bytes: [UInt8],
        limits: NMEALimits = NMEALimits()
    ) throws(InterchangeError) -> (fixes: [NMEAFix], summary: NMEASummary) {
        var reader = NMEAReader(limits: limits)
        var fixes = try reader.append(bytes)
        fixes += try reader.finish()
        return (fixes, reader.summary)
    }

    /// Adds a chunk and returns the positions that are complete with it.
    public mutating func append(
        _ bytes: some Sequence<UInt8>
    ) throws(InterchangeError) -> [NMEAFix] {
        splitter.append(bytes)
        return try readLines()
    }

    /// Says that no chunk follows and returns the last positions.
    public mutating func finish() throws(InterchangeError) -> [NMEAFix] {
        splitter.finish()
        var fixes = try readLines()
        fixes += closeEpoch()
        return fixes + counted(calendar.finish())
    }

    private mutating func readLines() throws(InterchangeError) -> [NMEAFix] {
        var fixes: [NMEAFix] = []
        while let line = splitter.next() {
            summary.lines += 1
            guard summary.lines <= limits.linesMax else {
                throw InterchangeError(
                    .limitExceeded,
                    "the log has too many lines",
                    expected: "at most \(limits.linesMax) lines",
                    line: line.number
                )
            }
            if line.isOverlong {
                summary.malformedLines += 1
                note(
                    InterchangeError(
                        .limitExceeded,
                        "the line is too long",
                        expected: "at most \(limits.lineBytesMax) bytes",
                        line: line.number
                    )
                )
            } else if !line.bytes.isEmpty {
                fixes += read(line)
            }
        }
        return fixes
    }

    private mutating func read(_ line: LineSplitter.Line) -> [NMEAFix] {
        switch NMEASentence.read(line.bytes) {
        case .fault(let code, let message, let expected):
            switch code {
            case .mismatch: summary.badChecksums += 1
            case .missing: summary.missingChecksums += 1
            default: summary.malformedLines += 1
            }
            note(InterchangeError(code, message, expected: expected, line: line.number))
            return []
        case .shipMessage:
            summary.sentences += 1
            summary.shipMessages += 1
            return []
        case .sentence(let sentence):
            summary.sentences += 1
            guard ["GGA", "RMC", "GLL", "ZDA"].contains(sentence.type) else {
                summary.skippedSentences += 1
                return []
            }
            summary.readSentences += 1
            return take(sentence, line: line.number)
        }
    }

    private mutating func take(_ sentence: NMEASentence, line: Int) -> [NMEAFix] {
        do {
            let time = try sentence.timeOfDay(NMEAEpoch.timeField(of: sentence.type))
            var current = epoch ?? NMEAEpoch(line: line)
            let isOther = time != nil && current.timeOfDay != nil && time != current.timeOfDay
            if isOther { current = NMEAEpoch(line: line) }
            current.timeOfDay = current.timeOfDay ?? time
            let isValid = try current.take(sentence)
            if !isValid { summary.voidSentences += 1 }
            let fixes = isOther ? closeEpoch() : []
            epoch = current
            return fixes
        } catch {
            summary.malformedLines += 1
            note(error.at(line: line))
            return []
        }
    }

    private mutating func closeEpoch() -> [NMEAFix] {
        guard let closed = epoch else { return [] }
        epoch = nil
        return counted(calendar.take(closed))
    }

    private mutating func counted(_ fixes: [NMEAFix]) -> [NMEAFix] {
        summary.fixes += fixes.count
        summary.fixesWithoutTime += fixes.reduce(0) { $0 + ($1.time == nil ? 1 : 0) }
        return fixes
    }

    private mutating func note(_ problem: InterchangeError) {
        if summary.problems.count < limits.problemsMax { summary.problems.append(problem) }
    }
}
