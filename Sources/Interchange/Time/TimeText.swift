/// A date or time as it was read from text, with what the text did and did not say.
public struct TimeText: Hashable, Sendable {
    /// What the text's calendar and clock show.
    public let civil: CivilTime
    /// The offset from UTC in minutes, nil when the text has none.
    public let offsetMinutes: Int?
    /// How much the text says; a date alone is `day`.
    public let precision: CivilTime.Precision
    /// Whether no digit other than 0 stood behind the milliseconds.
    ///
    /// Such digits are cut, so that a time never moves into the future.
    public let isExact: Bool

    /// Reads RFC 3339, ISO 8601 extended, `YYYY-MM-DD`, or `YYYY-MM-DD HH:MM[:SS[.fff]]`.
    ///
    /// Date and time are parted by `T`, `t` or one space. An offset is `Z`, `z`, `±HH:MM`, `±HHMM`
    /// or `±HH`. Second 60 is read as the first second of the next minute, since time counted from
    /// 1970 has no leap seconds; hour 24 is refused.
    public static func parse(_ text: String) throws(InterchangeError) -> TimeText {
        var reader = TimeTextReader(text)
        return try reader.timeText()
    }

    /// Reads an instant, which needs an offset, as milliseconds since 1970.
    public static func parseInstant(_ text: String) throws(InterchangeError) -> Int64 {
        let time = try parse(text)
        guard time.offsetMinutes != nil else {
            throw InterchangeError(
                .missing,
                "\"\(text.excerpt)\" does not say its offset from UTC",
                expected: "a time such as 2024-01-01T05:50:21Z or 2024-01-01T13:50:21+08:00"
            )
        }
        return try time.milliseconds()
    }

    /// Milliseconds since 1970; `assumed` is the offset of texts that have none.
    public func milliseconds(
        assumingOffsetMinutes assumed: Int = 0
    ) throws(InterchangeError) -> Int64 {
        let offset = try CivilTime.offsetMilliseconds(offsetMinutes ?? assumed)
        // Both are far from the ends of Int64.
        let result = civil.milliseconds - offset
        guard (CivilTime.firstMillisecond...CivilTime.lastMillisecond).contains(result) else {
            throw CivilTime.outOfRange
        }
        return result
    }
}
