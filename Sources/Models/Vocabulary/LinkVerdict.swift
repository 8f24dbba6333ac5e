/// What people say of two findings that may be one.
public struct LinkVerdict: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A rule suggests it; nobody has looked yet.
    public static let suggested = LinkVerdict(rawValue: "建议")
    /// A person has confirmed it.
    public static let confirmed = LinkVerdict(rawValue: "确认")
    /// A person has rejected it.
    public static let rejected = LinkVerdict(rawValue: "否认")
}
