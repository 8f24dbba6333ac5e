/// A date and time of day to the millisecond, without a zone: what a calendar and a clock show.
public struct CivilTime: Hashable, Sendable {
    /// The date.
    public let date: CivilDate
    /// The hour, 0 to 23.
    public let hour: Int
    /// The minute, 0 to 59.
    public let minute: Int
    /// The second, 0 to 59.
    public let second: Int
    /// The millisecond, 0 to 999.
    public let millisecond: Int

    /// Milliseconds of a day.
    public static let dayMilliseconds: Int64 = 86_400_000
    /// 0001-01-01T00:00:00Z.
    public static let firstMillisecond = CivilDate.firstDay * dayMilliseconds
    /// 9999-12-31T23:59:59.999Z.
    public static let lastMillisecond = (CivilDate.lastDay + 1) * dayMilliseconds - 1

    /// Makes a time that exists.
    public init(
        date: CivilDate,
        hour: Int = 0,
        minute: Int = 0,
        second: Int = 0,
        millisecond: Int = 0
    ) throws(InterchangeError) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999).contains(millisecond)
        else {
            throw InterchangeError(
                .outOfRange,
                "the time of day does not exist",
                expected: "00:00:00.000 to 23:59:59.999"
            )
        }
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
    }

    /// Makes the time that a clock at UTC shows this many milliseconds after 1970 began.
    public init(milliseconds: Int64) throws(InterchangeError) {
        guard (CivilTime.firstMillisecond...CivilTime.lastMillisecond).contains(milliseconds) else {
            throw CivilTime.outOfRange
        }
        var days = milliseconds / CivilTime.dayMilliseconds
        var rest = milliseconds % CivilTime.dayMilliseconds
        if rest < 0 {
            rest += CivilTime.dayMilliseconds
            days -= 1
        }
        date = try CivilDate(daysSince1970: days)
        hour = Int(rest / 3_600_000)
        minute = Int(rest / 60_000 % 60)
        second = Int(rest / 1000 % 60)
        millisecond = Int(rest % 1000)
    }

    /// Makes the time that a clock with an offset from UTC shows.
    public init(milliseconds: Int64, offsetMinutes: Int) throws(InterchangeError) {
        let offset = try CivilTime.offsetMilliseconds(offsetMinutes)
        let (local, overflows) = milliseconds.addingReportingOverflow(offset)
        guard !overflows else { throw CivilTime.outOfRange }
        try self.init(milliseconds: local)
    }

    /// Milliseconds since 1970 if this is what a clock at UTC shows.
    public var milliseconds: Int64 {
        let seconds = Int64((hour * 60 + minute) * 60 + second)
        return date.daysSince1970 * CivilTime.dayMilliseconds + seconds * 1000
            + Int64(millisecond)
    }

    static var outOfRange: InterchangeError {
        InterchangeError(
            .outOfRange,
            "the time is outside the years 0001 to 9999",
            expected: "a time of 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z"
        )
    }

    static func offsetMilliseconds(_ minutes: Int) throws(InterchangeError) -> Int64 {
        guard (-1439...1439).contains(minutes) else {
            throw InterchangeError(
                .outOfRange,
                "the offset of \(minutes) minutes is not possible",
                expected: "-23:59 to +23:59"
            )
        }
        return Int64(minutes) * 60_000
    }
}

extension CivilTime {
    /// How much of a time is written.
    public enum Precision: Hashable, Sendable {
        /// `YYYY-MM-DD`.
        case day
        /// `YYYY-MM-DD HH:MM`.
        case minute
        /// `YYYY-MM-DD HH:MM:SS`.
        case second
        /// `YYYY-MM-DD HH:MM:SS.mmm`.
        case millisecond
    }

    /// The time for people, cut (not rounded) to a precision.
    public func text(precision: Precision = .second, separator: Character = " ") -> String {
        var result = date.description
        if precision == .day { return result }
        result.append(separator)
        result += CivilTime.two(hour) + ":" + CivilTime.two(minute)
        if precision == .minute { return result }
        result += ":" + CivilTime.two(second)
        if precision == .second { return result }
        return result + "." + (millisecond < 100 ? "0" : "") + CivilTime.two(millisecond)
    }

    /// RFC 3339 text of an instant; milliseconds are written only when there are some.
    ///
    /// Offset 0 is written as `Z`. The text reads back to the same instant.
    public static func rfc3339(
        milliseconds: Int64,
        offsetMinutes: Int = 0
    ) throws(InterchangeError) -> String {
        let time = try CivilTime(milliseconds: milliseconds, offsetMinutes: offsetMinutes)
        let precision: Precision = time.millisecond == 0 ? .second : .millisecond
        let text = time.text(precision: precision, separator: "T")
        guard offsetMinutes != 0 else { return text + "Z" }
        let size = offsetMinutes.magnitude
        let sign = offsetMinutes < 0 ? "-" : "+"
        return text + sign + two(Int(size / 60)) + ":" + two(Int(size % 60))
    }

    /// At least two digits.
    static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}

extension CivilTime: Comparable {
    /// Whether the left time is earlier.
    public static func < (lhs: CivilTime, rhs: CivilTime) -> Bool {
        lhs.milliseconds < rhs.milliseconds
    }
}

extension CivilTime: CustomStringConvertible {
    /// `YYYY-MM-DDTHH:MM:SS.mmm`.
    public var description: String { text(precision: .millisecond, separator: "T") }
}
