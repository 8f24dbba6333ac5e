import Models
import Replication
import Testing

@Suite struct FindingRulesTests {
    private func rules() throws -> FindingRules { FindingRules(try CatalogueFixture.catalogue()) }

    private var electric: Finding {
        var finding = Finding()
        finding.method = .electric
        finding.observedAt = Samples.time
        return finding
    }

    private func view(_ finding: Finding, and more: [Edit] = []) throws -> RecordView {
        let edits = Finding.mapping.edits(inserting: finding)
        return Laboratory.view(
            try Laboratory.state(of: Finding.self, after: edits + more),
            as: Finding.self
        )
    }

    private func settlement(_ finding: Finding) throws -> [Edit] {
        try rules().settlement(of: try view(finding), FindingParts())
    }

    private func settled(_ finding: Finding) throws -> Finding {
        Finding.mapping.record(from: try view(finding, and: try settlement(finding)))
    }

    @Test func `A named closed water raises the flag and adds 公安`() throws {
        var finding = electric
        finding.water = "dong-tiaoxi"
        let result = try settled(finding)
        #expect(result.suspectedCrime)
        #expect(result.crimeScreenReasons == [.destructiveInClosedArea])
        #expect(result.participantOrgans == ["gongan"])
    }

    @Test func `What is settled stays as it is`() throws {
        var finding = electric
        finding.water = "dong-tiaoxi"
        let result = try settled(finding)
        #expect(try settlement(result).isEmpty)
    }

    @Test func `A box drawn by hand raises no flag, only a hint`() throws {
        var finding = electric
        finding.position = Position(
            latitude: Samples.scaled(307_318_000),
            longitude: Samples.scaled(1_200_452_000)
        )
        #expect(try settlement(finding).isEmpty)
        let judgement = try rules().judge(finding, FindingParts())
        #expect(judgement.closures.map(\.ground) == [.withinBox])
        #expect(judgement.crime.reasons.isEmpty)
        #expect(judgement.crime.hints == [.destructiveInClosedArea])
        #expect(!judgement.isClosureUnknown)
    }

    @Test func `Water and method of two officers make a crime that neither saw`() throws {
        let rules = try rules()
        var base = Finding()
        base.observedAt = Samples.time
        let view = try Laboratory.concurrently(on: base) {
            $0.water = "dong-tiaoxi"
        } _: {
            $0.method = .electric
        }
        let merged = Finding.mapping.record(from: view)
        #expect(!merged.suspectedCrime)
        #expect(try settled(merged).suspectedCrime)
        #expect(!rules.settlement(of: view, FindingParts()).isEmpty)
    }

    @Test func `Two devices that settle the same finding are not in conflict`() throws {
        let rules = try rules()
        var base = electric
        base.water = "dong-tiaoxi"
        var settled = base
        rules.judge(base, FindingParts()).crime.flag(&settled)
        settled.participantOrgans.insert(Routing.police)
        let view = try Laboratory.concurrently(on: base) {
            $0 = settled
        } _: {
            $0 = settled
        }
        #expect(view.conflicts.isEmpty)
        #expect(rules.settlement(of: view, FindingParts()).isEmpty)
    }

    @Test(arguments: [FishingMethod.groundCage, .electric])
    func `The graver telling counts, whichever is shown`(first: FishingMethod) throws {
        var base = Finding()
        base.observedAt = Samples.time
        base.water = "dong-tiaoxi"
        let view = try Laboratory.concurrently(on: base) {
            $0.method = first
        } _: {
            $0.method = first == .electric ? .groundCage : .electric
        }
        #expect(view.conflicts.count == 1)
        #expect(!(try rules().settlement(of: view, FindingParts()).isEmpty))
    }

    @Test func `A void finding is left alone`() throws {
        var finding = electric
        finding.water = "dong-tiaoxi"
        let void = try view(finding, and: [.void(reason: "重复")])
        #expect(try rules().settlement(of: void, FindingParts()).isEmpty)
    }

    @Test func `In a reserve 50 kg are enough`() throws {
        var rows = CatalogueFixture.changing(.waters, row: 3, "reserve", to: "true")
        rows[.closures] = []
        rows[.waters] = rows[.waters]?.filter { $0.values["key"] == "free" }
        let rules = FindingRules(try Catalogue(release: Samples.release, rows: rows))
        var finding = Finding()
        finding.water = "free"
        finding.method = .gillNet
        finding.observedAt = Samples.time
        var parts = FindingParts()
        var line = Samples.catchLine
        line.weight = Samples.scaled(50_000)
        parts.catchLines = [line]
        #expect(rules.judge(finding, parts).crime.reasons == [.protectedWeight])
        #expect(rules.judge(finding, parts).isClosureUnknown)
    }

    @Test func `Void records count for nothing`() throws {
        let written = try Laboratory.state(
            of: CatchLine.self,
            after: CatchLine.mapping.edits(inserting: Samples.catchLine) + [.void(reason: "误")]
        )
        var parts = FindingParts()
        parts.append(
            Laboratory.view(written, as: CatchLine.self),
            type: CatchLine.mapping.schema.number
        )
        #expect(parts == FindingParts())
    }

    @Test func `Most imported rows need no second look`() {
        var finding = Finding()
        finding.title = "垃圾"
        finding.observedAt = Samples.time
        #expect(!FindingRules.canSettle(Finding.mapping.edits(inserting: finding)))
        finding.method = .electric
        #expect(FindingRules.canSettle(Finding.mapping.edits(inserting: finding)))
    }

    @Test func `Every vocabulary field knows its words`() {
        #expect(District.words(of: "method", in: "finding")?.contains("电鱼") == true)
        #expect(District.words(of: "unit", in: "measurement")?.contains("kg") == true)
        #expect(District.words(of: "title", in: "finding") == nil)
    }
}
