/// What a finding leads to (行政处罚法 articles 27, 33, 51, 54).
public struct Disposition: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Corrected on the spot.
    public static let correctedOnSpot = Disposition(rawValue: "当场改正")
    /// Ordered to be corrected.
    public static let orderedCorrection = Disposition(rawValue: "责令改正")
    /// Decided on the spot (行政处罚法 article 51).
    public static let simpleProcedure = Disposition(rawValue: "简易程序")
    /// A case is to be filed (行政处罚法 article 54).
    public static let caseFiled = Disposition(rawValue: "立案")
    /// Handed to another organ or the police (行政处罚法 article 27).
    public static let transferred = Disposition(rawValue: "移送")
    /// No penalty (行政处罚法 article 33).
    public static let noPenalty = Disposition(rawValue: "不予处罚")
    /// No violation.
    public static let noViolation = Disposition(rawValue: "无违法")
}
