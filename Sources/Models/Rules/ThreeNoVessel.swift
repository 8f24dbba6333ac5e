/// Whether a fishing vessel is a 三无 vessel, and by which text.
///
/// The texts differ. The province takes any vessel that lacks *one* of name, port and certificates
/// and goes on the water (浙江省渔港渔业船舶管理条例 article 43). The nation, from 2026-05-01, takes
/// catch, gear and vessel where *all* are missing and fish were taken (渔业法 article 72 para. 1).
public struct ThreeNoVessel: Hashable, Sendable {
    /// One of the three papers.
    public enum Paper: CaseIterable, Hashable, Sendable {
        /// 船名号.
        case name
        /// 船籍港.
        case port
        /// 船舶证书.
        case certificate
    }

    /// A text under which the vessel can be taken.
    public enum Basis: Hashable, Sendable {
        /// 浙江省渔港渔业船舶管理条例 article 43: one missing paper is enough.
        case provincial
        /// 渔业法 article 72 para.
        ///
        /// 1, from 2026-05-01: all missing, and fishing.
        case national
    }

    /// The papers that were found missing.
    public let missing: [Paper]
    /// The papers that nobody has looked for.
    public let unknown: [Paper]
    /// The texts under which the vessel can be taken; none while no paper is known to be missing.
    public let bases: [Basis]

    /// The first day of the national text.
    static let nationalFrom = CivilDate(year: 2026, month: 5, day: 1)

    /// Judges a vessel by its papers.
    ///
    /// - Parameters:
    ///   - hasName: whether it bears a name and number; nil when nobody has looked.
    ///   - hasPort: whether it has a port of registry.
    ///   - hasCertificate: whether it has its certificates.
    ///   - wasFishing: whether it took fish.
    ///   - day: the day of the act, whose law decides (行政处罚法 article 37).
    public init(
        hasName: Bool?,
        hasPort: Bool?,
        hasCertificate: Bool?,
        wasFishing: Bool,
        on day: CivilDate
    ) {
        let seen: [(Paper, Bool?)] = [
            (.name, hasName), (.port, hasPort), (.certificate, hasCertificate),
        ]
        missing = seen.filter { $0.1 == false }.map(\.0)
        unknown = seen.filter { $0.1 == nil }.map(\.0)
        var bases: [Basis] = []
        if let nationalFrom = ThreeNoVessel.nationalFrom, nationalFrom <= day, wasFishing,
            missing.count == Paper.allCases.count
        {
            bases.append(.national)
        }
        if !missing.isEmpty { bases.append(.provincial) }
        self.bases = bases
    }

    /// Judges the vessel of a finding, on the day of the act; nil while the finding has no time.
    public init?(_ finding: Finding, wasFishing: Bool) {
        guard let day = finding.actDay else { return nil }
        self.init(
            hasName: finding.vesselHasName,
            hasPort: finding.vesselHasPort,
            hasCertificate: finding.vesselHasCertificate,
            wasFishing: wasFishing,
            on: day
        )
    }

    /// Whether the vessel is a 三无 vessel in the sense of the province: any paper is missing.
    public var isThreeNo: Bool { !missing.isEmpty }
}
