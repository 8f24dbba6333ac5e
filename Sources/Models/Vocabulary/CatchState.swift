/// What lines of a catch the law protects apart (渔业法 article 46).
public struct CatchState: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Neither fry nor spawners.
    public static let ordinary = CatchState(rawValue: "普通")
    /// Juveniles under size.
    public static let juvenile = CatchState(rawValue: "幼鱼")
    /// Fry of important economic value.
    public static let fry = CatchState(rawValue: "苗种")
    /// Roe-bearing parents.
    public static let spawner = CatchState(rawValue: "怀卵亲体")
}
