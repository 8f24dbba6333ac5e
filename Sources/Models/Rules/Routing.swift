/// Which organs a finding concerns and why: a preview that the hub's result replaces.
///
/// The rules are data and each answer names its rule, so that a difference between device and hub
/// can be explained. An officer's own addition survives both (`Finding.participantOrgans`).
public enum Routing {
    /// The key of the police, who receive suspected crimes.
    public static let police = "gongan"

    /// What an organ does in the matter.
    public enum Part: Int, Hashable, Sendable {
        /// The law names it.
        case statutory
        /// It may have been given the power by transfer; to be confirmed item by item.
        case transferred
        /// It takes part.
        case assisting
    }

    /// What the rules look at.
    public struct Facts: Hashable, Sendable {
        /// The version of the matter in force.
        public var matter: Matter
        /// Whether a crime is suspected.
        public var isCrimeSuspected = false
        /// Whether the vessel lacks certificates.
        public var lacksVesselCertificate = false
        /// Whether something stands in the river: nets across it, structures, heaps.
        public var obstructsRiver = false
        /// Whether there is a crowd or violence.
        public var isViolent = false

        /// The facts of a matter alone.
        public init(matter: Matter) { self.matter = matter }

        /// The facts of a finding.
        public init(matter: Matter, finding: Finding) {
            self.matter = matter
            isCrimeSuspected = finding.suspectedCrime
            lacksVesselCertificate = finding.vesselHasCertificate == false
        }
    }

    /// One organ and why.
    public struct Answer: Hashable, Sendable {
        /// The key of the organ.
        public let organ: String
        /// What it does.
        public let part: Part
        /// The id of the rule.
        public let rule: String
        /// Why, with the basis in law.
        public let reason: String

        /// Makes an answer.
        public init(organ: String, part: Part, rule: String, reason: String) {
            self.organ = organ
            self.part = part
            self.rule = rule
            self.reason = reason
        }
    }

    /// The organs of a finding: statutory first, then by transfer, then assisting, each once, with
    /// the first rule that names it.
    public static func preview(_ facts: Facts) -> [Answer] {
        let statutory = Answer(
            organ: facts.matter.organ,
            part: .statutory,
            rule: "R1",
            reason: "\(facts.matter.basisLaw)\(facts.matter.basisArticle)规定的执法机关"
        )
        var answers = [statutory]
        for rule in rules where rule.applies(facts) {
            if !answers.contains(where: { $0.organ == rule.answer.organ }) {
                answers.append(rule.answer)
            }
        }
        return answers.enumerated()
            .sorted {
                ($0.element.part.rawValue, $0.offset) < ($1.element.part.rawValue, $1.offset)
            }
            .map(\.element)
    }

    private struct Rule: Sendable {
        let answer: Answer
        let applies: @Sendable (Facts) -> Bool

        init(
            _ rule: String,
            _ organ: String,
            _ part: Part,
            _ reason: String,
            applies: @escaping @Sendable (Facts) -> Bool
        ) {
            answer = Answer(organ: organ, part: part, rule: rule, reason: reason)
            self.applies = applies
        }
    }

    private static let rules: [Rule] = [
        Rule("R2", police, .assisting, "涉嫌犯罪，行政处罚法第二十七条、第八十二条") {
            $0.isCrimeSuspected
        },
        Rule("R3", "jiaotong", .assisting, "船舶无合格证书，内河交通安全管理条例第六十四条") {
            $0.lacksVesselCertificate
        },
        Rule("R4", "shuili", .assisting, "河道内设障，浙江省河道管理条例第四十一条") {
            $0.obstructsRiver
        },
        Rule("R5", police, .assisting, "聚众、暴力或者阻碍执行职务，治安管理处罚法") {
            $0.isViolent
        },
        Rule("R6", "zonghe-zhifa", .transferred, "渔业事项可能已经划转，逐项核对") {
            $0.matter.domain == "渔业"
        },
    ]
}
