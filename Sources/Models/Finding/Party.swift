public import Replication

/// A person or organisation that a finding is about.
///
/// Name and identity number merge as one (case C37). The number is personal information that
/// identifies (个人信息保护法 article 28): it is kept and synced, but not indexed.
public struct Party: Record, Hashable {
    /// The finding, which decides who receives this record.
    public var finding: Reference<Finding>?
    /// What the party is in law.
    public var kind: PartyKind?
    /// The name.
    public var name = ""
    /// Which register the number belongs to.
    public var identityKind: IdentityKind?
    /// The number.
    public var identityNumber = ""
    /// The day of birth; under eighteen the law is milder (行政处罚法 article 30).
    public var birthDate: CivilDate?
    /// Who acts for an organisation.
    public var representative = ""
    /// Where to call.
    public var phone = ""
    /// Where to deliver.
    public var address = ""
    /// The day of the latest penalty for harming wildlife (法释〔2022〕12号).
    public var priorPenaltyOn: CivilDate?
    /// What the party says; it must be heard (行政处罚法 article 45).
    public var statement = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Party>("party", number: 14, isLegalFact: true) {
        $0.field(1, "finding", \.finding, .keepSiblings, query: .indexed)
        $0.field(2, "kind", \.kind, .keepSiblings, query: .column)
        $0.field(10, "name", \.name, .keepSiblings, query: .searchable)
        $0.field(11, "identityKind", \.identityKind, .keepSiblings)
        $0.field(12, "identityNumber", \.identityNumber, .keepSiblings)
        $0.field(20, "birthDate", \.birthDate, .keepSiblings)
        $0.field(21, "representative", \.representative, .keepSiblings)
        $0.field(22, "phone", \.phone, .keepSiblings)
        $0.field(23, "address", \.address, .keepSiblings)
        $0.field(24, "priorPenaltyOn", \.priorPenaltyOn, .keepSiblings)
        $0.field(30, "statement", \.statement, .text(.siblings))
        $0.group(\.name, \.identityKind, \.identityNumber)
        $0.scope(of: \.finding)
    }
}
