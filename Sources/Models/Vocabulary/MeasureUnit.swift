/// The unit of a quantity; it merges with the quantity as one.
public struct MeasureUnit: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Kilograms.
    public static let kilogram = MeasureUnit(rawValue: "kg")
    /// 斤: half a kilogram.
    public static let jin = MeasureUnit(rawValue: "斤")
    /// Grams.
    public static let gram = MeasureUnit(rawValue: "g")
    /// Tonnes.
    public static let tonne = MeasureUnit(rawValue: "t")
    /// Pieces.
    public static let piece = MeasureUnit(rawValue: "件")
    /// Nets.
    public static let sheet = MeasureUnit(rawValue: "张")
    /// Machines.
    public static let set = MeasureUnit(rawValue: "台")
    /// Metres.
    public static let metre = MeasureUnit(rawValue: "m")
    /// Square metres.
    public static let squareMetre = MeasureUnit(rawValue: "m²")
    /// Litres.
    public static let litre = MeasureUnit(rawValue: "L")
}
