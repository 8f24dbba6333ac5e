import MergeServer
import Models
import Replication
import SyncCore
import Testing

/// The merge outcomes of the conflict catalogue, over two or more real stores, the real codec and a
/// real hub.
///
/// C40 stands in `ConvergenceTests`.
@Suite struct ConflictCatalogueTests {
    @Test func `C01 a title and a priority changed apart are both kept without a conflict`()
        async throws
    {
        let desk = try await Desk()
        try desk.alice.write { try $0.update(desk.finding) { $0.title = "东苕溪电鱼船" } }
        try desk.bob.write { try $0.update(desk.finding) { $0.priority = 3 } }
        let finding = try await desk.settle()
        #expect(finding.title == "东苕溪电鱼船")
        #expect(finding.priority == 3)
        #expect(try desk.alice.conflicts().isEmpty)
    }

    @Test func `C02 the same value set by two is no conflict`() async throws {
        let desk = try await Desk()
        for device in [desk.alice, desk.bob] {
            try device.write {
                try $0.update(desk.finding) {
                    $0.method = .electric
                    $0.water = "dong-tiaoxi"
                }
            }
        }
        let finding = try await desk.settle()
        #expect(finding.method == .electric)
        #expect(try desk.alice.conflicts().isEmpty)
        #expect(try desk.bob.conflicts().isEmpty)
        let story = try #require(try desk.bob.why(desk.finding, \.method))
        #expect(story.writes.count == 2)
    }

    @Test func `C03 two places of one violation are siblings, shown alike until one decides`()
        async throws
    {
        let desk = try await Desk()
        try desk.alice.write {
            try $0.update(desk.finding) { $0.position = Desk.place(307_318_000) }
        }
        try desk.bob.write {
            try $0.update(desk.finding) { $0.position = Desk.place(307_400_000) }
        }
        let shown = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            let conflict = try #require(try device.conflicts(of: Finding.self).first)
            #expect(try device.conflicts().count == 1)
            #expect(conflict.fieldName == "latitude+longitude+accuracy+datum")
            #expect(conflict.siblings.count == 2)
            #expect(try device.record(desk.finding)?.position == shown.position)
        }
        let conflict = try #require(try desk.bob.conflicts().first)
        let other = try #require(conflict.siblings.first { $0.value != conflict.conflict.shown })
        try desk.bob.resolve(conflict, keeping: other, reason: "执法记录仪坐标")
        let decided = try await desk.settle()
        #expect(decided.position != shown.position)
        #expect(try desk.alice.conflicts().isEmpty)
    }

    @Test func `C04 two remarks stand one after the other with names and times`() async throws {
        let desk = try await Desk()
        try desk.alice.write { try $0.update(desk.finding) { $0.remark = "电杆抛入水中" } }
        try desk.bob.write { try $0.update(desk.finding) { $0.remark = "船上两人" } }
        let finding = try await desk.settle()
        let lines = finding.remark.split(separator: "\n").map(String.init)
        #expect(lines.count == 2)
        #expect(lines.contains { $0.hasPrefix("〔alice 2026-") && $0.hasSuffix("〕电杆抛入水中") })
        #expect(lines.contains { $0.hasPrefix("〔bob 2026-") && $0.hasSuffix("〕船上两人") })
        #expect(try desk.alice.conflicts().isEmpty)
    }

    @Test func `C05 a void against added evidence disputes the record and keeps the evidence`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        let bob = try fleet.device("bob")
        let sighting = try alice.write { try $0.insert(Sighting()) }
        try await fleet.sync(alice, bob)
        try alice.write { try $0.void(sighting, reason: "误报") }
        try bob.write { try $0.update(sighting) { $0.notes["照片一"] = "sha256:ab" } }
        try await fleet.sync(alice, bob, alice)
        for device in [alice, bob] {
            let view = try #require(try device.read { try $0.view(sighting.key) })
            #expect(view.lifecycle == .disputed)
            #expect(try device.record(sighting)?.notes == ["照片一": "sha256:ab"])
            #expect(try device.conflicts().map(\.fieldName) == ["$deleted"])
        }
        #expect(try fleet.picture(of: alice) == fleet.hubPicture())
    }

    @Test func `C05 evidence that is a record of its own survives the void of its finding`()
        async throws
    {
        let desk = try await Desk()
        try desk.alice.write { try $0.void(desk.finding, reason: "误报") }
        let evidence = try desk.bob.write { transaction in
            var photo = Evidence()
            photo.finding = desk.finding
            photo.sha256 = [UInt8](repeating: 7, count: 32)
            photo.caption = "电杆"
            // Who takes evidence is on the finding from then on: that contradicts a void.
            try transaction.update(desk.finding) { $0.participants.insert("demo-b1") }
            return try transaction.insert(photo)
        }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            #expect(try device.record(evidence)?.caption == "电杆")
            let view = try #require(try device.read { try $0.view(desk.finding.key) })
            #expect(view.lifecycle == .disputed)
        }
    }

    @Test func `C06 a void against an edit shows both and deletes and resurrects nothing`()
        async throws
    {
        let desk = try await Desk()
        try desk.alice.write { try $0.void(desk.finding, reason: "重复登记") }
        try desk.bob.write { try $0.update(desk.finding) { $0.method = .groundCage } }
        let finding = try await desk.settle()
        #expect(finding.method == .groundCage)
        let conflict = try #require(try desk.alice.conflicts().first)
        #expect(conflict.fieldName == "$deleted")
        #expect(Set(conflict.siblings.map(\.value)) == [.boolean(true), .boolean(false)])
        let view = try #require(try desk.bob.read { try $0.view(desk.finding.key) })
        #expect(view.lifecycle == .disputed)
        try desk.alice.resolve(conflict, with: .boolean(true), reason: "确系重复")
        _ = try await desk.settle()
        let after = try #require(try desk.bob.read { try $0.view(desk.finding.key) })
        #expect(after.lifecycle == .voided)
        #expect(try desk.bob.conflicts().isEmpty)
    }

    @Test func `C14 a net seized here and voided there is seen by both and the count derived`()
        async throws
    {
        let desk = try await Desk()
        let nets = try desk.alice.write { transaction in
            try (1...2)
                .map { number in
                    var net = SeizedItem()
                    net.finding = desk.finding
                    net.name = "地笼 \(number)"
                    return try transaction.insert(net)
                }
        }
        _ = try await desk.settle()
        try desk.alice.write { try $0.update(nets[0]) { $0.storage = "仓库" } }
        try desk.alice.write { transaction in
            var net = SeizedItem()
            net.finding = desk.finding
            net.name = "地笼 3"
            try transaction.insert(net)
        }
        try desk.bob.write { try $0.void(nets[0], reason: "同一条网登记两次") }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            #expect(try device.records(of: SeizedItem.self).count == 3)
            let views = try device.read { reading in
                try reading.all(SeizedItem.self).compactMap { try reading.view($0.reference.key) }
            }
            #expect(views.filter { $0.lifecycle == .live }.count == 2)
            #expect(views.filter { $0.lifecycle == .disputed }.count == 1)
            #expect(try device.conflicts().map(\.record) == [nets[0].key])
        }
    }

    @Test func `C24 a pinned catalogue version survives a newer one, which gives a hint`()
        async throws
    {
        let desk = try await Desk()
        let old = CatalogueSamples.release("2025", at: 1, matters: [CatalogueSamples.oldLaw])
        try desk.fleet.storage.install(old.changes(ReplicaID(0xCA7A)), now: desk.fleet.clock.now)
        _ = try await desk.settle()
        try desk.bob.write {
            try $0.update(desk.finding) {
                $0.matter = "F01"
                $0.matterVersion = CivilDate("2013-12-28")
                $0.catalogueVersion = "2025"
            }
        }
        let new = CatalogueSamples.release(
            "2026",
            at: 2,
            matters: [CatalogueSamples.oldLaw, CatalogueSamples.newLaw]
        )
        try desk.fleet.storage.install(new.changes(ReplicaID(0xCA7B)), now: desk.fleet.clock.now)
        let finding = try await desk.settle()
        #expect(finding.matterVersion == CivilDate("2013-12-28"))
        #expect(finding.catalogueVersion == "2025")
        for device in [desk.alice, desk.bob] {
            let catalogue = try CatalogueSamples.catalogue(of: device)
            let law = try #require(
                LawInForce(
                    of: finding.matter,
                    actDay: CatalogueSamples.day("2026-04-30"),
                    decisionDay: CatalogueSamples.day("2026-08-03"),
                    pinned: finding.matterVersion,
                    in: catalogue
                )
            )
            #expect(law.matter == CatalogueSamples.oldLaw)
            #expect(law.hints.first == .amended(CatalogueSamples.newLaw, fines: .heavier))
        }
        #expect(throws: EditError.self) {
            try desk.bob.write {
                try $0.update(Reference<Matter>(CatalogueSamples.newLaw.identity)) { $0.name = "x" }
            }
        }
    }

    @Test func `C28 an officer's two devices contradict each other only where neither saw`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let phone = try fleet.device("phone", author: "甲行舟")
        let tablet = try fleet.device("tablet", author: "甲行舟")
        let sighting = try phone.write { try $0.insert(Sighting()) }
        try phone.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try await fleet.sync(phone, tablet)
        try tablet.write { try $0.update(sighting) { $0.method = "地笼" } }
        try await fleet.sync(tablet, phone)
        #expect(try phone.conflicts().isEmpty)
        #expect(try phone.record(sighting)?.method == "地笼")
        try phone.write { try $0.update(sighting) { $0.method = "丝网" } }
        try tablet.write { try $0.update(sighting) { $0.method = "钓" } }
        try await fleet.sync(phone, tablet, phone)
        let conflict = try #require(try phone.conflicts().first)
        #expect(Set(conflict.siblings.map(\.stamp.dot.replica)) == [phone.id, tablet.id])
        #expect(Set(conflict.siblings.map(\.stamp.author)) == ["甲行舟"])
    }

    @Test func `C30 two findings linked from both ends are one cluster with one canonical finding`()
        async throws
    {
        let desk = try await Desk()
        let twin = try desk.bob.write { transaction in
            var finding = Finding()
            finding.title = "无名船"
            return try transaction.insert(finding)
        }
        _ = try await desk.settle()
        func link(_ device: Replica, _ one: Reference<Finding>, _ two: Reference<Finding>) throws {
            var link = try #require(SameAs(between: one, and: two))
            link.verdict = .confirmed
            let key = RecordKey(type: SameAs.mapping.schema.number, id: try #require(link.identity))
            try device.write { try $0.edit(key, SameAs.mapping.edits(inserting: link)) }
        }
        try link(desk.alice, desk.finding, twin)
        try link(desk.bob, twin, desk.finding)
        _ = try await desk.settle()
        let lowest = min(desk.finding.id, twin.id)
        for device in [desk.alice, desk.bob] {
            let links = try device.records(of: SameAs.self).map(\.record)
            #expect(links.count == 1)
            #expect(SameAs.clusters(of: links).count == 1)
            #expect(SameAs.canonical(of: desk.finding.id, links: links) == lowest)
            #expect(SameAs.canonical(of: twin.id, links: links) == lowest)
        }
        #expect(try desk.alice.conflicts().isEmpty)
    }

    @Test func `C37 a name and an identity number corrected apart conflict as one group`()
        async throws
    {
        let desk = try await Desk()
        let party = try desk.alice.write { transaction in
            var party = Party()
            party.finding = desk.finding
            party.name = "测试甲"
            party.identityKind = .residentCard
            party.identityNumber = "000000000000000000"
            return try transaction.insert(party)
        }
        _ = try await desk.settle()
        try desk.alice.write {
            try $0.update(party) { $0.identityNumber = "000000000000000018" }
        }
        try desk.bob.write { try $0.update(party) { $0.name = "测试乙" } }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            let conflicts = try device.conflicts(of: Party.self)
            #expect(conflicts.map(\.fieldName) == ["name+identityKind+identityNumber"])
            let shown = try #require(try device.record(party))
            let pair = [shown.name, shown.identityNumber]
            #expect(
                pair == ["测试甲", "000000000000000018"] || pair == ["测试乙", "000000000000000000"]
            )
        }
    }
}

/// Two officers with one finding that both have.
struct Desk {
    let fleet: Fleet
    let alice: Replica
    let bob: Replica
    let finding: Reference<Finding>

    init() async throws {
        fleet = try Fleet(schema: District.schema)
        alice = try fleet.device("alice")
        bob = try fleet.device("bob")
        finding = try alice.write { transaction in
            var finding = Finding()
            finding.title = "芦苇荡无名船"
            finding.town = "330502105"
            return try transaction.insert(finding)
        }
        try await fleet.sync(alice, bob)
    }

    /// Syncs until all have everything, checks that all show the same, and gives the finding.
    func settle() async throws -> Finding {
        try await fleet.sync(alice, bob, alice)
        let picture = try fleet.hubPicture()
        #expect(try fleet.picture(of: alice) == picture)
        #expect(try fleet.picture(of: bob) == picture)
        return try #require(try bob.record(finding))
    }

    static func place(_ latitude: Int64) -> Position? {
        Position(
            latitude: ScaledDecimal(units: latitude),
            longitude: ScaledDecimal(units: 1_200_452_000),
            accuracy: ScaledDecimal(units: 600)
        )
    }
}
