public import Replication

/// One version of a matter of enforcement: what is forbidden, by which text, from which day (M5).
///
/// A matter whose law is amended gets a new row with a later `effectiveFrom`; a row is never
/// rewritten. A finding pins the row under which it was recorded, because the law of the day of the
/// act decides (行政处罚法 article 37).
public struct Matter: Record, Hashable {
    /// The key that all versions of the matter share.
    public var key = ""
    /// What is forbidden.
    public var name = ""
    /// The field of law.
    public var domain = ""
    /// The key of the organ that the law names.
    public var organ = ""
    /// The law, with its version where the name alone is not clear.
    public var basisLaw = ""
    /// Article, paragraph and item; empty where it is not known.
    public var basisArticle = ""
    /// The day on which this text of the law was adopted.
    public var basisTextVersion: CivilDate?
    /// The first day on which this version is in force.
    public var effectiveFrom: CivilDate?
    /// The day from which it is not in force any more; nil while it is.
    public var effectiveTo: CivilDate?
    /// The penalty in words.
    public var penaltyText = ""
    /// The lower bound of the ordinary fine.
    public var fineMinYuan: Int64?
    /// The upper bound of the ordinary fine.
    public var fineMaxYuan: Int64?
    /// What the bounds count.
    public var fineUnit = FineUnit.yuan
    /// What may be ordered or taken beside a fine.
    public var measures = WordList()
    /// The lower bound where circumstances are serious.
    public var severeFineMinYuan: Int64?
    /// The upper bound where circumstances are serious.
    public var severeFineMaxYuan: Int64?
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Matter>("matter", number: 5) {
        $0.field(1, "key", \.key, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .searchable)
        $0.field(3, "domain", \.domain, .hubOnly, query: .indexed)
        $0.field(4, "organ", \.organ, .hubOnly, query: .indexed)
        $0.field(5, "basisLaw", \.basisLaw, .hubOnly, query: .searchable)
        $0.field(6, "basisArticle", \.basisArticle, .hubOnly, query: .column)
        $0.field(7, "basisTextVersion", \.basisTextVersion, .hubOnly)
        $0.field(8, "effectiveFrom", \.effectiveFrom, .hubOnly, query: .indexed)
        $0.field(9, "effectiveTo", \.effectiveTo, .hubOnly, query: .column)
        $0.field(10, "penaltyText", \.penaltyText, .hubOnly, query: .searchable)
        $0.field(11, "fineMinYuan", \.fineMinYuan, .hubOnly)
        $0.field(12, "fineMaxYuan", \.fineMaxYuan, .hubOnly)
        $0.field(13, "fineUnit", \.fineUnit, .hubOnly)
        $0.field(14, "measures", \.measures, .hubOnly)
        $0.field(15, "severeFineMinYuan", \.severeFineMinYuan, .hubOnly)
        $0.field(16, "severeFineMaxYuan", \.severeFineMaxYuan, .hubOnly)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}

extension Matter {
    /// Whether this version is in force on a day.
    public func isInForce(on day: CivilDate) -> Bool {
        guard let effectiveFrom, effectiveFrom <= day else { return false }
        return effectiveTo.map { day < $0 } ?? true
    }
}
