/// On what ground goods were taken.
public struct SeizureBasis: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Registered and kept (行政处罚法 article 56).
    public static let registeredPreservation = SeizureBasis(rawValue: "先行登记保存")
    /// Sealed (行政强制法 article 22).
    public static let sealed = SeizureBasis(rawValue: "查封")
    /// Detained (行政强制法 article 22).
    public static let detained = SeizureBasis(rawValue: "扣押")
}
