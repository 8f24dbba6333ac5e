/// The words that this version knows of each vocabulary, for checking what people type.
///
/// A word that stands on no list is still kept, shown and passed on: see `Word`.
extension District {
    /// The known words of a field; nil for a field that takes any text.
    public static func words(of field: String, in record: String) -> [String]? {
        switch (record, field) {
        case ("finding", "method"), ("gearItem", "kind"): texts(FishingMethod.known)
        case ("finding", "status"): texts(FindingStatus.known)
        case ("finding", "disposition"): texts(Disposition.known)
        case ("catchLine", "state"): texts(CatchState.known)
        case ("evidence", "kind"): texts(EvidenceKind.known)
        case ("party", "kind"): texts(PartyKind.known)
        case ("party", "identityKind"): texts(IdentityKind.known)
        case ("seizedItem", "basis"): texts(SeizureBasis.known)
        case ("sameAs", "verdict"): texts(LinkVerdict.known)
        case ("patrol", "kind"): texts(PatrolKind.known)
        case ("patrol", "transport"), ("leg", "transport"): texts(Transport.known)
        case (_, "unit"): texts(MeasureUnit.known)
        case (_, "currency"): texts(Currency.known)
        case (_, "datum"): texts(GeodeticDatum.known)
        default: nil
        }
    }

    private static func texts<Vocabulary: Word>(_ words: [Vocabulary]) -> [String] {
        words.map(\.rawValue)
    }
}

extension FishingMethod {
    /// The words that this version knows.
    public static let known: [FishingMethod] = [
        .electric, .poison, .explosive, .groundCage, .gillNet, .castNet, .manyRods, .angling,
        .other,
    ]
}

extension FindingStatus {
    /// The words that this version knows.
    public static let known: [FindingStatus] = [
        .recorded, .checking, .handled, .transferred, .closed,
    ]
}

extension Disposition {
    /// The words that this version knows.
    public static let known: [Disposition] = [
        .correctedOnSpot, .orderedCorrection, .simpleProcedure, .caseFiled, .transferred,
        .noPenalty, .noViolation,
    ]
}

extension CatchState {
    /// The words that this version knows.
    public static let known: [CatchState] = [.ordinary, .juvenile, .fry, .spawner]
}

extension EvidenceKind {
    /// The words that this version knows.
    public static let known: [EvidenceKind] = [
        .documentary, .physical, .audiovisual, .electronic, .testimony, .statement,
        .expertOpinion, .sceneRecord,
    ]
}

extension PartyKind {
    /// The words that this version knows.
    public static let known: [PartyKind] = [.citizen, .legalPerson, .organisation]
}

extension IdentityKind {
    /// The words that this version knows.
    public static let known: [IdentityKind] = [.residentCard, .socialCreditCode, .other]
}

extension SeizureBasis {
    /// The words that this version knows.
    public static let known: [SeizureBasis] = [.registeredPreservation, .sealed, .detained]
}

extension LinkVerdict {
    /// The words that this version knows.
    public static let known: [LinkVerdict] = [.suggested, .confirmed, .rejected]
}

extension PatrolKind {
    /// The words that this version knows.
    public static let known: [PatrolKind] = [.water, .street, .site, .gas]
}

extension Transport {
    /// The words that this version knows.
    public static let known: [Transport] = [.boat, .foot, .car, .motorcycle, .drone]
}

extension MeasureUnit {
    /// The words that this version knows.
    public static let known: [MeasureUnit] = [
        .kilogram, .jin, .gram, .tonne, .piece, .sheet, .set, .metre, .squareMetre, .litre,
    ]
}

extension Currency {
    /// The words that this version knows.
    public static let known: [Currency] = [.yuan]
}

extension GeodeticDatum {
    /// The words that this version knows.
    public static let known: [GeodeticDatum] = [.wgs84, .cgcs2000, .gcj02]
}
