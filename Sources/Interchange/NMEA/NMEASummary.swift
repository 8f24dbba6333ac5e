/// What a log held and what was wrong with it.
public struct NMEASummary: Hashable, Sendable {
    /// Lines that were read, blank ones too.
    public var lines = 0
    /// Sentences with a right checksum.
    public var sentences = 0
    /// Sentences that positions are taken from: GGA, RMC, GLL, ZDA.
    public var readSentences = 0
    /// Messages of other ships (AIVDM) and of this one (AIVDO).
    public var shipMessages = 0
    /// Other sentences, which are passed over.
    public var skippedSentences = 0
    /// Lines whose checksum is wrong.
    public var badChecksums = 0
    /// Lines without a checksum.
    public var missingChecksums = 0
    /// Lines that are no sentence, sentences that cannot be read, and lines that are too long.
    public var malformedLines = 0
    /// Sentences that say there is no position now.
    public var voidSentences = 0
    /// Positions that were given out.
    public var fixes = 0
    /// Positions among them without a time, because the log never says the date.
    public var fixesWithoutTime = 0
    /// The first faults, in the order of their lines, up to the limit.
    public var problems: [InterchangeError] = []

    /// Whether every line was a sentence that could be read or knowingly passed over.
    public var isClean: Bool { badChecksums + missingChecksums + malformedLines == 0 }
}
