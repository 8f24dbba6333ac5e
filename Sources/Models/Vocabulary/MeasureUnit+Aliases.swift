extension MeasureUnit {
    /// The unit by the one name that this version writes; a unit that it does not know stays.
    ///
    /// Other devices and files may have written 公斤, so that whoever adds up asks here.
    public var canonical: MeasureUnit {
        MeasureUnit.aliases[rawValue] ?? MeasureUnit.aliases[rawValue.lowercased()] ?? self
    }

    private static let aliases: [String: MeasureUnit] = [
        "kg": .kilogram, "公斤": .kilogram, "千克": .kilogram, "市斤": .jin, "g": .gram, "克": .gram,
        "t": .tonne, "吨": .tonne, "个": .piece, "只": .piece, "米": .metre, "㎡": .squareMetre,
        "平方米": .squareMetre, "升": .litre, "l": .litre,
    ]
}
