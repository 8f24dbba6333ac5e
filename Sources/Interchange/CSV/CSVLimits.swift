/// How large a CSV file may be.
public struct CSVLimits: Hashable, Sendable {
    /// The most bytes of one field.
    public var fieldBytesMax: Int
    /// The most fields of one row.
    public var fieldsMax: Int
    /// The most bytes of one row.
    public var rowBytesMax: Int
    /// The most rows of a file, the header not counted.
    public var rowsMax: Int

    /// Makes limits.
    public init(
        fieldBytesMax: Int = 1 << 20,
        fieldsMax: Int = 1024,
        rowBytesMax: Int = 4 << 20,
        rowsMax: Int = 10_000_000
    ) {
        self.fieldBytesMax = fieldBytesMax
        self.fieldsMax = fieldsMax
        self.rowBytesMax = rowBytesMax
        self.rowsMax = rowsMax
    }
}
