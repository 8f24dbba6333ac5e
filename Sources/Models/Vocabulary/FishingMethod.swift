/// How fish were taken, or were about to be (渔业法 article 45).
public struct FishingMethod: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// By electric current.
    public static let electric = FishingMethod(rawValue: "电鱼")
    /// By poison.
    public static let poison = FishingMethod(rawValue: "毒鱼")
    /// By explosives.
    public static let explosive = FishingMethod(rawValue: "炸鱼")
    /// By ground cages.
    public static let groundCage = FishingMethod(rawValue: "地笼")
    /// By gill nets.
    public static let gillNet = FishingMethod(rawValue: "丝网")
    /// By a cast net.
    public static let castNet = FishingMethod(rawValue: "撒网")
    /// By several rods or many hooks: angling beyond recreation.
    public static let manyRods = FishingMethod(rawValue: "多竿多钩")
    /// By recreational angling, which the closure notices leave free.
    public static let angling = FishingMethod(rawValue: "娱乐性游钓")
    /// By other means.
    public static let other = FishingMethod(rawValue: "其他")
}
