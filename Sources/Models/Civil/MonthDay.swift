public import Replication

/// A day of every year: 03-01, the first day of a closed season.
public struct MonthDay: Hashable, Sendable {
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, from 1.
    public let day: Int

    /// Makes a day of the year; nil when no year has it.
    ///
    /// 02-29 is one.
    public init?(month: Int, day: Int) {
        guard CivilDate(year: 2024, month: month, day: day) != nil else { return nil }
        self.init(unchecked: month, day)
    }

    /// Reads exactly `MM-DD`.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: "-"),
            let month = CivilDate.number(bytes[0..<2]), let day = CivilDate.number(bytes[3..<5])
        else { return nil }
        self.init(month: month, day: day)
    }

    init(unchecked month: Int, _ day: Int) {
        self.month = month
        self.day = day
    }
}

extension MonthDay: Comparable {
    /// Orders within a year.
    public static func < (lhs: MonthDay, rhs: MonthDay) -> Bool {
        (lhs.month, lhs.day) < (rhs.month, rhs.day)
    }
}

extension MonthDay: CustomStringConvertible {
    /// `MM-DD`.
    public var description: String {
        CivilDate.pad(month, to: 2) + "-" + CivilDate.pad(day, to: 2)
    }
}

extension MonthDay: FieldConvertible {
    /// Text.
    public static var fieldKind: FieldKind { .text }
    /// Reads a day of the year from text.
    public init?(fieldValue: FieldValue) {
        guard case .text(let text) = fieldValue else { return nil }
        self.init(text)
    }
    /// The day of the year as text.
    public var fieldValue: FieldValue { .text(description) }
}
