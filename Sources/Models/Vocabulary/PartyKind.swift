/// What a party is in law (行政处罚法 article 4).
public struct PartyKind: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A natural person.
    public static let citizen = PartyKind(rawValue: "公民")
    /// A legal person.
    public static let legalPerson = PartyKind(rawValue: "法人")
    /// Another organisation.
    public static let organisation = PartyKind(rawValue: "其他组织")
}
