/// How a patrol or leg moves.
public struct Transport: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// By patrol boat.
    public static let boat = Transport(rawValue: "执法艇")
    /// On foot.
    public static let foot = Transport(rawValue: "步行")
    /// By car.
    public static let car = Transport(rawValue: "执法车")
    /// By motorcycle.
    public static let motorcycle = Transport(rawValue: "摩托车")
    /// By drone.
    public static let drone = Transport(rawValue: "无人机")
}
