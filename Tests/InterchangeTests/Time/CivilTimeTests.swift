import Testing

@testable import Interchange

struct CivilTimeTests {
    @Test func `days and dates agree from the first year to the last`() throws {
        var date = try CivilDate(year: 1, month: 1, day: 1)
        #expect(date.daysSince1970 == CivilDate.firstDay)
        #expect(try CivilDate(year: 9999, month: 12, day: 31).daysSince1970 == CivilDate.lastDay)
        var step: Int64 = 1
        var days = CivilDate.firstDay
        // Every day of the first years and around 1970 and 2000, then in prime steps.
        while days <= CivilDate.lastDay {
            let next = try CivilDate(daysSince1970: days)
            #expect(next.daysSince1970 == days)
            #expect(days == CivilDate.firstDay || date < next)
            date = next
            let isNear =
                days < CivilDate.firstDay + 800 || (-800...800).contains(days)
                || (10_900...11_700).contains(days)
            step = isNear ? 1 : 97
            days += step
        }
    }

    @Test(
        arguments: [
            ("1970-01-01", 0, 4), ("1969-12-31", -1, 3), ("2000-02-29", 11_016, 2),
            ("2024-02-29", 19_782, 4), ("0001-01-01", -719_162, 1), ("1900-03-01", -25_508, 4),
            ("2026-01-04", 20_457, 7),
        ] as [(String, Int64, Int)]
    )
    func `known days`(text: String, days: Int64, weekday: Int) throws {
        let date = try CivilDate.parse(text)
        #expect(date.daysSince1970 == days)
        #expect(date.description == text)
        #expect(date.weekday == weekday)
    }

    @Test(arguments: [
        "2023-02-29", "1900-02-29", "2024-00-01", "2024-13-01", "2024-04-31", "2024-01-00",
        "0000-01-01",
    ])
    func `dates that do not exist are out of range`(text: String) {
        let error = fault { () throws(InterchangeError) in _ = try CivilDate.parse(text) }
        #expect(error?.code == .outOfRange)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2024-01-01T05:50:21.571Z", 1_704_088_221_571),
            ("2024-01-01 05:50:21.571+00:00", 1_704_088_221_571),
            ("2024-01-01t13:50:21.571+08:00", 1_704_088_221_571),
            ("2024-01-01T13:50:21+0800", 1_704_088_221_000),
            ("2024-01-01T13:50+08", 1_704_088_200_000),
            ("1969-12-31T23:59:59.999Z", -1), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2024-01-01T05:50:21,5Z", 1_704_088_221_500),
            ("2024-01-01T00:00:00-00:00", 1_704_067_200_000),
        ] as [(String, Int64)]
    )
    func `instants`(text: String, milliseconds: Int64) throws {
        #expect(try TimeText.parseInstant(text) == milliseconds)
    }

    @Test func `a text says how much it says`() throws {
        let day = try TimeText.parse("2024-02-29")
        #expect(day.precision == .day)
        #expect(day.offsetMinutes == nil)
        let minute = try TimeText.parse("2024-12-27 09:15")
        #expect(minute.precision == .minute)
        #expect(try minute.milliseconds(assumingOffsetMinutes: 480) == 1_735_262_100_000)
        let exact = try TimeText.parse("2024-12-27T09:15:00.1230Z")
        #expect(exact.isExact)
        let cut = try TimeText.parse("2024-12-27T09:15:00.1239999999999Z")
        #expect(!cut.isExact)
        #expect(cut.civil.millisecond == 123)
        let error = fault { () throws(InterchangeError) in
            _ = try TimeText.parseInstant("2024-12-27T09:15:00")
        }
        #expect(error?.code == .missing)
    }

    @Test(arguments: [
        "", "2024", "2024-1-1", "2024-01-01T", "2024-01-01T5:00", "2024-01-01T05",
        "2024-01-01T05:00:",
        "2024-01-01T05:00:00.", "2024-01-01T05:00:00+", "2024-01-01T05:00:00+8",
        "2024-01-01T05:00Z ",
        "2024-01-01  05:00", "２０２４-01-01", "2024-01-01T05:00:00ZZ", "20240101", "-024-01-01",
        "2024-01-01T05:00:00+08:", "2024-01-01\u{301}T05:00",
    ])
    func `what is no time is malformed`(text: String) {
        let error = fault { () throws(InterchangeError) in _ = try TimeText.parse(text) }
        #expect(error?.code == .malformed)
    }

    @Test(arguments: [
        "2024-01-01T24:00:00Z", "2024-01-01T05:60:00Z", "2024-01-01T05:00:61Z",
        "2024-01-01T05:00:60Z",
        "2024-01-01T05:00:00+24:00", "2024-01-01T05:00:00+08:60", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
    ])
    func `what is no possible time is out of range`(text: String) {
        let error = fault { () throws(InterchangeError) in _ = try TimeText.parseInstant(text) }
        #expect(error?.code == .outOfRange)
    }

    @Test func `texts read back to the same instant`() throws {
        var random = SplitMix(seed: 5)
        let span = UInt64(CivilTime.lastMillisecond - CivilTime.firstMillisecond)
        for _ in 0..<2000 {
            let time = CivilTime.firstMillisecond + Int64(random.next() % span)
            #expect(try CivilTime(milliseconds: time).milliseconds == time)
            let offset = random.below(2879) - 1439
            guard let text = try? CivilTime.rfc3339(milliseconds: time, offsetMinutes: offset)
            else {
                continue
            }
            #expect(try TimeText.parseInstant(text) == time)
        }
        #expect(try CivilTime.rfc3339(milliseconds: 0) == "1970-01-01T00:00:00Z")
        #expect(try CivilTime.rfc3339(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
        let local = try CivilTime.rfc3339(milliseconds: 1_704_088_221_007, offsetMinutes: -210)
        #expect(local == "2024-01-01T02:20:21.007-03:30")
    }

    @Test func `the ends of the range do not trap`() {
        for milliseconds in [
            Int64.min, .max, CivilTime.firstMillisecond - 1, CivilTime.lastMillisecond + 1,
        ] {
            for offset in [0, 1439, -1439, .max, .min] {
                let error = fault { () throws(InterchangeError) in
                    _ = try CivilTime.rfc3339(milliseconds: milliseconds, offsetMinutes: offset)
                }
                #expect(error?.code == .outOfRange || abs(offset.magnitude.distance(to: 0)) == 1439)
            }
        }
        for days in [Int64.min, .max] {
            let error = fault { () throws(InterchangeError) in
                _ = try CivilDate(daysSince1970: days)
            }
            #expect(error?.code == .outOfRange)
        }
    }

    @Test func `a time can be written as people read it`() throws {
        let time = try CivilTime(milliseconds: 1_704_088_221_571, offsetMinutes: 480)
        #expect(time.text() == "2024-01-01 13:50:21")
        #expect(time.text(precision: .minute) == "2024-01-01 13:50")
        #expect(time.text(precision: .day) == "2024-01-01")
        #expect(time.description == "2024-01-01T13:50:21.571")
    }
}
