/// Gives every time of day its date, in the order of the log.
///
/// RMC and ZDA say the date; GGA and GLL do not. A moment without a date takes that of the last
/// one with a date, a day later when the clock has gone back by more than half a day: midnight has
/// passed. A moment that is more than 23 hours ahead is a late sentence from before midnight.
/// Moments before the first date wait for it and are dated backwards from it.
struct NMEACalendar: Sendable {
    private struct Waiting: Sendable {
        var fix: NMEAFix
        let timeOfDay: Int64
    }

    private let waitingMax: Int
    private var waiting: [Waiting] = []
    private var lastDay: Int64?
    private var lastTimeOfDay: Int64 = 0

    private static let halfDay = CivilTime.dayMilliseconds / 2
    private static let nearlyDay = CivilTime.dayMilliseconds / 24 * 23

    init(waitingMax: Int) { self.waitingMax = max(waitingMax, 0) }

    /// Takes the next moment and returns the fixes whose time is now settled.
    mutating func take(_ epoch: NMEAEpoch) -> [NMEAFix] {
        guard let timeOfDay = epoch.timeOfDay else { return epoch.fix.map { [$0] } ?? [] }
        guard let day = epoch.day ?? inferredDay(at: timeOfDay) else {
            return wait(epoch.fix, timeOfDay)
        }
        var fixes = dated(before: day, timeOfDay)
        // A late sentence without a date is dated, but does not set the calendar back.
        if epoch.day != nil || (lastDay ?? day, lastTimeOfDay) <= (day, timeOfDay) {
            lastDay = day
            lastTimeOfDay = timeOfDay
        }
        if let fix = epoch.fix { fixes.append(NMEACalendar.fix(fix, day, timeOfDay)) }
        return fixes
    }

    /// The fixes that still wait; the log has no date for them.
    mutating func finish() -> [NMEAFix] {
        defer { waiting = [] }
        return waiting.map(\.fix)
    }

    private func inferredDay(at timeOfDay: Int64) -> Int64? {
        guard let lastDay else { return nil }
        if timeOfDay < lastTimeOfDay - NMEACalendar.halfDay { return lastDay + 1 }
        if timeOfDay > lastTimeOfDay + NMEACalendar.nearlyDay { return lastDay - 1 }
        return lastDay
    }

    private mutating func wait(_ fix: NMEAFix?, _ timeOfDay: Int64) -> [NMEAFix] {
        guard let fix else { return [] }
        waiting.append(Waiting(fix: fix, timeOfDay: timeOfDay))
        guard waiting.count > waitingMax else { return [] }
        // Half at a time, so that a long log without a date costs O(1) a fix.
        let given = waiting.prefix(waiting.count - waitingMax / 2).map(\.fix)
        waiting.removeFirst(given.count)
        return given
    }

    private mutating func dated(before day: Int64, _ timeOfDay: Int64) -> [NMEAFix] {
        var day = day
        var timeOfDay = timeOfDay
        var reversed: [NMEAFix] = []
        for entry in waiting.reversed() {
            if entry.timeOfDay > timeOfDay + NMEACalendar.halfDay { day -= 1 }
            timeOfDay = entry.timeOfDay
            reversed.append(NMEACalendar.fix(entry.fix, day, timeOfDay))
        }
        waiting = []
        return reversed.reversed()
    }

    private static func fix(_ fix: NMEAFix, _ day: Int64, _ timeOfDay: Int64) -> NMEAFix {
        var fix = fix
        // Days are those of the years 0001 to 9999, give or take the length of a log.
        fix.time = day * CivilTime.dayMilliseconds + timeOfDay
        return fix
    }
}
