public import Replication

/// A day of the civil calendar, with no time and no zone: 2026-05-01.
///
/// Laws come into force and lose it on days, and fields hold them as text `YYYY-MM-DD`, whose order
/// by bytes is the order of the days. Years run from 1 to 9999.
public struct CivilDate: Hashable, Sendable {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, from 1.
    public let day: Int

    /// Makes a day; nil when the calendar has none such.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.daysIn(month: month, year: year)
        else { return nil }
        self.init(unchecked: year, month, day)
    }

    /// The day of a moment, at a place `zoneMinutes` east of UTC; nil outside the years 1 to 9999.
    public init?(milliseconds: Int64, zoneMinutes: Int) {
        let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
        guard (-1_440...1_440).contains(zoneMinutes) else { return nil }
        let (local, overflow) = milliseconds.addingReportingOverflow(Int64(zoneMinutes) * 60_000)
        guard !overflow, range.contains(local) else { return nil }
        let days = CivilDate.floorDivide(local, 86_400_000)
        self.init(daysSince1970: days)
    }

    /// Reads exactly `YYYY-MM-DD`; nil when it is written otherwise or names no day.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count == 10, bytes[4] == dash, bytes[7] == dash,
            let year = CivilDate.number(bytes[0..<4]), let month = CivilDate.number(bytes[5..<7]),
            let day = CivilDate.number(bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Days since 1970-01-01, negative before.
    ///
    /// By Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, 2013.
    public var daysSince1970: Int64 {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let era = CivilDate.floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The first moment of the day, at a place `zoneMinutes` east of UTC.
    public func start(zoneMinutes: Int) -> WallTime {
        WallTime(milliseconds: daysSince1970 * 86_400_000 - Int64(zoneMinutes) * 60_000)
    }

    /// The month and day, which seasons are made of.
    public var monthDay: MonthDay { MonthDay(unchecked: month, day) }

    private init(unchecked year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    private init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = CivilDate.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        self.init(unchecked: year, month, Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1))
    }

    static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// A number of decimal digits only.
    static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// A number padded with zeros.
    static func pad(_ value: Int, to width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-1 - value) / divisor) - 1
    }
}

extension CivilDate: Comparable {
    /// Orders by day.
    public static func < (lhs: CivilDate, rhs: CivilDate) -> Bool {
        (lhs.year, lhs.month, lhs.day) < (rhs.year, rhs.month, rhs.day)
    }
}

extension CivilDate: CustomStringConvertible {
    /// `YYYY-MM-DD`.
    public var description: String {
        CivilDate.pad(year, to: 4) + "-" + CivilDate.pad(month, to: 2) + "-"
            + CivilDate.pad(day, to: 2)
    }
}

extension CivilDate: FieldConvertible {
    /// Text.
    public static var fieldKind: FieldKind { .text }
    /// Reads a day from text.
    public init?(fieldValue: FieldValue) {
        guard case .text(let text) = fieldValue else { return nil }
        self.init(text)
    }
    /// The day as text.
    public var fieldValue: FieldValue { .text(description) }
}
