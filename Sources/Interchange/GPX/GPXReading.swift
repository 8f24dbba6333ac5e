/// A GPX document that was read, and what of the file it does not hold.
public struct GPXReading: Hashable, Sendable {
    /// The document.
    public var document: GPXDocument
    /// How many points had more digits in a coordinate or an elevation than are kept.
    public var roundedPoints = 0
    /// The line of the first such point.
    public var firstRoundedLine: Int?
    /// How many times had digits behind the milliseconds, which were cut.
    public var cutTimes = 0
    /// How many times did not say their zone; GPX says that such a time is UTC.
    public var timesWithoutZone = 0
    /// How many elements that are not kept stood in the file: routes, extensions and the like.
    public var skippedElements = 0
}
