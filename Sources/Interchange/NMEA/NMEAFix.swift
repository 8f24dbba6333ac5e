/// A position that a receiver reported, put together from the sentences of one moment.
public struct NMEAFix: Hashable, Sendable {
    /// Milliseconds since 1970; nil when the log never says a date, or the sentence no time.
    public var time: Int64?
    /// Where the receiver was.
    ///
    /// NMEA counts minutes of arc, which are rounded half to even here, to within half a unit of
    /// 10⁻⁷ degrees.
    public var coordinate: Coordinate
    /// How the position was found.
    public var quality: NMEAQuality
    /// Whether a sentence of the same moment called the position void.
    public var hasWarning: Bool
    /// The horizontal dilution of precision in hundredths.
    public var dilutionHundredths: Int64?
    /// The speed over ground in thousandths of a knot.
    public var speedMilliknots: Int64?
    /// The course over ground in hundredths of a degree from true north.
    public var courseHundredths: Int64?
    /// The height above mean sea level in millimetres.
    public var elevation: Int64?
    /// The number of satellites used.
    public var satellites: Int64?
    /// The line of its first sentence, from 1.
    public var line: Int

    /// The speed over ground in millimetres a second, rounded down: a knot is 1,852 m an hour.
    public var speedMillimetresPerSecond: Int64? {
        guard let speedMilliknots else { return nil }
        let (product, overflows) = speedMilliknots.multipliedReportingOverflow(by: 1852)
        return overflows ? nil : product / 3600
    }
}
