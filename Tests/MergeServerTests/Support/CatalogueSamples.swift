import Models
import Replication
import SyncCore

/// Two states of a small catalogue: before and after the Fisheries Law was rewritten.
struct CatalogueSamples {
    let catalogue: Catalogue
    let releasedAt: WallTime

    static func release(_ hash: String, at time: Int64, matters: [Matter]) -> CatalogueSamples {
        var release = CatalogueRelease()
        release.hash = hash
        release.name = hash
        var records = Catalogue.Records()
        records.matters = matters
        return CatalogueSamples(
            catalogue: Catalogue(release: release, records: records),
            releasedAt: WallTime(milliseconds: 1_780_000_000_000 + time)
        )
    }

    func changes(_ replica: ReplicaID) throws -> [Change] {
        try District.seedChanges(of: catalogue, replica: replica, releasedAt: releasedAt)
    }

    static func catalogue(of device: Replica) throws -> Catalogue {
        var records = Catalogue.Records()
        records.matters = try device.records(of: Matter.self).map(\.record)
        return Catalogue(release: CatalogueRelease(), records: records)
    }

    static var oldLaw: Matter {
        law(text: "渔业法(2013修正)", from: "2013-12-28", to: "2026-05-01", fineMax: 50_000)
    }

    static var newLaw: Matter {
        law(text: "渔业法(2025修订)", from: "2026-05-01", to: nil, fineMax: 200_000)
    }

    private static func law(text: String, from: String, to: String?, fineMax: Int64) -> Matter {
        var matter = Matter()
        matter.key = "F01"
        matter.name = "使用炸鱼、毒鱼、电鱼等方法捕捞"
        matter.basisLaw = text
        matter.effectiveFrom = day(from)
        matter.effectiveTo = to.map(day)
        matter.fineMaxYuan = fineMax
        return matter
    }

    /// A day that the calendar has; a text that is no day is a fault of the test and stops it.
    static func day(_ text: String) -> CivilDate {
        guard let date = CivilDate(text) else { preconditionFailure("no day: \(text)") }
        return date
    }
}
