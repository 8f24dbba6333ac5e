import Models
import Replication
import Testing

@Suite struct PolicyTests {
    private func conflicts(_ view: RecordView) -> [UInt32] {
        view.conflicts.compactMap {
            if case .slot(let key) = $0.subject { key.field } else { nil }
        }
    }

    @Test func `Edits of title and priority are both kept without a conflict (C01)`() throws {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.title = "甲"
        } _: {
            $0.priority = 3
        }
        let finding = Finding.mapping.record(from: view)
        #expect(finding.title == "甲" && finding.priority == 3 && view.conflicts.isEmpty)
    }

    @Test func `Equal values are no conflict (C02)`() throws {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.method = .electric
        } _: {
            $0.method = .electric
        }
        #expect(view.conflicts.isEmpty)
    }

    @Test func `Two methods are siblings of an open conflict`() throws {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.method = .electric
        } _: {
            $0.method = .groundCage
        }
        #expect(conflicts(view) == [40])
        #expect(view.conflicts.first?.candidates.count == 2)
    }

    @Test func `A place is never made of one officer's latitude and another's longitude (C03)`()
        throws
    {
        let one = Position(latitude: Samples.scaled(1), longitude: Samples.scaled(2))
        let other = Position(latitude: Samples.scaled(3), longitude: Samples.scaled(4))
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.position = one
        } _: {
            $0.position = other
        }
        let shown = Finding.mapping.record(from: view).position
        #expect(shown == one || shown == other)
        #expect(conflicts(view) == [23])
    }

    @Test func `Remarks stand one after the other with names (C04)`() throws {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.remark = "见一船"
        } _: {
            $0.remark = "见两人"
        }
        let remark = Finding.mapping.record(from: view).remark
        #expect(remark.contains("见一船") && remark.contains("见两人") && remark.contains("〔11 "))
        #expect(view.conflicts.isEmpty)
    }

    @Test func `Two narratives of one place are siblings`() throws {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.description = "甲见"
        } _: {
            $0.description = "乙见"
        }
        #expect(conflicts(view) == [50])
    }

    @Test func `Two organs that file on one act leave one provisional lead and a conflict (C07)`()
        throws
    {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.leadOrgan = "zonghe-zhifa"
            $0.mainHandler = "demo-a1"
        } _: {
            $0.leadOrgan = "nongye-zhifa"
            $0.mainHandler = "demo-b1"
        }
        #expect(conflicts(view) == [22, 61])
        #expect(Finding.mapping.record(from: view).leadOrgan == "zonghe-zhifa")
    }

    @Test func `The crime flag cannot be cleared (C11)`() throws {
        var base = Finding()
        base.suspectedCrime = true
        let view = try Laboratory.concurrently(on: base) {
            $0.suspectedCrime = false
        } _: {
            $0.title = "乙"
        }
        #expect(Finding.mapping.record(from: view).suspectedCrime)
    }

    @Test
    func `The gravest hazard stands and the earliest deadline until somebody decides (C12, C13)`()
        throws
    {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.hazardLevel = 3
            $0.rectificationDeadline = WallTime(milliseconds: 7)
        } _: {
            $0.hazardLevel = 1
            $0.rectificationDeadline = WallTime(milliseconds: 3)
        }
        let finding = Finding.mapping.record(from: view)
        #expect(finding.hazardLevel == 3)
        #expect(finding.rectificationDeadline?.milliseconds == 3)
        #expect(conflicts(view) == [32])
    }

    @Test func `Matter, version and catalogue move together`() throws {
        let view = try Laboratory.concurrently(on: Finding()) {
            $0.matter = "F01"
            $0.matterVersion = Samples.date("2013-12-28")
        } _: {
            $0.matter = "F14"
            $0.matterVersion = Samples.date("2026-05-01")
        }
        let finding = Finding.mapping.record(from: view)
        let isOne = finding.matter == "F01" && finding.matterVersion?.year == 2013
        let isOther = finding.matter == "F14" && finding.matterVersion?.year == 2026
        #expect(isOne || isOther)
        #expect(conflicts(view) == [10])
    }

    @Test func `A party's name and number are one conflict (C37)`() throws {
        let view = try Laboratory.concurrently(on: Samples.party) {
            $0.identityNumber = "1"
        } _: {
            $0.name = "测试丙"
        }
        #expect(conflicts(view) == [10])
    }

    @Test func `Two counts of seized nets are a conflict of quantity and unit`() throws {
        let view = try Laboratory.concurrently(on: Samples.seizedItem) {
            $0.quantity = Samples.scaled(5_000)
            $0.attestations["b"] = "乙见"
        } _: {
            $0.quantity = Samples.scaled(6_000)
            $0.attestations["c"] = "丙见"
        }
        #expect(conflicts(view) == [10])
        #expect(SeizedItem.mapping.record(from: view).attestations.count == 3)
    }

    @Test func `An addition to a team beats a concurrent removal`() throws {
        var base = Patrol()
        base.team = ["甲"]
        let view = try Laboratory.concurrently(on: base) {
            $0.team.remove("甲")
        } _: {
            $0.team.insert("乙")
        }
        #expect(Patrol.mapping.record(from: view).team == ["乙"])
    }

    @Test func `A device may not write the catalogue`() {
        let error = #expect(throws: EditError.self) {
            try Laboratory.state(
                of: Matter.self,
                after: Matter.mapping.edits(inserting: Samples.matter),
                isHub: false
            )
        }
        #expect(error?.code == .hubOnly)
    }

    @Test func `No device voids or deletes evidence (M10)`() throws {
        for edit in [Edit.delete(reason: "误"), .void(reason: "误")] {
            let error = #expect(throws: EditError.self) {
                try Laboratory.state(
                    of: Evidence.self,
                    after: Evidence.mapping.edits(inserting: Samples.evidence) + [edit],
                    isHub: false
                )
            }
            #expect(error?.code == .legalFact)
        }
        let byHub = try Laboratory.state(
            of: Evidence.self,
            after: Evidence.mapping.edits(inserting: Samples.evidence) + [.void(reason: "误")],
            isHub: true
        )
        let view = Laboratory.view(byHub, as: Evidence.self)
        #expect(view.lifecycle == .voided)
        #expect(Evidence.mapping.record(from: view).sha256.count == 32)
    }

    @Test func `A note is voided and never deleted`() throws {
        let error = #expect(throws: EditError.self) {
            try Laboratory.state(of: Note.self, after: [.create, .delete(reason: "误")])
        }
        #expect(error?.code == .legalFact)
        let written = try Laboratory.state(of: Note.self, after: [.create, .void(reason: "误")])
        #expect(Laboratory.view(written, as: Note.self).lifecycle == .voided)
    }

    @Test func `One serial number is one item, whoever lists it (C15)`() {
        let one = SeizedItem.identity(of: Samples.findingID, serialNumber: "S-1")
        let other = SeizedItem.identity(of: Samples.findingID, serialNumber: "S-1")
        #expect(one == other)
        #expect(one != SeizedItem.identity(of: Samples.findingID, serialNumber: "S-2"))
    }
}
