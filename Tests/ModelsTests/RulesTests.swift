import Models
import Replication
import Testing

@Suite struct RulesTests {
    @Test func `One missing paper is enough for the province, all for the nation`() {
        func bases(_ papers: [Bool?], fishing: Bool = true, _ day: String) -> [ThreeNoVessel.Basis]
        {
            ThreeNoVessel(
                hasName: papers[0],
                hasPort: papers[1],
                hasCertificate: papers[2],
                wasFishing: fishing,
                on: Samples.date(day)
            )
            .bases
        }
        #expect(bases([true, true, true], "2026-08-03") == [])
        #expect(bases([nil, nil, nil], "2026-08-03") == [])
        #expect(bases([false, true, true], "2026-08-03") == [.provincial])
        #expect(bases([false, false, nil], "2026-08-03") == [.provincial])
        #expect(bases([false, false, false], "2026-05-01") == [.national, .provincial])
        #expect(bases([false, false, false], "2026-04-30") == [.provincial])
        #expect(bases([false, false, false], fishing: false, "2026-05-01") == [.provincial])
    }

    @Test func `The vessel of a finding is judged on the day of the act`() throws {
        var finding = Finding()
        #expect(ThreeNoVessel(finding, wasFishing: true) == nil)
        finding.observedAt = CatalogueFixture.moment("2026-08-03", hour: 19, minute: 0)
        finding.vesselHasName = false
        let vessel = try #require(ThreeNoVessel(finding, wasFishing: true))
        #expect(vessel.isThreeNo && vessel.missing == [.name])
        #expect(vessel.unknown == [.port, .certificate])
    }

    @Test func `The law of the day of the act governs, and an amended one is hinted at`() throws {
        let catalogue = try CatalogueFixture.catalogue()
        let law = try #require(
            LawInForce(
                of: "F01",
                actDay: Samples.date("2026-04-30"),
                decisionDay: Samples.date("2026-05-01"),
                in: catalogue
            )
        )
        #expect(law.matter.fineMaxYuan == 50_000)
        guard case .amended(let newer, fines: .heavier)? = law.hints.first else {
            Issue.record("\(law.hints)")
            return
        }
        #expect(newer.fineMaxYuan == 200_000)
    }

    @Test func `An act of the first day falls under the new text and shows the older one`() throws {
        let law = try #require(
            LawInForce(
                of: "F01",
                actDay: Samples.date("2026-05-01"),
                decisionDay: Samples.date("2026-05-01"),
                pinned: Samples.date("2013-12-28"),
                in: try CatalogueFixture.catalogue()
            )
        )
        #expect(law.matter.fineMaxYuan == 200_000)
        #expect(law.hints.count == 2)
        guard case .pinnedOther(let pinned) = law.hints[0],
            case .older(_, fines: .lighter) = law.hints[1]
        else {
            Issue.record("\(law.hints)")
            return
        }
        #expect(pinned.fineMaxYuan == 50_000)
    }

    @Test func `A milder text and a repeal are hints too`() throws {
        let catalogue = try CatalogueFixture.catalogue()
        let milder = LawInForce(
            of: "Y01",
            actDay: Samples.date("2019-12-31"),
            decisionDay: Samples.date("2020-01-01"),
            in: catalogue
        )
        guard case .amended(_, fines: .lighter)? = milder?.hints.first else {
            Issue.record("\(String(describing: milder?.hints))")
            return
        }
        let repealed = LawInForce(
            of: "X03",
            actDay: Samples.date("2026-03-29"),
            decisionDay: Samples.date("2026-03-30"),
            in: catalogue
        )
        #expect(repealed?.hints == [.repealed])
        let none = LawInForce(
            of: "X03",
            actDay: Samples.date("2026-03-30"),
            decisionDay: Samples.date("2026-03-30"),
            in: catalogue
        )
        #expect(none == nil)
    }

    @Test func `A decision before its act hints at no amendment and no repeal`() throws {
        for decisionDay in ["2026-04-30", "2000-01-01"] {
            let law = try #require(
                LawInForce(
                    of: "F01",
                    actDay: Samples.date("2026-05-01"),
                    decisionDay: Samples.date(decisionDay),
                    in: try CatalogueFixture.catalogue()
                )
            )
            #expect(law.hints.count == 1)
            guard case .older? = law.hints.first else {
                Issue.record("\(law.hints)")
                return
            }
        }
    }

    @Test func `Routing names the organ of the law first and says why`() {
        var matter = Samples.matter
        var facts = Routing.Facts(matter: matter, finding: Samples.findingRecord)
        #expect(
            Routing.preview(facts).map(\.organ) == ["nongye-zhifa", "zonghe-zhifa", "gongan"]
        )
        #expect(Routing.preview(facts).map(\.rule) == ["R1", "R6", "R2"])
        facts.isViolent = true
        facts.lacksVesselCertificate = true
        facts.obstructsRiver = true
        #expect(
            Routing.preview(facts).map(\.organ)
                == ["nongye-zhifa", "zonghe-zhifa", "gongan", "jiaotong", "shuili"]
        )
        matter.domain = "水利"
        matter.organ = "shuili"
        #expect(Routing.preview(Routing.Facts(matter: matter)).map(\.organ) == ["shuili"])
    }

    @Test func `Findings near in place and time may be one`() throws {
        let catalogue = try CatalogueFixture.catalogue()
        var one = Samples.findingRecord
        one.gnssTime = nil
        var other = one
        other.latitude = Samples.scaled(307_311_200)
        other.longitude = Samples.scaled(1_200_457_100)
        other.observedAt = WallTime(milliseconds: Samples.time.milliseconds + 600_000)
        #expect(DuplicateScreen.isSuggested(one, other, in: catalogue))
        var later = other
        later.observedAt = WallTime(milliseconds: Samples.time.milliseconds + 600_001)
        #expect(!DuplicateScreen.isSuggested(one, later, in: catalogue))
        var far = other
        far.latitude = Samples.scaled(307_304_000)
        #expect(!DuplicateScreen.isSuggested(one, far, in: catalogue))
        var otherMatter = other
        otherMatter.matter = "Y01"
        #expect(!DuplicateScreen.isSuggested(one, otherMatter, in: catalogue))
        // A device clock that is three hours fast does not hide the pair.
        one.gnssTime = Samples.time
        other.gnssTime = Samples.time
        other.observedAt = WallTime(milliseconds: Samples.time.milliseconds + 10_800_000)
        #expect(DuplicateScreen.isSuggested(one, other, in: catalogue))
    }

    @Test func `A degree of longitude in the district is 95.6 km`() throws {
        let one = try #require(
            Position(
                latitude: Samples.scaled(308_673_000),
                longitude: Samples.scaled(1_200_000_000)
            )
        )
        let other = try #require(
            Position(
                latitude: Samples.scaled(308_673_000),
                longitude: Samples.scaled(1_201_000_000)
            )
        )
        #expect(abs(one.metres(to: other) - 9_556) < 10)
    }
}
