import Models
import Replication
import Testing

@Suite struct CrimeScreenTests {
    private func area() throws -> [ClosureHit] {
        let catalogue = try CatalogueFixture.catalogue()
        return ClosedWaters(catalogue)
            .check(
                water: "dong-tiaoxi",
                time: Samples.time,
                method: .gillNet
            )
    }

    private func parts(_ fill: (inout FindingParts) -> Void) -> FindingParts {
        var parts = FindingParts()
        fill(&parts)
        return parts
    }

    private func reasons(_ change: (inout CrimeScreen.Facts) -> Void) throws -> [CrimeReason] {
        var facts = CrimeScreen.Facts()
        facts.method = .gillNet
        facts.closures = try area()
        change(&facts)
        return CrimeScreen(facts).reasons
    }

    @Test func `Electro-fishing in a closed area is suspected at 0 kg`() throws {
        for method in [FishingMethod.electric, .poison, .explosive] {
            #expect(try reasons { $0.method = method } == [.destructiveInClosedArea])
        }
        #expect(try reasons { $0.method = .groundCage }.isEmpty)
        #expect(try reasons { $0.method = nil }.isEmpty)
    }

    @Test func `Electro-fishing in a closed season is suspected at 0 kg`() throws {
        let hits = ClosedWaters(try CatalogueFixture.catalogue())
            .check(
                water: "other",
                time: CatalogueFixture.moment("2026-04-01", hour: 1, minute: 0),
                method: .electric
            )
        #expect(
            try reasons {
                $0.method = .electric
                $0.closures = hits
            } == [.destructiveInClosedSeason]
        )
    }

    @Test func `Electro-fishing in open water counts by weight`() throws {
        #expect(
            try reasons {
                $0.method = .electric
                $0.closures = []
            }
            .isEmpty
        )
        #expect(
            try reasons {
                $0.method = .electric
                $0.closures = []
                $0.weight = Samples.scaled(500_000)
            } == [.weight]
        )
    }

    @Test func `The thresholds are reached at 500 kg and ¥10,000 and not below`() throws {
        #expect(try reasons { $0.weight = Samples.scaled(499_999) }.isEmpty)
        #expect(try reasons { $0.weight = Samples.scaled(500_000) } == [.weight])
        #expect(try reasons { $0.value = Samples.scaled(999_999) }.isEmpty)
        #expect(try reasons { $0.value = Samples.scaled(1_000_000) } == [.value])
    }

    @Test func `Fry and spawners count from 50 kg and ¥1,000`() throws {
        #expect(try reasons { $0.protectedWeight = Samples.scaled(49_999) }.isEmpty)
        #expect(
            try reasons { $0.protectedWeight = Samples.scaled(50_000) } == [.protectedWeight]
        )
        #expect(try reasons { $0.protectedValue = Samples.scaled(99_999) }.isEmpty)
        #expect(try reasons { $0.protectedValue = Samples.scaled(100_000) } == [.protectedValue])
    }

    @Test func `In a reserve the whole catch counts from 50 kg`() throws {
        #expect(
            try reasons {
                $0.closures = []
                $0.isReserve = true
                $0.weight = Samples.scaled(50_000)
            } == [.protectedWeight]
        )
    }

    @Test func `A lawful catch of any weight is no crime`() throws {
        #expect(
            try reasons {
                $0.closures = []
                $0.weight = Samples.scaled(900_000)
                $0.value = Samples.scaled(9_000_000)
            }
            .isEmpty
        )
        #expect(
            try reasons {
                $0.closures = []
                $0.isBannedGear = true
                $0.weight = Samples.scaled(900_000)
            } == [.weight]
        )
    }

    @Test func `Two tellings of one catch are not added up`() throws {
        var boat = Samples.catchLine
        boat.weight = Samples.scaled(300_000)
        var bank = boat
        bank.listedBy = "demo-b2"
        let facts = CrimeScreen.Facts(
            finding: Samples.findingRecord,
            closures: try area(),
            parts: parts { $0.catchLines = [boat, bank] }
        )
        #expect(facts.weight == Samples.scaled(300_000))
        var second = boat
        second.species = "鲤鱼"
        let sum = CrimeScreen.Facts(
            finding: Samples.findingRecord,
            closures: try area(),
            parts: parts { $0.catchLines = [boat, second, bank] }
        )
        #expect(sum.weight == Samples.scaled(600_000))
    }

    @Test func `The greater of list and measurements counts, in every unit of weight`() throws {
        var measurement = Samples.measurement
        measurement.quantity = Samples.scaled(1_000_000)
        measurement.unit = .jin
        let facts = CrimeScreen.Facts(
            finding: Samples.findingRecord,
            closures: try area(),
            parts: parts {
                $0.catchLines = [Samples.catchLine]
                $0.measurements = [measurement]
            }
        )
        #expect(facts.weight == Samples.scaled(500_000))
        let grams = MeasureUnit.kilograms(of: Samples.scaled(1), .gram)
        let tonnes = MeasureUnit.kilograms(of: Samples.scaled(Int64.max), .tonne)
        #expect(grams == Samples.scaled(1))
        for word in ["公斤", "千克", "KG", "kg"] {
            let kilograms = MeasureUnit.kilograms(of: Samples.scaled(7), MeasureUnit(word))
            #expect(kilograms == Samples.scaled(7))
        }
        #expect(MeasureUnit.kilograms(of: Samples.scaled(1), MeasureUnit("吨")).units == 1_000)
        #expect(tonnes == Samples.scaled(Int64.max))
        #expect(MeasureUnit.kilograms(of: Samples.scaled(5), .piece) == Samples.scaled(0))
    }

    @Test func `Sums are held at the limit and do not trap`() {
        var line = Samples.catchLine
        line.weight = Samples.scaled(Int64.max)
        let facts = CrimeScreen.Facts(
            finding: Samples.findingRecord,
            closures: [],
            parts: parts { $0.catchLines = [line, line] }
        )
        #expect(facts.weight == Samples.scaled(Int64.max))
    }

    @Test(arguments: [
        ("2024-08-02", false), ("2024-08-03", true), ("2026-08-03", true), ("2026-08-04", false),
    ])
    func `A penalty of the two years before makes it graver`(prior: String, isGraver: Bool) {
        var party = Samples.party
        party.priorPenaltyOn = Samples.date(prior)
        var finding = Finding()
        finding.observedAt = CatalogueFixture.moment("2026-08-03", hour: 19, minute: 0)
        let facts = CrimeScreen.Facts(
            finding: finding,
            closures: [],
            parts: parts { $0.parties = [party] }
        )
        #expect(CrimeScreen(facts).isAggravated == isGraver)
    }

    @Test func `The screen raises the flag and never lowers it`() throws {
        var finding = Finding()
        finding.suspectedCrime = true
        CrimeScreen(CrimeScreen.Facts()).flag(&finding)
        #expect(finding.suspectedCrime && finding.crimeScreenReasons.isEmpty)
        var facts = CrimeScreen.Facts()
        facts.method = .electric
        facts.closures = try area()
        var other = Finding()
        CrimeScreen(facts).flag(&other)
        #expect(other.suspectedCrime)
        #expect(other.crimeScreenReasons == [.destructiveInClosedArea])
    }
}
