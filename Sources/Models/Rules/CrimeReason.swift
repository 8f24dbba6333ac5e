/// Why a finding is to go to the police (法释〔2022〕12号 article 3).
public struct CrimeReason: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// (一) 500 kg of fish or more.
    public static let weight = CrimeReason(rawValue: "catch-weight")
    /// (一) Fish worth ¥10,000 or more.
    public static let value = CrimeReason(rawValue: "catch-value")
    /// (二) 50 kg or more of fry, of spawners, or out of a reserve.
    public static let protectedWeight = CrimeReason(rawValue: "protected-weight")
    /// (二) ¥1,000 or more of fry, of spawners, or out of a reserve.
    public static let protectedValue = CrimeReason(rawValue: "protected-value")
    /// (三) Electricity, poison or explosives in a closed area, whatever the amount.
    public static let destructiveInClosedArea = CrimeReason(rawValue: "destructive-closed-area")
    /// (四) Electricity, poison or explosives in a closed season, whatever the amount.
    public static let destructiveInClosedSeason = CrimeReason(rawValue: "destructive-closed-season")
}
