import Models
import Replication

extension Samples {
    static var organ: Organ {
        var record = Organ()
        record.key = "zonghe-zhifa"
        record.name = "吴兴区综合行政执法局"
        record.kind = "department"
        record.parent = "qu-zhengfu"
        record.certainty = .stated
        record.source = "报"
        return record
    }

    static var town: Town {
        var record = Town()
        record.code = "330503104"
        record.name = "旧馆镇"
        record.kind = "镇"
        record.status = "retired"
        record.validFrom = day
        record.validTo = day
        record.district = "南浔区"
        record.successor = "330503002"
        record.firstSeen = day
        record.lastSeen = day
        record.certainty = .stated
        record.source = "表"
        return record
    }

    static var officer: Officer {
        var record = Officer()
        record.number = "demo-a1"
        record.name = "甲行舟"
        record.organ = "zonghe-zhifa"
        record.team = "boat-a"
        record.town = "330502105"
        record.role = .squadLeader
        record.certificateValidTo = day
        record.certificateRevokedOn = day
        record.certainty = .stated
        record.source = "invented"
        return record
    }

    static var team: Team {
        var record = Team()
        record.key = "boat-a"
        record.name = "测试一号艇组"
        record.organ = "zonghe-zhifa"
        record.town = "330502105"
        record.kind = "boat-crew"
        record.certainty = .stated
        record.source = "invented"
        return record
    }

    static var matter: Matter {
        var record = Matter()
        record.key = "F01"
        record.name = "使用炸鱼、毒鱼、电鱼等方法捕捞"
        record.domain = "渔业"
        record.organ = "nongye-zhifa"
        record.basisLaw = "渔业法(2025修订)"
        record.basisArticle = "第七十七条第一款"
        record.basisTextVersion = date("2025-12-27")
        record.effectiveFrom = day
        record.effectiveTo = date("2036-05-01")
        record.penaltyText = "并处二十万元以下罚款"
        record.fineMinYuan = 1
        record.fineMaxYuan = 200_000
        record.fineUnit = .times
        record.measures = WordList(["没收渔获物", "没收船舶"])
        record.severeFineMinYuan = 200_000
        record.severeFineMaxYuan = 2_000_000
        record.certainty = .stated
        record.source = "法"
        return record
    }

    static var water: Water {
        var record = Water()
        record.key = "dong-tiaoxi"
        record.name = "东苕溪"
        record.kind = "river"
        record.closureRule = "tiaoxi"
        record.west = scaled(1_199_800_000)
        record.south = scaled(306_200_000)
        record.east = scaled(1_201_200_000)
        record.north = scaled(309_300_000)
        record.boxNote = "手绘"
        record.isReserve = false
        record.certainty = .stated
        record.source = "报"
        return record
    }

    static var closure: Closure {
        var record = Closure()
        record.key = "tiaoxi"
        record.water = "dong-tiaoxi"
        record.validFrom = day
        record.validTo = date("2036-05-01")
        record.seasonFrom = MonthDay("03-01")
        record.seasonTo = MonthDay("06-30")
        record.allYear = true
        record.allow = WordList(["娱乐性游钓"])
        record.legalBasis = "渔业法第四十四条"
        record.certainty = .stated
        record.source = "告"
        return record
    }

    static var release: CatalogueRelease {
        var record = CatalogueRelease()
        record.hash = "abc"
        record.name = "2026-08"
        record.publishedAt = time
        record.rowCount = 9
        return record
    }

    static var checklistItem: ChecklistItem {
        var record = ChecklistItem()
        record.checklist = "gas"
        record.item = 1
        record.text = "经营许可证是否有效"
        record.organ = "zhujian"
        record.certainty = .stated
        record.source = "报"
        return record
    }

    static var species: Species {
        var record = Species()
        record.key = "manli"
        record.name = "鳗鲡"
        record.protection = "fry-protected"
        record.certainty = .stated
        record.source = "条例"
        return record
    }

    static func trackSegment() throws -> TrackSegment {
        let point = TrackPoint(
            time: time,
            latitude: scaled(307_318_000),
            longitude: scaled(1_200_452_000)
        )
        var record = try TrackSegment(
            leg: Reference(.named("l1")),
            device: "boat",
            points: [point]
        )
        record.datum = .cgcs2000
        return record
    }
}
