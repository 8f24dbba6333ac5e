import Models
import Replication
import Testing

@Suite struct CivilTests {
    @Test func `A day begins at midnight of its zone`() {
        let midnight = CatalogueFixture.moment("2026-05-01", hour: 0, minute: 0)
        #expect(
            CivilDate(milliseconds: midnight.milliseconds, zoneMinutes: 480)
                == Samples.date("2026-05-01")
        )
        #expect(
            CivilDate(milliseconds: midnight.milliseconds - 1, zoneMinutes: 480)
                == Samples.date("2026-04-30")
        )
        #expect(midnight.milliseconds == 1_777_564_800_000)
    }

    @Test func `The calendar's ends are where they belong`() {
        #expect(CivilDate(year: 1, month: 1, day: 1)?.daysSince1970 == -719_162)
        #expect(CivilDate(year: 9999, month: 12, day: 31)?.daysSince1970 == 2_932_896)
        #expect(CivilDate(year: 0, month: 12, day: 31) == nil)
        #expect(CivilDate(year: 10_000, month: 1, day: 1) == nil)
    }

    @Test func `Days count on without gaps through a cycle of 400 years`() throws {
        var day = try #require(CivilDate(year: 1899, month: 12, day: 31))
        var count = day.daysSince1970
        while day.year < 2300 {
            count += 1
            let next = try #require(
                CivilDate(milliseconds: count * 86_400_000, zoneMinutes: 0)
            )
            guard day < next, next.daysSince1970 == count, CivilDate(next.description) == next
            else {
                Issue.record("after \(day) came \(next)")
                return
            }
            day = next
        }
        #expect(count == 120_530)
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-01", "2026-4-30", "2026-04-31", "0000-01-01",
        "2026-04-30 ", "２０２６-04-30", "20260430", "", "+026-04-30",
    ])
    func `What is no day is refused`(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test func `Leap days are days`() {
        #expect(CivilDate("2024-02-29") != nil && CivilDate("2000-02-29") != nil)
        #expect(CivilDate("1900-02-29") == nil)
        #expect(MonthDay("02-29")?.description == "02-29" && MonthDay("02-30") == nil)
    }

    @Test func `Moments outside the calendar have no day`() {
        #expect(CivilDate(milliseconds: Int64.min, zoneMinutes: 480) == nil)
        #expect(CivilDate(milliseconds: Int64.max, zoneMinutes: 480) == nil)
        #expect(CivilDate(milliseconds: 0, zoneMinutes: Int.max) == nil)
    }

    @Test(
        arguments: [
            ("12.5", 3, 12_500), ("0", 0, 0), ("-0.030", 3, -30), ("120.0463000", 7, 1_200_463_000),
            ("12.5000", 1, 125), ("007", 2, 700), ("-9223372036854775808", 0, Int64.min),
            ("9.223372036854775807", 18, Int64.max),
        ] as [(String, Int, Int64)]
    )
    func `Decimals are read exactly`(text: String, scale: Int, units: Int64) throws {
        #expect(try DecimalText.parse(text, scale: scale).units == units)
    }

    @Test(
        arguments: [
            ("", 2, .notDecimal), (".5", 2, .notDecimal), ("5.", 2, .notDecimal),
            ("+5", 2, .notDecimal), ("1e3", 2, .notDecimal), ("1,000", 2, .notDecimal),
            ("--1", 2, .notDecimal), ("1.2.3", 2, .notDecimal), ("５", 2, .notDecimal),
            ("1.255", 2, .tooPrecise(2)), ("9223372036854775808", 0, .tooLarge),
            ("-9223372036854775809", 0, .tooLarge), ("92233720368547758.08", 2, .tooLarge),
            ("1", 19, .scale(19)), ("1", -1, .scale(-1)),
        ] as [(String, Int, DecimalTextError.Reason)]
    )
    func `What is no decimal of the scale is refused`(
        text: String,
        scale: Int,
        reason: DecimalTextError.Reason
    ) {
        let error = #expect(throws: DecimalTextError.self) {
            try DecimalText.parse(text, scale: scale)
        }
        #expect(error?.reason == reason)
    }

    @Test func `A decimal that is written is read back`() throws {
        var random = SeededGenerator(state: 1)
        for scale in 0...18 {
            for units in [0, 1, -1, 10, -10, Int64.min, Int64.max]
                + (0..<50).map({ _ in Int64.random(in: Int64.min...Int64.max, using: &random) })
            {
                let decimal = ScaledDecimal(units: units)
                let text = DecimalText.format(decimal, scale: scale)
                #expect(try DecimalText.parse(text, scale: scale) == decimal)
            }
        }
        #expect(DecimalText.format(ScaledDecimal(units: -5), scale: 3) == "-0.005")
        #expect(DecimalText.format(ScaledDecimal(units: 12_500), scale: 3) == "12.500")
    }
}
