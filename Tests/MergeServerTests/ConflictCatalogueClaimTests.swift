import MergeServer
import Models
import Replication
import SyncCore
import Testing

/// The outcomes of the conflict catalogue that concern who leads, whose clock counts and what can
/// only rise.
///
/// What waits for a later issue stands in `docs/conflict-catalogue.md`.
@Suite struct ConflictCatalogueClaimTests {
    @Test func `C07 of two organs that file on one act the first leads and the office decides`()
        async throws
    {
        let desk = try await Desk()
        let office = try desk.fleet.device("office")
        func file(_ device: Replica, _ organ: String) throws {
            desk.fleet.clock.advance(60_000)
            try device.write {
                try $0.update(desk.finding) {
                    $0.leadOrgan = organ
                    $0.participantOrgans.insert(organ)
                }
            }
        }
        try file(desk.alice, "zonghe-zhifa")
        try file(desk.bob, "nongye-zhifa")
        // Who files later may reach the hub first.
        try await desk.fleet.sync(desk.bob)
        let filed = try await desk.settle()
        #expect(filed.leadOrgan == "zonghe-zhifa")
        #expect(filed.participantOrgans == ["zonghe-zhifa", "nongye-zhifa"])
        try await desk.fleet.sync(office)
        for device in [desk.alice, desk.bob, office] {
            let conflict = try #require(try device.conflicts().first)
            #expect(conflict.fieldName == "leadOrgan")
            #expect(
                Set(conflict.siblings.map(\.value)) == [
                    .text("zonghe-zhifa"), .text("nongye-zhifa"),
                ]
            )
        }
        let dispute = try #require(try office.conflicts().first)
        try office.resolve(dispute, with: .text("nongye-zhifa"), reason: "指定管辖")
        try await desk.fleet.sync(office)
        let decided = try await desk.settle()
        #expect(decided.leadOrgan == "nongye-zhifa")
        #expect(decided.participantOrgans == ["zonghe-zhifa", "nongye-zhifa"])
        #expect(try desk.alice.conflicts().isEmpty)
    }

    @Test func `C08 a clock that is three hours fast does not win against a later write`()
        async throws
    {
        let desk = try await Desk()
        let carol = try desk.fleet.device("carol", clockOffset: 3 * 3_600_000)
        try await desk.fleet.sync(carol)
        try carol.write { try $0.update(desk.finding) { $0.title = "快钟所写" } }
        try await desk.fleet.sync(carol)
        // Alice has not seen it and writes later by every right clock.
        desk.fleet.clock.advance(60_000)
        try desk.alice.write { try $0.update(desk.finding) { $0.title = "后来所写" } }
        let finding = try await desk.settle()
        try await desk.fleet.sync(carol)
        #expect(finding.title == "后来所写")
        #expect(try carol.record(desk.finding)?.title == "后来所写")
    }

    @Test func `C08 who has seen the other's write comes after it, whatever the clocks say`()
        async throws
    {
        let desk = try await Desk()
        let carol = try desk.fleet.device("carol", clockOffset: 3 * 3_600_000)
        try await desk.fleet.sync(carol)
        try carol.write {
            try $0.update(desk.finding) {
                $0.method = .electric
                $0.mainHandler = "demo-c1"
            }
        }
        // By hand to hand: no hub has bounded the fast clock yet.
        try desk.bob.merge(delta: carol.delta(for: desk.bob.status()))
        try desk.bob.write {
            try $0.update(desk.finding) {
                $0.method = .groundCage
                $0.mainHandler = "demo-b1"
            }
        }
        try await desk.fleet.sync(carol)
        let finding = try await desk.settle()
        #expect(finding.method == .groundCage)
        #expect(finding.mainHandler == "demo-b1")
        #expect(try desk.alice.conflicts().isEmpty)
    }

    @Test func `C08 a slow clock that seems to file first leaves the decision open`() async throws {
        let desk = try await Desk()
        let carol = try desk.fleet.device("carol", clockOffset: -3 * 3_600_000)
        try desk.alice.write { try $0.update(desk.finding) { $0.leadOrgan = "zonghe-zhifa" } }
        desk.fleet.clock.advance(60_000)
        // Carol's store has the finding's first state only, from before her clock went wrong.
        try carol.merge(delta: desk.bob.delta(for: carol.status()))
        try carol.write { try $0.update(desk.finding) { $0.leadOrgan = "nongye-zhifa" } }
        try await desk.fleet.sync(carol)
        _ = try await desk.settle()
        try await desk.fleet.sync(carol)
        for device in [desk.alice, desk.bob, carol] {
            #expect(try device.conflicts().map(\.fieldName) == ["leadOrgan"])
        }
    }

    @Test func `C08 the time of an act is the satellite's, and two tellings of it are siblings`()
        async throws
    {
        let desk = try await Desk()
        let act = WallTime(milliseconds: 1_785_754_280_000)
        try desk.bob.write {
            try $0.update(desk.finding) {
                $0.observedAt = WallTime(milliseconds: act.milliseconds + 3 * 3_600_000)
                $0.gnssTime = act
            }
        }
        let finding = try await desk.settle()
        #expect(finding.actTime == act)
        try desk.alice.write {
            try $0.update(desk.finding) {
                $0.observedAt = WallTime(milliseconds: act.milliseconds + 60_000)
            }
        }
        try desk.bob.write {
            try $0.update(desk.finding) {
                $0.observedAt = WallTime(milliseconds: act.milliseconds + 120_000)
            }
        }
        _ = try await desk.settle()
        for device in [desk.alice, desk.bob] {
            let conflict = try #require(try device.conflicts().first)
            #expect(conflict.fieldName == "observedAt+gnssTime")
            #expect(try device.record(desk.finding)?.actTime == act)
        }
    }

    @Test func `C11 a suspicion of crime that one clears stays for all`() async throws {
        let desk = try await Desk()
        try desk.alice.write {
            try $0.update(desk.finding) {
                $0.suspectedCrime = true
                $0.crimeScreenReasons = [.destructiveInClosedArea]
            }
        }
        try desk.bob.write { try $0.edit(desk.finding.key, [.set(5, .boolean(false))]) }
        #expect(try await desk.settle().suspectedCrime)
        // Nor can it be cleared by somebody who knows of it.
        try? desk.bob.write { try $0.update(desk.finding) { $0.suspectedCrime = false } }
        let finding = try await desk.settle()
        #expect(finding.suspectedCrime)
        #expect(finding.crimeScreenReasons == [.destructiveInClosedArea])
        #expect(try desk.alice.conflicts().isEmpty)
        // Everybody can see who had tried.
        let story = try #require(try desk.alice.why(desk.finding, \.suspectedCrime))
        #expect(story.writes.contains { $0.stamp.author == "bob" })
    }

    @Test func `C12 the graver of two hazards stands and nobody lowers it again`() async throws {
        let desk = try await Desk()
        try desk.alice.write { try $0.update(desk.finding) { $0.hazardLevel = 1 } }
        try desk.bob.write { try $0.update(desk.finding) { $0.hazardLevel = 3 } }
        #expect(try await desk.settle().hazardLevel == 3)
        #expect(try desk.alice.conflicts().isEmpty)
        try? desk.alice.write { try $0.update(desk.finding) { $0.hazardLevel = 2 } }
        #expect(try await desk.settle().hazardLevel == 3)
    }

    @Test func `C13 of two deadlines the earlier holds until somebody decides`() async throws {
        let desk = try await Desk()
        func deadline(_ days: Int64) -> WallTime {
            WallTime(milliseconds: 1_785_744_000_000 + days * 86_400_000)
        }
        try desk.bob.write {
            try $0.update(desk.finding) { $0.rectificationDeadline = deadline(3) }
        }
        desk.fleet.clock.advance(60_000)
        try desk.alice.write {
            try $0.update(desk.finding) { $0.rectificationDeadline = deadline(7) }
        }
        #expect(try await desk.settle().rectificationDeadline == deadline(3))
        for device in [desk.alice, desk.bob] {
            #expect(try device.conflicts().map(\.fieldName) == ["rectificationDeadline"])
        }
        let conflict = try #require(try desk.bob.conflicts().first)
        let longer = try #require(conflict.siblings.first { $0.value != conflict.conflict.shown })
        try desk.bob.resolve(conflict, keeping: longer, reason: "同意延期")
        #expect(try await desk.settle().rectificationDeadline == deadline(7))
        #expect(try desk.alice.conflicts().isEmpty)
    }

    @Test func `C17 of two who take the lead the first has it and the other assists`() async throws
    {
        let desk = try await Desk()
        func take(_ device: Replica, _ officer: String) throws {
            desk.fleet.clock.advance(60_000)
            try device.write {
                try $0.update(desk.finding) {
                    $0.mainHandler = officer
                    $0.participants.insert(officer)
                }
            }
        }
        try take(desk.alice, "demo-a1")
        try take(desk.bob, "demo-b1")
        let taken = try await desk.settle()
        #expect(taken.mainHandler == "demo-a1")
        #expect(taken.participants == ["demo-a1", "demo-b1"])
        #expect(try desk.bob.conflicts().map(\.fieldName) == ["mainHandler"])
        // Alice, who knows of both, hands over: that is a transfer and no new dispute.
        try desk.alice.write { try $0.update(desk.finding) { $0.mainHandler = "demo-b1" } }
        let handedOver = try await desk.settle()
        #expect(handedOver.mainHandler == "demo-b1")
        #expect(try desk.bob.conflicts().isEmpty)
    }

    @Test func `C31 two resolutions of one conflict open it once more, and then it is settled`()
        async throws
    {
        let desk = try await Desk()
        let carol = try desk.fleet.device("carol")
        try desk.alice.write { try $0.update(desk.finding) { $0.method = .electric } }
        try desk.bob.write { try $0.update(desk.finding) { $0.method = .groundCage } }
        _ = try await desk.settle()
        for (device, method) in [
            (desk.alice, FishingMethod.electric), (desk.bob, .groundCage),
        ] {
            let conflict = try #require(try device.conflicts().first)
            try device.resolve(conflict, with: .text(method.rawValue), reason: "现场复核")
        }
        _ = try await desk.settle()
        try await desk.fleet.sync(carol)
        for device in [desk.alice, desk.bob, carol] {
            let conflicts = try device.conflicts()
            #expect(conflicts.map(\.fieldName) == ["method"])
            // The resolutions stand in it; what they had decided between is history.
            #expect(Set(conflicts.first?.siblings.map(\.stamp.author) ?? []) == ["alice", "bob"])
            #expect(conflicts.first?.siblings.count == 2)
        }
        let conflict = try #require(try carol.conflicts().first)
        try carol.resolve(conflict, with: .text("电鱼"), reason: "法制审核")
        try await desk.fleet.sync(carol)
        #expect(try await desk.settle().method?.rawValue == "电鱼")
        try await desk.fleet.sync(carol)
        for device in [desk.alice, desk.bob, carol] { #expect(try device.conflicts().isEmpty) }
    }
}
