/// A day of the proleptic Gregorian calendar, years 0001 to 9999.
///
/// The arithmetic is Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms",
/// <https://howardhinnant.github.io/date_algorithms.html>, `days_from_civil` and
/// `civil_from_days`: eras of 400 years, years that start in March.
public struct CivilDate: Hashable, Sendable {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, from 1.
    public let day: Int

    /// The day number of 0001-01-01.
    public static let firstDay: Int64 = -719_162
    /// The day number of 9999-12-31.
    public static let lastDay: Int64 = 2_932_896

    /// Makes a date that exists.
    public init(year: Int, month: Int, day: Int) throws(InterchangeError) {
        guard (1...9999).contains(year) else {
            throw CivilDate.outOfRange("the year \(year)", "a year of 0001 to 9999")
        }
        guard (1...12).contains(month) else {
            throw CivilDate.outOfRange("the month \(month)", "a month of 01 to 12")
        }
        let days = CivilDate.dayCount(year: year, month: month)
        guard (1...days).contains(day) else {
            throw CivilDate.outOfRange("the day \(day)", "a day of 01 to \(days) in that month")
        }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Makes the date with a day number counted from 1970-01-01, which is 0.
    public init(daysSince1970 days: Int64) throws(InterchangeError) {
        guard (CivilDate.firstDay...CivilDate.lastDay).contains(days) else {
            throw CivilDate.outOfRange("the day number \(days)", "a date of 0001 to 9999")
        }
        // All terms are positive here: the first day is after the start of era 0.
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The day number counted from 1970-01-01, which is 0.
    public var daysSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    /// The ISO number of the day of the week, Monday 1 to Sunday 7.
    public var weekday: Int {
        let remainder = Int((daysSince1970 + 3) % 7)
        return (remainder < 0 ? remainder + 7 : remainder) + 1
    }

    /// How many days a month of 1 to 12 has.
    static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: return 30
        case 2:
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return isLeap ? 29 : 28
        default: return 31
        }
    }

    private static func outOfRange(_ what: String, _ expected: String) -> InterchangeError {
        InterchangeError(.outOfRange, "\(what) does not exist here", expected: expected)
    }
}

extension CivilDate: Comparable {
    /// Whether the left date is earlier.
    public static func < (lhs: CivilDate, rhs: CivilDate) -> Bool {
        (lhs.year, lhs.month, lhs.day) < (rhs.year, rhs.month, rhs.day)
    }
}

extension CivilDate: CustomStringConvertible {
    /// Reads `YYYY-MM-DD` and nothing else.
    public static func parse(_ text: String) throws(InterchangeError) -> CivilDate {
        var reader = TimeTextReader(text)
        let date = try reader.date()
        try reader.end()
        return date
    }

    /// `YYYY-MM-DD`.
    public var description: String {
        let number = String(year)
        let zeros = String(repeating: "0", count: max(0, 4 - number.utf8.count))
        return "\(zeros)\(number)-\(CivilTime.two(month))-\(CivilTime.two(day))"
    }
}
