import MergeServer
import Models
import Replication
import SyncCore
import Testing

/// The outcomes of the conflict catalogue that concern sealed documents, evidence and who may act.
///
/// What waits for a later issue stands in `docs/conflict-catalogue.md`.
@Suite struct ConflictCatalogueEvidenceTests {
    /// Writes a record of what happened on the spot, which both have then.
    private func record(_ text: String, of desk: Desk) async throws -> Reference<Note> {
        let note = try desk.alice.write { transaction in
            var note = Note()
            note.finding = desk.finding
            note.text = text
            return try transaction.insert(note)
        }
        _ = try await desk.settle()
        return note
    }

    @Test func `C09 what is written against a sealed record stands beside it as a supplement`()
        async throws
    {
        let desk = try await Desk()
        let note = try await record("现场检查笔录：船上电瓶一只", of: desk)
        try desk.alice.write(reason: "双方签名") {
            try $0.edit(note.key, [.seal(reason: "双方签名")])
        }
        try desk.bob.write { try $0.update(note) { $0.text = "现场检查笔录：船上电瓶两只" } }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            #expect(try device.record(note)?.text == "现场检查笔录：船上电瓶一只")
            let view = try #require(try device.read { try $0.view(note.key) })
            #expect(view.standingSeal?.stamp.author == "alice")
            #expect(view.supplements.map(\.value) == [.text("现场检查笔录：船上电瓶两只")])
            #expect(view.supplements.map(\.stamp.author) == ["bob"])
            #expect(view.conflicts.isEmpty)
        }
    }

    @Test func `C10 two sealed versions are both kept and one is chosen with a reason`()
        async throws
    {
        let desk = try await Desk()
        let note = try await record("询问笔录", of: desk)
        for (device, text) in [(desk.alice, "询问笔录：承认电鱼"), (desk.bob, "询问笔录：否认电鱼")] {
            try device.write { try $0.update(note) { $0.text = text } }
            try device.write { try $0.edit(note.key, [.seal(reason: "签名")]) }
        }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            let view = try #require(try device.read { try $0.view(note.key) })
            #expect(Set(view.seals.map(\.stamp.author)) == ["alice", "bob"])
            #expect(try device.conflicts().map(\.fieldName) == ["$seal"])
        }
        let conflict = try #require(try desk.bob.conflicts().first)
        let chosen = try #require(conflict.siblings.first { $0.stamp.author == "bob" })
        try desk.bob.resolve(conflict, keeping: chosen, reason: "当事人核对无误的一份")
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            #expect(try device.record(note)?.text == "询问笔录：否认电鱼")
            let view = try #require(try device.read { try $0.view(note.key) })
            #expect(Set(view.seals.map(\.stamp.author)).isSuperset(of: ["alice", "bob"]))
            #expect(view.standingSeal?.reason == "当事人核对无误的一份")
            #expect(try device.conflicts().map(\.fieldName).contains("$seal") == false)
        }
    }

    @Test func `C15 a machine that three teams list by its number is one item, attested thrice`()
        async throws
    {
        let desk = try await Desk()
        let carol = try desk.fleet.device("carol")
        try await desk.fleet.sync(carol)
        let identity = SeizedItem.identity(of: desk.finding.id, serialNumber: "S19-0042")
        let machine = Reference<SeizedItem>(identity)
        for (name, device) in [("alice", desk.alice), ("bob", desk.bob), ("carol", carol)] {
            var item = SeizedItem()
            item.finding = desk.finding
            item.name = "矿机"
            item.serialNumber = "S19-0042"
            item.attestations = [name: "\(name) 清点"]
            try device.write {
                try $0.edit(machine.key, SeizedItem.mapping.edits(inserting: item))
            }
        }
        try await desk.fleet.sync(carol)
        _ = try await desk.settle()
        try await desk.fleet.sync(carol)
        for device in [desk.alice, desk.bob, carol] {
            let items = try device.records(of: SeizedItem.self).map(\.record)
            #expect(items.count == 1)
            #expect(items.first?.attestations.keys.sorted() == ["alice", "bob", "carol"])
            #expect(try device.conflicts().isEmpty)
        }
    }

    @Test func `C25 what an officer did whose certificate was revoked meanwhile is kept`()
        async throws
    {
        let desk = try await Desk()
        var officer = Officer()
        officer.number = "demo-b1"
        officer.role = .enforcementOfficer
        officer.certificateValidTo = CatalogueSamples.day("2027-12-31")
        func publish(_ officer: Officer, at time: Int64) throws {
            var records = Catalogue.Records()
            records.officers = [officer]
            let release = CatalogueSamples(
                catalogue: Catalogue(release: CatalogueRelease(), records: records),
                releasedAt: WallTime(milliseconds: 1_780_000_000_000 + time)
            )
            try desk.fleet.storage.install(
                release.changes(ReplicaID(0xCE00 + UInt64(time))),
                now: desk.fleet.clock.now
            )
        }
        try publish(officer, at: 1)
        _ = try await desk.settle()
        // Bob is on the water and does not hear of it.
        officer.certificateRevokedOn = CatalogueSamples.day("2026-08-04")
        try publish(officer, at: 2)
        let photo = try desk.bob.write(author: "demo-b1") { transaction in
            var photo = Evidence()
            photo.finding = desk.finding
            photo.sha256 = [UInt8](repeating: 7, count: 32)
            photo.officers = ["demo-b1"]
            return try transaction.insert(photo)
        }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            #expect(try device.record(photo)?.officers == ["demo-b1"])
            let known = try #require(try device.records(of: Officer.self).first)
            #expect(known.record.hasCertificate(on: CatalogueSamples.day("2026-08-03")))
            #expect(!known.record.hasCertificate(on: CatalogueSamples.day("2026-08-05")))
            // No device takes the revocation back.
            #expect(throws: EditError.self) {
                try device.write {
                    try $0.update(known.reference) { $0.certificateRevokedOn = nil }
                }
            }
        }
        #expect(!Roles.can(.enforcementOfficer, .signRecord, given: .secondOfficer))
        let signed = Roles.can(
            .enforcementOfficer,
            .signRecord,
            given: [.certificate, .secondOfficer]
        )
        #expect(signed)
    }

    @Test func `C35 who takes over a tablet sends on what the one before had not sent`()
        async throws
    {
        let fleet = try Fleet(schema: District.schema)
        var tablet: Replica? = try fleet.device("tablet", author: "alice")
        let finding = try #require(tablet)
            .write { transaction in
                var finding = Finding()
                finding.title = "未送达"
                return try transaction.insert(finding)
            }
        tablet = nil
        let next = try fleet.device("tablet", author: "bob")
        #expect(try next.status().waitingChanges == 1)
        try next.write { try $0.update(finding) { $0.priority = 2 } }
        try await fleet.sync(next)
        #expect(try fleet.hubLog().map(\.entry.author) == ["alice", "bob"])
        #expect(try next.status().waitingChanges == 0)
        #expect(try next.record(finding)?.title == "未送达")
    }

    @Test func `C36 evidence that arrives after a finding was closed is attached to it`()
        async throws
    {
        let desk = try await Desk()
        try desk.alice.write {
            try $0.update(desk.finding) {
                $0.status = .closed
                $0.disposition = .noPenalty
            }
        }
        try await desk.fleet.sync(desk.alice)
        // Bob does not know that it is closed.
        let photo = try desk.bob.write { transaction in
            var photo = Evidence()
            photo.finding = desk.finding
            photo.sha256 = [UInt8](repeating: 9, count: 32)
            photo.caption = "电瓶"
            return try transaction.insert(photo)
        }
        let finding = try await desk.settle()
        #expect(finding.status == .closed)
        for device in [desk.alice, desk.bob] {
            #expect(try device.record(photo)?.finding == desk.finding)
            #expect(try device.conflicts().isEmpty)
        }
        // Whoever reviews it can tell that it came late: it stands after the closing at the hub.
        let log = try desk.fleet.hubLog().map(\.entry)
        let closing = try #require(log.lastIndex { $0.author == "alice" })
        let taking = try #require(log.firstIndex { $0.record == photo.key })
        #expect(closing < taking)
    }

    @Test func `C38 two devices that record one boat's track both keep theirs`() async throws {
        let desk = try await Desk()
        let leg = try desk.alice.write { transaction in
            let patrol = try transaction.insert(Patrol())
            var leg = Leg()
            leg.patrol = patrol
            return try transaction.insert(leg)
        }
        _ = try await desk.settle()
        func track(_ start: Int64) -> [TrackPoint] {
            (0..<60)
                .map {
                    TrackPoint(
                        time: WallTime(milliseconds: start + $0 * 5_000),
                        latitude: ScaledDecimal(units: 307_318_000 + $0 * 120),
                        longitude: ScaledDecimal(units: 1_200_452_000 + $0 * 80)
                    )
                }
        }
        for (name, device, start) in [
            ("alice", desk.alice, Int64(1_785_744_000_000)),
            ("bob", desk.bob, 1_785_744_002_500),
        ] {
            try device.write {
                try $0.insert(TrackSegment(leg: leg, device: name, points: track(start)))
            }
        }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            let segments = try device.records(of: TrackSegment.self).map(\.record)
                .sorted { $0.device < $1.device }
            #expect(segments.map(\.device) == ["alice", "bob"])
            #expect(try segments.map { try $0.decodedPoints().count } == [60, 60])
            #expect(try segments[1].decodedPoints() == track(1_785_744_002_500))
            #expect(try device.conflicts().isEmpty)
        }
    }
}
