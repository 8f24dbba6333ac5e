import Models
import Replication
import Testing

@Suite struct CatalogueTests {
    @Test(
        arguments: [
            ("2013-12-27", nil), ("2013-12-28", 50_000), ("2026-04-30", 50_000),
            ("2026-05-01", 200_000), ("2036-01-01", 200_000),
        ] as [(String, Int64?)]
    )
    func `The version in force is the one of the day`(day: String, fine: Int64?) throws {
        let catalogue = try CatalogueFixture.catalogue()
        #expect(catalogue.matter("F01", on: Samples.date(day))?.fineMaxYuan == fine)
    }

    @Test func `Search finds every word in the versions of the day`() throws {
        let catalogue = try CatalogueFixture.catalogue()
        let day = Samples.date("2026-06-01")
        #expect(catalogue.matters(matching: "电鱼", on: day).map(\.basisArticle) == ["第七十七条第一款"])
        #expect(catalogue.matters(matching: "f01 二十万", on: day).count == 1)
        #expect(catalogue.matters(matching: "电鱼 五万", on: day).isEmpty)
        #expect(catalogue.matters(matching: "", on: day).map(\.key) == ["F01", "Y01"])
    }

    @Test func `A retired code leads to the code in use`() throws {
        let catalogue = try CatalogueFixture.catalogue()
        #expect(catalogue.currentCode(of: "330502198") == "330502105")
        #expect(catalogue.currentCode(of: "330502105") == "330502105")
        #expect(catalogue.currentCode(of: "999") == nil)
        #expect(catalogue.town("330502199")?.status == "retired")
    }

    @Test func `Successors in a ring end`() throws {
        let rows = CatalogueFixture.changing(
            .retiredCodes,
            row: 0,
            "successor",
            to: "330502198"
        )
        let catalogue = try Catalogue(release: Samples.release, rows: rows)
        #expect(catalogue.currentCode(of: "330502198") != nil)
    }

    @Test(
        arguments: [
            (.organs, 1, "parent", "nobody", "organs.csv:3: parent: \"nobody\" is in no row"),
            (.organs, 1, "key", "shuili", "organs.csv:4: key: \"shuili\" stands in line 3 already"),
            (
                .organs, 0, "certainty", "maybe",
                "organs.csv:2: certainty: \"maybe\" is none of stated"
            ),
            (.organs, 0, "name", nil, "organs.csv:2: name: this column is missing; the header has"),
            (.towns, 0, "name", "", "towns.csv:2: name: is empty"),
            (
                .towns, 0, "valid_from", "2018-2-3",
                "towns.csv:2: valid_from: \"2018-2-3\" is no day"
            ),
            (
                .matters, 0, "effective_to", "2026-06-01",
                "matters.csv:3: effective_from: on 2026-05-01"
            ),
            (
                .matters, 0, "effective_to", "2013-12-28",
                "matters.csv:2: effective_to: 2013-12-28 is not"
            ),
            (
                .matters, 0, "fine_max_yuan", "5万",
                "matters.csv:2: fine_max_yuan: \"5万\" is no whole"
            ),
            (.matters, 3, "fine_max_yuan", "10", "matters.csv:5: fine_max_yuan: is below"),
            (.matters, 0, "effective_from", "", "matters.csv:2: effective_from: is empty"),
            (.waters, 0, "west", "119.987654321", "waters.csv:2: west: \"119.987654321\" has more"),
            (.waters, 0, "east", "119.9", "waters.csv:2: east: is not east of west"),
            (.waters, 0, "north", "", "waters.csv:2: west: a box needs"),
            (.waters, 0, "south", "90.1", "waters.csv:2: south: \"90.1\" is too large"),
            (.waters, 0, "closure_rule", "x", "waters.csv:2: closure_rule: \"x\" is in no row"),
            (
                .closures, 1, "season_from", "02-30",
                "closures.csv:3: season_from: \"02-30\" is no day"
            ),
            (
                .closures, 1, "season_to", "",
                "closures.csv:3: season_from: a closure that is not all"
            ),
            (.closures, 0, "season_to", "03-01", "closures.csv:2: all_year: is true and there is"),
            (.closures, 0, "all_year", "yes", "closures.csv:2: all_year: \"yes\" is neither"),
        ] as [(CatalogueFile, Int, String, String?, String)]
    )
    func `An error names file, line and field and says what would be right`(
        file: CatalogueFile,
        row: Int,
        field: String,
        value: String?,
        message: String
    ) {
        let rows = CatalogueFixture.changing(file, row: row, field, to: value)
        let error = #expect(throws: CatalogueError.self) {
            try Catalogue(release: Samples.release, rows: rows)
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func `Seed changes are the same whatever the order of the rows`() throws {
        let catalogue = try CatalogueFixture.catalogue()
        var rows = CatalogueFixture.rows
        for file in CatalogueFile.allCases { rows[file] = rows[file]?.reversed() }
        let reversed = try Catalogue(release: Samples.release, rows: rows)
        let bundle = ReplicaID(0xB0)
        let changes = try District.seedChanges(
            of: catalogue,
            replica: bundle,
            releasedAt: Samples.time
        )
        #expect(
            try District.seedChanges(of: reversed, replica: bundle, releasedAt: Samples.time)
                == changes
        )
        #expect(changes.map(\.dot.counter) == (1...UInt64(changes.count)).map { $0 })
        #expect(changes.allSatisfy { $0.operations.count <= District.seedOperationsMax })
        #expect(changes.count > 1)
        let times = changes.map(\.timestamp)
        #expect(times == times.sorted() && Set(times).count == times.count)
    }

    @Test func `Applied seed changes show the catalogue again`() throws {
        let catalogue = try CatalogueFixture.catalogue()
        let shown = try SeedStore(of: catalogue, releasedAt: Samples.time)
        #expect(shown.records(of: Matter.self) == Array(catalogue.matters))
        #expect(shown.records(of: Water.self) == catalogue.waters)
        #expect(shown.records(of: Town.self) == catalogue.towns)
        #expect(shown.records(of: CatalogueRelease.self) == [catalogue.release])
        var records = Catalogue.Records()
        records.matters = shown.records(of: Matter.self)
        let again = Catalogue(release: Samples.release, records: records)
        let day = Samples.date("2026-04-30")
        #expect(again.matter("F01", on: day) == catalogue.matter("F01", on: day))
    }

    @Test func `A later release clears what it leaves empty`() throws {
        let rows = CatalogueFixture.changing(.closures, row: 1, "to", to: "")
        let later = try Catalogue(release: Samples.release, rows: rows)
        var store = try SeedStore(of: CatalogueFixture.catalogue(), releasedAt: Samples.time)
        try store.apply(
            later,
            replica: ReplicaID(0xB1),
            releasedAt: WallTime(milliseconds: Samples.time.milliseconds + 1)
        )
        #expect(store.records(of: Closure.self) == later.closures)
    }
}

/// What a store shows after seed changes.
struct SeedStore {
    private var states: [RecordKey: RecordState] = [:]

    init(of catalogue: Catalogue, releasedAt: WallTime) throws {
        try apply(catalogue, replica: ReplicaID(0xB0), releasedAt: releasedAt)
    }

    mutating func apply(_ catalogue: Catalogue, replica: ReplicaID, releasedAt: WallTime) throws {
        let changes = try District.seedChanges(
            of: catalogue,
            replica: replica,
            releasedAt: releasedAt
        )
        for change in changes {
            for operation in change.operations {
                let schema = try #require(District.schema.record(operation.record.type))
                states[operation.record, default: RecordState()]
                    .apply(
                        [operation.action],
                        stamp: Stamp(
                            dot: change.dot,
                            sequence: nil,
                            timestamp: change.timestamp,
                            author: change.author
                        ),
                        past: change.past,
                        schema: schema
                    )
            }
        }
    }

    func records<Root: Record>(of type: Root.Type) -> [Root] {
        states.keys.filter { $0.type == Root.mapping.schema.number }.sorted()
            .compactMap { key in
                states[key]
                    .map {
                        Root.mapping.record(from: RecordView(of: $0, schema: Root.mapping.schema))
                    }
            }
    }
}
