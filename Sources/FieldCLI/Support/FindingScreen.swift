import Interchange
import Models
import Replication
import SyncCore

/// What the rules on the device say of a finding, with no network.
struct FindingScreen {
    let closures: [ClosureHit]
    let vessel: ThreeNoVessel?
    let crime: CrimeScreen
    let law: LawInForce?
    let routing: [Routing.Answer]
    let waterNames: [String: String]
    /// Whether the flag was raised before by facts that no longer stand.
    let hasStandingFlag: Bool

    /// The fields that the rules look at.
    private static let fields = [
        "method", "matter", "matterVersion", "latitude", "longitude", "observedAt", "gnssTime",
        "water", "vesselHasName", "vesselHasPort", "vesselHasCertificate",
    ]

    /// Applies the rules to a finding and the records that belong to it.
    init(_ finding: Finding, parts: Parts, catalogue: Catalogue, today: Models.CivilDate?) {
        closures = ClosedWaters(catalogue).check(finding)
        waterNames = Dictionary(
            catalogue.waters.map { ($0.key, $0.name) },
            uniquingKeysWith: { first, _ in first }
        )
        let wasFishing = finding.method != nil && finding.method != .angling
        vessel = ThreeNoVessel(finding, wasFishing: wasFishing)
        crime = CrimeScreen(
            CrimeScreen.Facts(
                finding: finding,
                closures: closures,
                catchLines: parts.catchLines,
                measurements: parts.measurements,
                gear: parts.gear,
                parties: parts.parties
            )
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
        hasStandingFlag = finding.suspectedCrime && !crime.isSuspected
        var flagged = finding
        crime.flag(&flagged)
        routing =
            law.map { Routing.preview(Routing.Facts(matter: $0.matter, finding: flagged)) } ?? []
    }

    /// The records that belong to a finding and are not void.
    struct Parts {
        var catchLines: [CatchLine] = []
        var measurements: [Measurement] = []
        var gear: [GearItem] = []
        var parties: [Party] = []

        /// Reads what a store has of a finding.
        init(of finding: RecordKey, in reading: Reading) throws {
            catchLines = try Parts.records(CatchLine.self, of: finding, reading)
            measurements = try Parts.records(Measurement.self, of: finding, reading)
            gear = try Parts.records(GearItem.self, of: finding, reading)
            parties = try Parts.records(Party.self, of: finding, reading)
        }

        /// No records.
        init() {}

        private static func records<Part: Replication.Record>(
            _ type: Part.Type,
            of finding: RecordKey,
            _ reading: Reading
        ) throws -> [Part] {
            var query = RecordQuery(Part.mapping.schema)
            query.conditions = [.equals("finding", .reference(finding))]
            return try reading.records(query)
                .compactMap { key in
                    let view = try reading.view(key)
                    guard let view, view.lifecycle != .voided else { return nil }
                    return Part.mapping.record(from: view)
                }
        }
    }
}

extension FindingScreen {
    /// What was found and why, a line each.
    func lines() -> [(text: String, style: TextStyle)] {
        var lines: [(String, TextStyle)] = []
        for hit in closures {
            let water = waterNames[hit.closure.water] ?? hit.closure.water
            lines.append((Messages.closed(hit, water: water), .yellow))
        }
        if let vessel, vessel.isThreeNo {
            for basis in vessel.bases { lines.append((Messages.threeNo(vessel, basis), .yellow)) }
        }
        for reason in crime.reasons { lines.append((Messages.crime(reason), .red)) }
        if hasStandingFlag { lines.append((Messages.standingFlag, .red)) }
        if crime.isSuspected || hasStandingFlag { lines.append((Messages.crimeDuty, .red)) }
        if crime.isAggravated { lines.append((Messages.aggravated, .red)) }
        if let law {
            lines.append((Messages.law(law.matter), .plain))
            for hint in law.hints { lines.append((Messages.lawHint(hint), .dim)) }
        }
        for answer in routing { lines.append((Messages.routing(answer), .dim)) }
        return lines
    }

    /// What is to be said after these fields were written: nothing when no rule looks at them.
    func lines(after fields: [String]) -> [(text: String, style: TextStyle)] {
        fields.contains(where: FindingScreen.fields.contains) ? lines() : []
    }

    /// The same for programs.
    var json: JSONValue {
        .object([
            "closures": .array(
                closures.map { hit in
                    .object([
                        "closure": .string(hit.closure.key), "water": .string(hit.closure.water),
                        "kind": .string(hit.kind == .area ? "area" : "season"),
                        "ground": .string(hit.ground == .named ? "named" : "within-box"),
                        "basis": .string(hit.closure.legalBasis),
                    ])
                }
            ),
            "threeNoVessel": .boolean(vessel?.isThreeNo ?? false),
            "vesselBases": .array(
                (vessel?.bases ?? []).map { .string($0 == .national ? "national" : "provincial") }
            ),
            "suspectedCrime": .boolean(crime.isSuspected),
            "crimeReasons": .array(crime.reasons.map { .string($0.rawValue) }),
            "aggravated": .boolean(crime.isAggravated),
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
