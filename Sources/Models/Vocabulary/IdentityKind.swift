/// Which register an identity number belongs to.
public struct IdentityKind: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The resident identity card.
    public static let residentCard = IdentityKind(rawValue: "居民身份证")
    /// The unified social credit code.
    public static let socialCreditCode = IdentityKind(rawValue: "统一社会信用代码")
    /// Another document.
    public static let other = IdentityKind(rawValue: "其他")
}
