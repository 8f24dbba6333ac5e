/// Lengths of time for people.
public enum DurationFormat {
    /// The words for the units.
    public struct Units: Hashable, Sendable {
        let milliseconds: String
        let seconds: String
        let minutes: String
        let hours: String
        let days: String

        /// Makes units.
        public init(
            milliseconds: String,
            seconds: String,
            minutes: String,
            hours: String,
            days: String
        ) {
            self.milliseconds = milliseconds
            self.seconds = seconds
            self.minutes = minutes
            self.hours = hours
            self.days = days
        }

        /// `ms`, `s`, `min`, `h`, `d`.
        public static let english = Units(
            milliseconds: "ms",
            seconds: "s",
            minutes: "min",
            hours: "h",
            days: "d"
        )
        /// `毫秒`, `秒`, `分`, `小时`, `天`.
        public static let chinese = Units(
            milliseconds: "毫秒",
            seconds: "秒",
            minutes: "分",
            hours: "小时",
            days: "天"
        )
    }

    /// The two largest units: `350 ms`, `12.3 s`, `4 min 05 s`, `3 h 07 min`, `2 d 03 h`.
    ///
    /// What is smaller is cut. Negative lengths are 0.
    public static func text(milliseconds: Int64, units: Units = .english) -> String {
        let value = max(milliseconds, 0)
        let seconds = value / 1000
        switch seconds {
        case 0: return "\(value) \(units.milliseconds)"
        case 1..<60: return "\(seconds).\(value / 100 % 10) \(units.seconds)"
        case 60..<3600:
            return pair(seconds / 60, units.minutes, seconds % 60, units.seconds)
        case 3600..<86_400:
            return pair(seconds / 3600, units.hours, seconds / 60 % 60, units.minutes)
        default:
            return pair(seconds / 86_400, units.days, seconds / 3600 % 24, units.hours)
        }
    }

    /// As a clock shows it: `0:07`, `12:34`, `1:02:03`.
    public static func clock(milliseconds: Int64) -> String {
        let seconds = max(milliseconds, 0) / 1000
        let tail = CivilTime.two(Int(seconds % 60))
        if seconds < 3600 { return "\(seconds / 60):\(tail)" }
        return "\(seconds / 3600):\(CivilTime.two(Int(seconds / 60 % 60))):\(tail)"
    }

    private static func pair(
        _ large: Int64,
        _ largeUnit: String,
        _ small: Int64,
        _ smallUnit: String
    ) -> String {
        "\(large) \(largeUnit) \(CivilTime.two(Int(small))) \(smallUnit)"
    }
}
