/// What a person is in the district's work; §6.6 of the domain report.
public struct Role: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// 网格员: reports.
    public static let gridWorker = Role(rawValue: "grid-worker")
    /// 辅助人员: assists and never punishes (浙江省综合行政执法条例 article 30).
    public static let assistant = Role(rawValue: "assistant")
    /// 执法队员: enforces, with a certificate and a second officer (行政处罚法 article 42).
    public static let enforcementOfficer = Role(rawValue: "enforcement-officer")
    /// 中队长、牵头负责人: leads on the spot.
    public static let squadLeader = Role(rawValue: "squad-leader")
    /// 部门联络员: accepts and assigns for a department.
    public static let liaison = Role(rawValue: "liaison")
    /// 指挥中心调度员: dispatches.
    public static let dispatcher = Role(rawValue: "dispatcher")
    /// 法制审核员: reviews decisions (行政处罚法 article 58).
    public static let legalReviewer = Role(rawValue: "legal-reviewer")
    /// 机关负责人: approves filings and decisions (行政处罚法 article 57).
    public static let organHead = Role(rawValue: "organ-head")
    /// 监督、司法局: reads everything and appends opinions.
    public static let supervisor = Role(rawValue: "supervisor")
    /// 企业联络人: checks and signs for an enterprise.
    public static let enterpriseContact = Role(rawValue: "enterprise-contact")
}

extension Role {
    /// Every role that this version knows, in the order of the table.
    public static let all: [Role] = [
        .gridWorker, .assistant, .enforcementOfficer, .squadLeader, .liaison, .dispatcher,
        .legalReviewer, .organHead, .supervisor, .enterpriseContact,
    ]
}
