/// How large a JSON text may be.
public struct JSONLimits: Hashable, Sendable {
    /// The most bytes of one text.
    public var bytesMax: Int
    /// The deepest nesting of arrays and objects; never above `depthCeiling`.
    public var depthMax: Int
    /// The most values in one text, counting every element and member.
    public var valuesMax: Int
    /// The most bytes of one string or key, as they stand in the text.
    public var stringBytesMax: Int
    /// The most bytes of one number.
    public var numberBytesMax: Int

    /// The parser is recursive, and so is the release of nested arrays: this bounds the stack.
    public static let depthCeiling = 512

    /// Makes limits; the defaults hold every document of this product many times over.
    public init(
        bytesMax: Int = 64 << 20,
        depthMax: Int = 128,
        valuesMax: Int = 4_000_000,
        stringBytesMax: Int = 16 << 20,
        numberBytesMax: Int = 1024
    ) {
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.valuesMax = valuesMax
        self.stringBytesMax = stringBytesMax
        self.numberBytesMax = numberBytesMax
    }
}
