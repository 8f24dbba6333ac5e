import Interchange
import Models
import Replication

/// Whether the officers on a finding may enforce: two, with certificates (行政处罚法 article 42).
///
/// A warning and never a refusal: what was seen is recorded whoever saw it.
struct OfficerCheck {
    /// What is wrong with an officer on the day.
    enum Problem {
        /// The catalogue does not know the number.
        case unknown
        /// The officer has no certificate, as an assistant or a dispatcher.
        case noCertificate
        /// The certificate's last day has passed, or it was revoked.
        case expired(Models.CivilDate)
    }

    /// Each officer with what is wrong.
    let problems: [(number: String, problem: Problem)]
    /// How many have a valid certificate.
    let certifiedCount: Int

    /// Checks the officers of a finding on the day of the act.
    init(_ finding: Finding, _ catalogue: Catalogue) {
        self.init(finding.participants.sorted(), on: finding.actDay, catalogue)
    }

    /// Checks officers by their numbers.
    init(_ numbers: [String], on day: Models.CivilDate?, _ catalogue: Catalogue) {
        guard let day else {
            problems = []
            certifiedCount = numbers.count
            return
        }
        problems = numbers.compactMap { number in
            guard let officer = catalogue.officer(number) else { return (number, .unknown) }
            if officer.hasCertificate(on: day) { return nil }
            return (number, officer.certificateValidTo.map { .expired($0) } ?? .noCertificate)
        }
        certifiedCount = numbers.count - problems.count
    }

    /// Warns of the officers of goods or evidence, where the command says what it did.
    static func warn(_ officers: Set<String>, at time: WallTime?, _ context: CommandContext) throws
    {
        let day = time.flatMap {
            Models.CivilDate(
                milliseconds: $0.milliseconds,
                zoneMinutes: District.timeZoneMinutes
            )
        }
        let check = OfficerCheck(officers.sorted(), on: day, try context.catalogue())
        for warning in check.warnings { context.output.line("  " + warning, style: .yellow) }
    }

    /// What is to be said, a line each.
    var warnings: [String] {
        let lines = problems.map { Messages.uncertified($0.number, $0.problem) }
        return certifiedCount < 2 ? lines + [Messages.tooFewOfficers(certifiedCount)] : lines
    }
}
