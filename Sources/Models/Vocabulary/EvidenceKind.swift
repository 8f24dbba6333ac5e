/// The eight kinds of evidence of 行政处罚法 article 46.
public struct EvidenceKind: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// (一) documentary evidence.
    public static let documentary = EvidenceKind(rawValue: "书证")
    /// (二) physical evidence.
    public static let physical = EvidenceKind(rawValue: "物证")
    /// (三) audio-visual material.
    public static let audiovisual = EvidenceKind(rawValue: "视听资料")
    /// (四) electronic data.
    public static let electronic = EvidenceKind(rawValue: "电子数据")
    /// (五) testimony of a witness.
    public static let testimony = EvidenceKind(rawValue: "证人证言")
    /// (六) statement of the party.
    public static let statement = EvidenceKind(rawValue: "当事人的陈述")
    /// (七) expert opinion.
    public static let expertOpinion = EvidenceKind(rawValue: "鉴定意见")
    /// (八) records of inspection and of the scene.
    public static let sceneRecord = EvidenceKind(rawValue: "勘验笔录、现场笔录")
}
