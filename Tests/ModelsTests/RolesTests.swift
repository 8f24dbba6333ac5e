import Models
import Testing

@Suite struct RolesTests {
    @Test func `The table is the domain report's`() {
        let rows: [(Role, Set<Roles.Action>)] = [
            (.gridWorker, [.report]),
            (.assistant, [.report, .assistCheck]),
            (.enforcementOfficer, [.report, .check, .signRecord, .decideOnSpot, .draftCase]),
            (
                .squadLeader,
                [
                    .report, .check, .signRecord, .decideOnSpot, .draftCase, .submitCase,
                    .startTask, .closeTask, .rate,
                ]
            ),
            (.liaison, [.acceptTask, .assignTask]), (.dispatcher, [.dispatch]),
            (.legalReviewer, [.reviewCase]), (.organHead, [.approveCase]),
            (.supervisor, [.audit, .appendOpinion]),
            (.enterpriseContact, [.checkSelf, .signAsParty, .rate, .auditOwn]),
        ]
        #expect(rows.map(\.0) == Role.all)
        for (role, actions) in rows {
            #expect(Set(Roles.Action.allCases.filter { Roles.can(role, $0) }) == actions)
        }
    }

    @Test func `An officer signs only with a certificate and a second officer`() {
        #expect(!Roles.can(.enforcementOfficer, .signRecord, given: []))
        #expect(!Roles.can(.enforcementOfficer, .signRecord, given: .certificate))
        #expect(
            Roles.can(.enforcementOfficer, .signRecord, given: [.certificate, .secondOfficer])
        )
        #expect(!Roles.can(.assistant, .signRecord, given: [.certificate, .secondOfficer]))
    }

    @Test func `Dispatch, review and approval need the hub`() {
        #expect(!Roles.can(.dispatcher, .dispatch, given: []))
        #expect(Roles.can(.dispatcher, .dispatch, given: .online))
        #expect(!Roles.can(.organHead, .approveCase, given: []))
    }

    @Test func `A role of a newer version may do nothing here`() {
        #expect(!Roles.Action.allCases.contains { Roles.can(Role("ombudsman"), $0) })
    }

    @Test func `A certificate holds through its last day and not after its revocation`() {
        var officer = Officer()
        #expect(!officer.hasCertificate(on: Samples.date("2026-06-30")))
        officer.certificateValidTo = Samples.date("2026-06-30")
        #expect(officer.hasCertificate(on: Samples.date("2026-06-30")))
        #expect(!officer.hasCertificate(on: Samples.date("2026-07-01")))
        officer.certificateRevokedOn = Samples.date("2026-06-30")
        #expect(!officer.hasCertificate(on: Samples.date("2026-06-30")))
        #expect(officer.hasCertificate(on: Samples.date("2026-06-29")))
    }
}
