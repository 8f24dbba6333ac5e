import Models
import Replication
import Testing

@Suite struct RoundTripTests {
    private func check<Root: Record & Equatable>(_ record: Root) throws {
        #expect(try Laboratory.roundTrip(record) == record)
        let schema = Root.mapping.schema
        let written = Set(Root.mapping.edits(inserting: record).compactMap(\.field))
        for field in schema.fields {
            #expect(written.contains(field.number), "the sample leaves \(field.name) empty")
        }
        #expect(try Laboratory.roundTrip(Root()) == Root())
        #expect(District.schema.record(schema.number) == schema)
    }

    @Test func `Every record of the patrol comes back as it was written`() throws {
        try check(Samples.patrol)
        try check(Samples.leg)
        try check(Samples.trackSegment())
    }

    @Test func `Every record of a finding comes back as it was written`() throws {
        try check(Samples.findingRecord)
        try check(Samples.party)
        try check(Samples.measurement)
        try check(Samples.seizedItem)
        try check(Samples.evidence)
        try check(Samples.note)
        try check(Samples.sameAs)
        try check(Samples.catchLine)
        try check(Samples.gearItem)
    }

    @Test func `Every record of the catalogue comes back as it was written`() throws {
        try check(Samples.organ)
        try check(Samples.town)
        try check(Samples.officer)
        try check(Samples.team)
        try check(Samples.matter)
        try check(Samples.water)
        try check(Samples.closure)
        try check(Samples.release)
        try check(Samples.checklistItem)
        try check(Samples.species)
    }

    @Test func `The samples cover every type of the schema`() {
        #expect(District.schema.records.count == 22)
    }

    @Test func `A word of a newer version survives`() throws {
        var finding = Finding()
        finding.method = FishingMethod("声波驱鱼")
        #expect(try Laboratory.roundTrip(finding).method?.rawValue == "声波驱鱼")
    }

    @Test func `Position and coordinates are two views of one thing`() throws {
        var finding = Samples.findingRecord
        let position = try #require(finding.position)
        #expect(position.latitude == finding.latitude && position.accuracy == finding.accuracy)
        finding.position = nil
        #expect(finding.latitude == nil && finding.datum == nil && finding.position == nil)
        finding.latitude = ScaledDecimal(units: 900_000_001)
        finding.longitude = ScaledDecimal(units: 0)
        #expect(finding.position == nil)
    }

    @Test func `A finding made at first sight pins the law and the catalogue`() {
        let finding = Finding(
            title: "电鱼",
            matter: Samples.matter,
            release: Samples.release,
            position: nil,
            observedAt: Samples.time
        )
        #expect(finding.matter == "F01" && finding.matterVersion == Samples.day)
        #expect(finding.catalogueVersion == "abc")
    }
}

extension Edit {
    var field: UInt32? {
        switch self {
        case .set(let field, _), .add(let field, _), .remove(let field, _),
            .append(let field, _, _), .increment(let field, _):
            field
        default: nil
        }
    }
}
