import Models
import Replication

/// Records in which every field holds something else than the empty record's.
enum Samples {
    static let day = date("2026-05-01")
    static let time = WallTime(milliseconds: 1_785_754_280_000)
    static let findingID = RecordID.created(by: Dot(ReplicaID(7), 3), index: 0)
    static let finding = Reference<Finding>(findingID)

    /// A day that the calendar has; a text that is no day is a fault of the test and stops it.
    static func date(_ text: String) -> CivilDate {
        guard let date = CivilDate(text) else { preconditionFailure("no day: \(text)") }
        return date
    }

    static func scaled(_ units: Int64) -> ScaledDecimal { ScaledDecimal(units: units) }

    static var findingRecord: Finding {
        var record = Finding()
        record.title = "东苕溪芦苇荡电鱼船"
        record.status = .checking
        record.priority = 2
        record.hazardLevel = 3
        record.suspectedCrime = true
        record.crimeScreenReasons = [.destructiveInClosedArea]
        record.patrol = Reference(.named("p1"))
        record.matter = "F01"
        record.matterVersion = day
        record.catalogueVersion = "abc"
        record.town = "330502105"
        record.organ = "zonghe-zhifa"
        record.leadOrgan = "nongye-zhifa"
        record.position = Position(
            latitude: scaled(307_318_000),
            longitude: scaled(1_200_452_000),
            accuracy: scaled(600)
        )
        record.water = "dong-tiaoxi"
        record.reach = "芦苇荡"
        record.observedAt = time
        record.gnssTime = WallTime(milliseconds: 1_785_754_281_000)
        record.rectificationDeadline = time
        record.method = .electric
        record.personsCount = 2
        record.licenceSeen = false
        record.vesselHasName = false
        record.vesselHasPort = false
        record.vesselHasCertificate = true
        record.vesselCertificate = "浙湖渔00001"
        record.weather = "雾"
        record.light = "夜间，头灯两盏"
        record.description = "正在下电杆"
        record.remark = "电杆抛入水中"
        record.tags = ["夜间", "东苕溪"]
        record.disposition = .transferred
        record.mainHandler = "demo-a1"
        record.participants = ["demo-a1", "demo-a2"]
        record.participantOrgans = ["gongan"]
        return record
    }

    static var patrol: Patrol {
        var record = Patrol()
        record.kind = .street
        record.transport = .foot
        record.objective = "禁渔巡查"
        record.vessel = "执法一号"
        record.station = "八里店码头"
        record.team = ["demo-a1", "demo-a2"]
        record.leader = "demo-a1"
        record.town = "330502105"
        record.organ = "zonghe-zhifa"
        record.startedAt = time
        record.endedAt = time
        record.remark = "无"
        return record
    }

    static var leg: Leg {
        var record = Leg()
        record.patrol = Reference(.named("p1"))
        record.transport = .foot
        record.leader = "demo-a1"
        record.startedAt = time
        record.endedAt = time
        record.ashoreAt = time
        record.ashoreGnssTime = time
        return record
    }

    static var party: Party {
        var record = Party()
        record.finding = finding
        record.kind = .citizen
        record.name = "测试甲"
        record.identityKind = .residentCard
        record.identityNumber = "000000000000000000"
        record.birthDate = day
        record.representative = "测试乙"
        record.phone = "000"
        record.address = "测试路"
        record.priorPenaltyOn = day
        record.statement = "只放地笼"
        return record
    }

    static var measurement: Measurement {
        var record = Measurement()
        record.finding = finding
        record.subject = Measurement.catchSubject
        record.quantity = scaled(12_500)
        record.unit = .kilogram
        record.method = "台秤"
        record.instrument = "T-1"
        record.measuredBy = "demo-a2"
        record.measuredAt = time
        return record
    }

    static var seizedItem: SeizedItem {
        var record = SeizedItem()
        record.finding = finding
        record.name = "升压器"
        record.serialNumber = "S-1"
        record.basis = .registeredPreservation
        record.quantity = scaled(1_000)
        record.unit = .set
        record.estimatedValue = scaled(30_000)
        record.currency = .yuan
        record.takenAt = time
        record.storage = "仓库"
        record.officers = ["demo-a1"]
        record.attestations = ["a": "甲见"]
        return record
    }

    static var evidence: Evidence {
        var record = Evidence()
        record.finding = finding
        record.kind = .audiovisual
        record.sha256 = [UInt8](repeating: 9, count: 32)
        record.byteCount = 400
        record.mediaType = "image/jpeg"
        record.fileName = "照片.jpg"
        record.capturedAt = time
        record.gnssTime = time
        record.device = "boat"
        record.latitude = scaled(307_318_000)
        record.longitude = scaled(1_200_452_000)
        record.accuracy = scaled(600)
        record.datum = .wgs84
        record.officers = ["demo-a1"]
        record.caption = "电杆"
        record.custody = ["1": "甲交乙"]
        return record
    }

    static var note: Note {
        var record = Note()
        record.finding = finding
        record.text = "已联系公安"
        record.writtenBy = "demo-a1"
        record.writtenAt = time
        return record
    }

    static var sameAs: SameAs {
        var record = SameAs()
        record.first = finding
        record.second = Reference(.named("f2"))
        record.verdict = .confirmed
        record.basis = "同一船"
        record.firstTown = "330502105"
        record.firstOrgan = "zonghe-zhifa"
        record.secondTown = "330502105"
        record.secondOrgan = "nongye-zhifa"
        return record
    }

    static var catchLine: CatchLine {
        var record = CatchLine()
        record.finding = finding
        record.species = "鲫鱼"
        record.state = .juvenile
        record.weight = scaled(8_000)
        record.unit = .kilogram
        record.estimatedValue = scaled(16_000)
        record.currency = .yuan
        record.listedBy = "demo-a2"
        return record
    }

    static var gearItem: GearItem {
        var record = GearItem()
        record.finding = finding
        record.kind = .groundCage
        record.count = 6
        record.lengthMetres = scaled(1_200)
        record.meshMillimetres = scaled(80)
        record.isBanned = true
        record.listedBy = "demo-b1"
        return record
    }
}
