/// What a patrol watches over.
public struct PatrolKind: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Waters.
    public static let water = PatrolKind(rawValue: "水域")
    /// Streets.
    public static let street = PatrolKind(rawValue: "街面")
    /// Building sites.
    public static let site = PatrolKind(rawValue: "工地")
    /// Gas premises.
    public static let gas = PatrolKind(rawValue: "燃气")
}
