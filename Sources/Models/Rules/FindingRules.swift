public import Replication

/// The rules that need no network, for one finding and its records.
public struct FindingRules: Sendable {
    private let catalogue: Catalogue
    private let waters: ClosedWaters

    /// Makes the rules of a catalogue.
    public init(_ catalogue: Catalogue) {
        self.catalogue = catalogue
        waters = ClosedWaters(catalogue)
    }

    /// What the rules say of a finding.
    public struct Judgement: Hashable, Sendable {
        /// The closures that it falls under.
        public let closures: [ClosureHit]
        /// Whether nobody can say if the water was closed.
        public let isClosureUnknown: Bool
        /// Whether a crime is suspected.
        public let crime: CrimeScreen
    }

    /// Judges a finding.
    public func judge(_ finding: Finding, _ parts: FindingParts) -> Judgement {
        let closures = waters.check(finding)
        return Judgement(
            closures: closures,
            isClosureUnknown: waters.isUnknown(finding),
            crime: CrimeScreen(
                CrimeScreen.Facts(
                    finding: finding,
                    closures: closures,
                    isReserve: catalogue.water(finding.water)?.isReserve ?? false,
                    parts: parts
                )
            )
        )
    }

    /// The edits that bring a finding up to what the rules say: none where it is already.
    ///
    /// Every path that writes or merges a finding runs it, because the facts that make a crime may
    /// come from different devices, none of which saw them all. It only adds: the flag, its reasons
    /// and 公安 among the organs. So two devices that settle the same finding write the same, nothing
    /// is disputed, and a second run changes nothing.
    ///
    /// Where officers disagree on method, water or time, each telling is judged and the graver
    /// counts: which one is shown meanwhile decides nothing. A void finding stays as it is.
    public func settlement(of view: RecordView, _ parts: FindingParts) -> [Edit] {
        guard view.lifecycle == .live || view.lifecycle == .disputed else { return [] }
        let finding = Finding.mapping.record(from: view)
        var settled = finding
        for telling in FindingRules.tellings(of: view) {
            judge(telling, parts).crime.flag(&settled)
        }
        // Transfer is a duty (行政处罚法 articles 27, 82), whoever raised the flag.
        if settled.suspectedCrime { settled.participantOrgans.insert(Routing.police) }
        return Finding.mapping.edits(from: finding, to: settled)
    }

    /// The finding as it is shown, and with every choice among the siblings that a crime hangs on.
    private static func tellings(of view: RecordView) -> [Finding] {
        var tellings = [Finding.mapping.record(from: view)]
        for conflict in view.conflicts {
            guard case .slot(let slot) = conflict.subject,
                let tell = Finding.telling(of: slot.field)
            else { continue }
            tellings = tellings.flatMap { telling in
                conflict.candidates.map { candidate in
                    var other = telling
                    tell(candidate.value, &other)
                    return other
                }
            }
            // Nobody disagrees in more ways than this; each is judged with all the records.
            tellings = Array(tellings.prefix(64))
        }
        return tellings
    }

    /// Whether a new finding that these edits make can need settling: most imported rows cannot, and
    /// need not be read again.
    public static func canSettle(_ edits: [Edit]) -> Bool {
        edits.contains {
            guard case .set(let field, let value) = $0 else { return false }
            return decisiveFields.contains(field) && value != .boolean(false) && !value.isNull
        }
    }

    private static let decisiveFields: [UInt32] = [
        Finding.mapping.number(of: \.method), Finding.mapping.number(of: \.water),
        Finding.mapping.number(of: \.suspectedCrime),
    ]
    .compactMap(\.self)
}

extension Finding {
    /// How one side's value of a field that a crime hangs on makes the finding read; nil for others.
    fileprivate static func telling(of field: UInt32) -> ((FieldValue, inout Finding) -> Void)? {
        switch field {
        case mapping.number(of: \.method): { $1.method = FishingMethod(fieldValue: $0) }
        case mapping.number(of: \.water): { $1.water = String(fieldValue: $0) ?? "" }
        case mapping.number(of: \.observedAt):
            { value, finding in
                guard case .group(let members) = value, members.count == 2 else { return }
                finding.observedAt = WallTime(fieldValue: members[0])
                finding.gnssTime = WallTime(fieldValue: members[1])
            }
        default: nil
        }
    }
}
