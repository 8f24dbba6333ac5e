/// A minute of the civil calendar, for the attributions that merges write into texts.
struct CivilMinute: CustomStringConvertible {
    let description: String

    /// Days to civil date by Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, 2013.
    init(milliseconds: Int64, zoneMinutes: Int) {
        // No zone is a day away; a schema says so, a caller may not.
        let zone = Int64(max(-1_440, min(1_440, zoneMinutes)))
        let minutes = zone + CivilMinute.floorDivide(milliseconds, 60_000)
        let days = CivilMinute.floorDivide(minutes, 1_440) + 719_468
        let minuteOfDay = minutes - (days - 719_468) * 1_440
        let era = CivilMinute.floorDivide(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func pad(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        description =
            "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2)) "
            + "\(pad(minuteOfDay / 60, 2)):\(pad(minuteOfDay % 60, 2))"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-1 - value) / divisor) - 1
    }
}
