import Foundation
import Models
import Replication
import Testing

/// The repository's own seed files, where they are.
@Suite(.enabled(if: SeedFiles.exist, "seeds/ is not beside Tests/"))
struct SeedFilesTests {
    @Test func `The seed files make a catalogue`() throws {
        let catalogue = try SeedFiles.catalogue()
        #expect(catalogue.matters.count > 60)
        #expect(catalogue.towns.filter { $0.status == "current" }.count == 19)
        #expect(catalogue.checklist("gas").count == 18)
        #expect(catalogue.officers.allSatisfy { catalogue.team($0.team) != nil })
    }

    @Test func `The Fisheries Law was rewritten on 2026-05-01`() throws {
        let catalogue = try SeedFiles.catalogue()
        let old = catalogue.matter("F01", on: Samples.date("2026-04-30"))
        let new = catalogue.matter("F01", on: Samples.date("2026-05-01"))
        #expect(old?.fineMaxYuan == 50_000 && old?.basisArticle == "第三十八条第一款")
        #expect(new?.fineMaxYuan == 200_000 && new?.severeFineMaxYuan == 2_000_000)
    }

    @Test func `Electro-fishing in 东苕溪 is a suspected crime at any weight`() throws {
        let catalogue = try SeedFiles.catalogue()
        let hits = ClosedWaters(catalogue)
            .check(
                water: "dong-tiaoxi",
                time: Samples.time,
                method: .electric
            )
        #expect(hits.map(\.kind) == [.area])
        var facts = CrimeScreen.Facts()
        facts.method = .electric
        facts.closures = hits
        #expect(CrimeScreen(facts).reasons == [.destructiveInClosedArea])
    }

    @Test func `A closure rests on the law of the day of the act`() throws {
        let catalogue = try SeedFiles.catalogue()
        let days = [("2022-03-01", "2013修正"), ("2026-04-30", "2013修正"), ("2026-05-01", "2025修订")]
        for water in ["dong-tiaoxi", "xi-tiaoxi", "jing-hang-yunhe", "other-six"] {
            for (day, law) in days {
                // The six other rivers are closed from March to June: every day here is one.
                let hits = ClosedWaters(catalogue)
                    .check(
                        water: water,
                        time: CatalogueFixture.moment(day, hour: 0, minute: 0),
                        method: .gillNet
                    )
                #expect(hits.count == 1, "\(water) \(day)")
                #expect(hits.first?.closure.legalBasis.contains(law) == true, "\(water) \(day)")
            }
        }
    }

    @Test func `Most waters are not known to be open`() throws {
        let rule = ClosedWaters(try SeedFiles.catalogue())
        var finding = Finding()
        finding.method = .gillNet
        for (water, isUnknown) in [("di-tang", true), ("taihu", true), ("dong-tiaoxi", false)] {
            finding.water = water
            #expect(rule.isUnknown(finding) == isUnknown, "\(water)")
        }
        finding.water = ""
        #expect(rule.isUnknown(finding))
    }

    @Test func `The organs of the routing rules exist`() throws {
        let catalogue = try SeedFiles.catalogue()
        let matter = try #require(catalogue.matter("F01", on: Samples.day))
        var facts = Routing.Facts(matter: matter)
        facts.isCrimeSuspected = true
        facts.lacksVesselCertificate = true
        facts.obstructsRiver = true
        for answer in Routing.preview(facts) {
            #expect(catalogue.organ(answer.organ) != nil, "\(answer.organ)")
        }
    }

    @Test func `The whole catalogue comes back from its seed changes`() throws {
        let catalogue = try SeedFiles.catalogue()
        let store = try SeedStore(of: catalogue, releasedAt: Samples.time)
        #expect(store.records(of: Matter.self).count == catalogue.matters.count)
        #expect(store.records(of: Officer.self) == catalogue.officers)
        #expect(store.records(of: Closure.self) == catalogue.closures)
    }
}

/// Reads the seed files.
enum SeedFiles {
    static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "seeds")
    }

    static var exist: Bool {
        CatalogueFile.allCases.allSatisfy {
            FileManager.default.fileExists(atPath: folder.appending(path: $0.rawValue).path)
        }
    }

    static func catalogue() throws -> Catalogue {
        var rows: [CatalogueFile: [CatalogueRow]] = [:]
        for file in CatalogueFile.allCases {
            let text = try String(
                contentsOf: folder.appending(path: file.rawValue),
                encoding: .utf8
            )
            rows[file] = self.rows(of: text)
        }
        return try Catalogue(release: Samples.release, rows: rows)
    }

    /// Splits comma-separated values with quotes; for tests only.
    private static func rows(of text: String) -> [CatalogueRow] {
        var table: [[String]] = [[]]
        var value = ""
        var isQuoted = false
        for scalar in text.unicodeScalars where scalar != "\u{FEFF}" && scalar != "\r" {
            switch scalar {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                table[table.count - 1].append(value)
                value = ""
            case "\n" where !isQuoted:
                table[table.count - 1].append(value)
                value = ""
                table.append([])
            default: value.unicodeScalars.append(scalar)
            }
        }
        guard let header = table.first else { return [] }
        return table.dropFirst().enumerated().filter { $0.element.count == header.count }
            .map {
                CatalogueRow(
                    line: $0.offset + 2,
                    values: Dictionary(zip(header, $0.element), uniquingKeysWith: { $1 })
                )
            }
    }
}
