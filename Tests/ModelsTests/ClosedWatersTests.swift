import Models
import Replication
import Testing

@Suite struct ClosedWatersTests {
    private func keys(
        _ water: String,
        _ day: String,
        hour: Int = 12,
        minute: Int = 0,
        second: Int = 0,
        method: FishingMethod? = .gillNet
    ) throws -> [String] {
        let rule = ClosedWaters(try CatalogueFixture.catalogue())
        let time = CatalogueFixture.moment(day, hour: hour, minute: minute, second: second)
        return rule.check(water: water, time: time, method: method).map(\.closure.key)
    }

    @Test func `A closed area is closed all year, from its first day`() throws {
        #expect(try keys("dong-tiaoxi", "2022-02-28", hour: 23, minute: 59, second: 59).isEmpty)
        #expect(try keys("dong-tiaoxi", "2022-03-01", hour: 0) == ["tiaoxi"])
        #expect(try keys("dong-tiaoxi", "2026-12-31") == ["tiaoxi"])
    }

    @Test func `A season runs from 0 o'clock of its first day to 24 o'clock of its last`() throws {
        #expect(try keys("other", "2026-02-28", hour: 23, minute: 59, second: 59).isEmpty)
        #expect(try keys("other", "2026-03-01", hour: 0) == ["spring"])
        #expect(try keys("other", "2026-06-30", hour: 23, minute: 59, second: 59) == ["spring"])
        #expect(try keys("other", "2026-06-30", hour: 24).isEmpty)
    }

    @Test func `A rule that has ended closes nothing`() throws {
        #expect(try keys("other", "2030-04-30", hour: 23, minute: 59, second: 59) == ["spring"])
        #expect(try keys("other", "2030-05-01", hour: 0).isEmpty)
    }

    @Test func `A season over New Year closes both ends of the year`() throws {
        #expect(try keys("winter", "2025-10-31").isEmpty)
        #expect(try keys("winter", "2025-12-31") == ["winter"])
        #expect(try keys("winter", "2026-01-01") == ["winter"])
        #expect(try keys("winter", "2026-03-01").isEmpty)
    }

    @Test func `Recreational angling stays free where the notice says so, other angling not`()
        throws
    {
        #expect(try keys("dong-tiaoxi", "2026-08-03", method: .angling).isEmpty)
        #expect(try keys("dong-tiaoxi", "2026-08-03", method: .manyRods) == ["tiaoxi"])
        #expect(try keys("dong-tiaoxi", "2026-08-03", method: nil) == ["tiaoxi"])
        #expect(try keys("winter", "2026-01-01", method: .angling) == ["winter"])
    }

    @Test func `A place finds the water by its box and says so`() throws {
        let rule = ClosedWaters(try CatalogueFixture.catalogue())
        func check(
            _ latitude: Int64,
            _ longitude: Int64,
            _ datum: GeodeticDatum = .wgs84
        )
            -> [ClosureHit]
        {
            rule.check(
                place: Position(
                    latitude: Samples.scaled(latitude),
                    longitude: Samples.scaled(longitude),
                    datum: datum
                ),
                time: Samples.time,
                method: .electric
            )
        }
        #expect(check(307_318_000, 1_200_452_000).map(\.ground) == [.withinBox])
        #expect(check(306_200_000, 1_199_800_000).count == 1)
        #expect(check(306_199_999, 1_199_800_000).isEmpty)
        #expect(check(307_318_000, 1_212_000_000).isEmpty)
        #expect(check(307_318_000, 1_200_452_000, .gcj02).isEmpty)
    }

    @Test func `A finding is judged by its satellite time where it has one`() throws {
        let rule = ClosedWaters(try CatalogueFixture.catalogue())
        var finding = Finding()
        finding.water = "other"
        finding.observedAt = CatalogueFixture.moment("2026-07-01", hour: 2, minute: 50)
        #expect(rule.check(finding).isEmpty)
        finding.gnssTime = CatalogueFixture.moment("2026-06-30", hour: 23, minute: 50)
        #expect(rule.check(finding).map(\.kind) == [.season])
    }
}
