/// What each role may do, checked on the device without a network; §6.6 of the domain report.
///
/// The hub checks again: a device's table can be old.
public enum Roles {
    /// Something a person may do.
    public enum Action: String, CaseIterable, Hashable, Sendable {
        /// Report what was seen.
        case report
        /// Check one's own enterprise.
        case checkSelf
        /// Help with a check.
        case assistCheck
        /// Check on the spot.
        case check
        /// Sign a record of inspection or questioning.
        case signRecord
        /// Sign a record as the party.
        case signAsParty
        /// Decide on the spot (行政处罚法 article 51).
        case decideOnSpot
        /// Draft the filing of a case.
        case draftCase
        /// Submit the filing of a case.
        case submitCase
        /// Review a case (行政处罚法 article 58).
        case reviewCase
        /// Approve a filing or a decision (行政处罚法 article 57).
        case approveCase
        /// Start a task on the spot.
        case startTask
        /// Close a task.
        case closeTask
        /// Accept a task for a department.
        case acceptTask
        /// Assign a task within a department.
        case assignTask
        /// Dispatch tasks in the district.
        case dispatch
        /// Rate a task's participants.
        case rate
        /// Read everything and the trail of who did it.
        case audit
        /// Read what concerns oneself.
        case auditOwn
        /// Append an opinion.
        case appendOpinion
    }

    /// What must hold beside the role.
    public struct Conditions: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Makes conditions of bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// An enforcement certificate that is valid on the day (浙江省综合行政执法条例 article 28).
        public static let certificate = Conditions(rawValue: 1)
        /// A second officer with a certificate (行政处罚法 article 42).
        public static let secondOfficer = Conditions(rawValue: 2)
        /// A connection to the hub.
        public static let online = Conditions(rawValue: 4)
        /// That one's unit initiated the task.
        public static let initiatingUnit = Conditions(rawValue: 8)
    }

    /// One line of the table.
    public struct Grant: Hashable, Sendable {
        /// The role.
        public let role: Role
        /// The action.
        public let action: Action
        /// What must hold beside the role.
        public let conditions: Conditions
    }

    /// Whether a role may do something at all; `conditions` says what must hold beside it.
    ///
    /// A role that this version does not know may do nothing.
    public static func can(_ role: Role, _ action: Action) -> Bool {
        conditions(role, action) != nil
    }

    /// Whether a role may do something where these conditions hold.
    public static func can(_ role: Role, _ action: Action, given: Conditions) -> Bool {
        conditions(role, action).map { $0.isSubset(of: given) } ?? false
    }

    /// What must hold for a role to do something; nil when it may not.
    public static func conditions(_ role: Role, _ action: Action) -> Conditions? {
        table.first { $0.role == role && $0.action == action }?.conditions
    }

    /// The table.
    public static let table: [Grant] =
        grants(.gridWorker, [.report])
        + grants(.assistant, [.report, .assistCheck])
        + grants(.enforcementOfficer, [.report, .draftCase])
        + grants(.enforcementOfficer, [.check, .signRecord, .decideOnSpot], sworn)
        + grants(.squadLeader, [.report, .draftCase, .submitCase, .startTask, .closeTask])
        + grants(.squadLeader, [.check, .signRecord, .decideOnSpot], sworn)
        + grants(.squadLeader, [.rate], .initiatingUnit)
        + grants(.liaison, [.acceptTask, .assignTask])
        + grants(.dispatcher, [.dispatch], .online)
        + grants(.legalReviewer, [.reviewCase], .online)
        + grants(.organHead, [.approveCase], .online)
        + grants(.supervisor, [.audit, .appendOpinion])
        + grants(.enterpriseContact, [.checkSelf, .signAsParty, .rate, .auditOwn])

    private static let sworn: Conditions = [.certificate, .secondOfficer]

    private static func grants(
        _ role: Role,
        _ actions: [Action],
        _ conditions: Conditions = []
    ) -> [Grant] {
        actions.map { Grant(role: role, action: $0, conditions: conditions) }
    }
}

extension Officer {
    /// Whether the certificate is valid on a day, as the catalogue of this device knows it.
    public func hasCertificate(on day: CivilDate) -> Bool {
        guard let certificateValidTo, day <= certificateValidTo else { return false }
        return certificateRevokedOn.map { day < $0 } ?? true
    }
}
