public import Replication

/// A person who patrols, enforces or dispatches (M5).
///
/// Certificates are issued and revoked by the judicial department alone (浙江省综合行政执法条例 articles
/// 28–29), so no device writes them and a revocation cannot be undone by an offline edit.
public struct Officer: Record, Hashable {
    /// The officer's number, which signs changes.
    public var number = ""
    /// The name.
    public var name = ""
    /// The key of the officer's organ.
    public var organ = ""
    /// The key of the team.
    public var team = ""
    /// The code of the town posted to; empty for the whole district.
    public var town = ""
    /// What the officer may do.
    public var role = Role.gridWorker
    /// The last day of the enforcement certificate; nil without one.
    public var certificateValidTo: CivilDate?
    /// The day from which the certificate is revoked; nil while it is not.
    public var certificateRevokedOn: CivilDate?
    /// How well the source supports the row.
    public var certainty = Certainty.uncertain
    /// Where the row was taken from.
    public var source = ""

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Officer>("officer", number: 3) {
        $0.field(1, "number", \.number, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .searchable)
        $0.field(3, "organ", \.organ, .hubOnly, query: .indexed)
        $0.field(4, "team", \.team, .hubOnly, query: .indexed)
        $0.field(5, "town", \.town, .hubOnly, query: .indexed)
        $0.field(6, "role", \.role, .hubOnly, query: .indexed)
        $0.field(7, "certificateValidTo", \.certificateValidTo, .hubOnly)
        $0.field(8, "certificateRevokedOn", \.certificateRevokedOn, .hubOnly)
        $0.field(90, "certainty", \.certainty, .hubOnly)
        $0.field(91, "source", \.source, .hubOnly)
    }
}
