import Interchange
import Models
import Replication
import SyncCore

/// What the rules on the device say of a finding, with no network.
struct FindingScreen {
    let judgement: FindingRules.Judgement
    let vessel: ThreeNoVessel?
    let law: LawInForce?
    let routing: [Routing.Answer]
    let waterNames: [String: String]
    /// Whether the finding has the flag; the rules may suspect a crime that nobody has recorded yet.
    let isFlagged: Bool
    /// The moment of the act where it is in the future by this device's clock.
    let futureAct: Int64?

    var crime: CrimeScreen { judgement.crime }

    /// Minutes by which an act may lie ahead: clocks differ.
    private static let futureMinutesMax: Int64 = 5

    /// The fields that the rules look at.
    private static let fields = [
        "method", "matter", "matterVersion", "latitude", "longitude", "observedAt", "gnssTime",
        "water", "vesselHasName", "vesselHasPort", "vesselHasCertificate", "suspectedCrime",
    ]

    /// Applies the rules to a finding and the records that belong to it.
    init(_ finding: Finding, parts: FindingParts, catalogue: Catalogue, now: WallTime) {
        judgement = FindingRules(catalogue).judge(finding, parts)
        waterNames = Dictionary(
            catalogue.waters.map { ($0.key, $0.name) },
            uniquingKeysWith: { first, _ in first }
        )
        let wasFishing = finding.method != nil && finding.method != .angling
        vessel = ThreeNoVessel(finding, wasFishing: wasFishing)
        let today = Models.CivilDate(
            milliseconds: now.milliseconds,
            zoneMinutes: District.timeZoneMinutes
        )
        law = finding.actDay.flatMap { day in
            finding.matter.isEmpty
                ? nil
                : LawInForce(
                    of: finding.matter,
                    actDay: day,
                    decisionDay: today ?? day,
                    pinned: finding.matterVersion,
                    in: catalogue
                )
        }
        isFlagged = finding.suspectedCrime
        var flagged = finding
        judgement.crime.flag(&flagged)
        routing =
            law.map { Routing.preview(Routing.Facts(matter: $0.matter, finding: flagged)) } ?? []
        let limit = now.milliseconds.addingReportingOverflow(
            FindingScreen.futureMinutesMax * 60_000
        )
        futureAct = finding.actTime.map(\.milliseconds)
            .flatMap { !limit.overflow && $0 > limit.partialValue ? $0 : nil }
    }
}

extension FindingScreen {
    /// What was found and why, a line each.
    func lines() -> [(text: String, style: TextStyle)] {
        var lines: [(String, TextStyle)] = []
        if let futureAct { lines.append((Messages.futureAct(futureAct), .yellow)) }
        for hit in judgement.closures {
            let water = waterNames[hit.closure.water] ?? hit.closure.water
            let text =
                hit.ground == .named
                ? Messages.closed(hit, water: water) : Messages.probableWater(hit, water: water)
            lines.append((text, .yellow))
        }
        if judgement.isClosureUnknown { lines.append((Messages.closureUnknown, .yellow)) }
        if let vessel, vessel.isThreeNo {
            for basis in vessel.bases { lines.append((Messages.threeNo(vessel, basis), .yellow)) }
        }
        lines += crimeLines
        if let law {
            lines.append((Messages.law(law.matter), .plain))
            for hint in law.hints { lines.append((Messages.lawHint(hint), .dim)) }
        }
        for answer in routing { lines.append((Messages.routing(answer), .dim)) }
        return lines
    }

    /// What is suspected, and what follows from it.
    var crimeLines: [(text: String, style: TextStyle)] {
        var lines = crime.reasons.map { (text: Messages.crime($0), style: TextStyle.red) }
        lines += crime.hints.map { (Messages.crimeHint($0), .yellow) }
        if isFlagged, !crime.isSuspected { lines.append((Messages.standingFlag, .red)) }
        if isFlagged { lines.append((Messages.crimeDuty, .red)) }
        if crime.isSuspected, !isFlagged { lines.append((Messages.flagMissing, .yellow)) }
        if crime.isAggravated { lines.append((Messages.aggravated, .red)) }
        return lines
    }

    /// What is to be said after these fields were written: nothing when no rule looks at them.
    func lines(after fields: [String]) -> [(text: String, style: TextStyle)] {
        fields.contains(where: FindingScreen.fields.contains) ? lines() : []
    }

    /// The same for programs.
    var json: JSONValue {
        func texts(_ reasons: [CrimeReason]) -> JSONValue {
            .array(reasons.map { .string($0.rawValue) })
        }
        return .object([
            "closures": .array(
                judgement.closures.map { hit in
                    .object([
                        "closure": .string(hit.closure.key), "water": .string(hit.closure.water),
                        "kind": .string(hit.kind == .area ? "area" : "season"),
                        "ground": .string(hit.ground == .named ? "named" : "within-box"),
                        "basis": .string(hit.closure.legalBasis),
                    ])
                }
            ),
            "closureUnknown": .boolean(judgement.isClosureUnknown),
            "threeNoVessel": .boolean(vessel?.isThreeNo ?? false),
            "vesselBases": .array(
                (vessel?.bases ?? []).map { .string($0 == .national ? "national" : "provincial") }
            ),
            "flagged": .boolean(isFlagged), "suspectedCrime": .boolean(crime.isSuspected),
            "crimeReasons": texts(crime.reasons), "crimeHints": texts(crime.hints),
            "aggravated": .boolean(crime.isAggravated),
            "actInFuture": .boolean(futureAct != nil),
            "law": law.map { Messages.json(of: $0.matter) } ?? .null,
            "routing": .array(
                routing.map { answer in
                    .object([
                        "organ": .string(answer.organ), "rule": .string(answer.rule),
                        "reason": .string(answer.reason),
                    ])
                }
            ),
        ])
    }
}
