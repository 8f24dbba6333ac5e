/// How large an XML document may be.
public struct XMLLimits: Hashable, Sendable {
    /// The most bytes of a document.
    public var bytesMax: Int
    /// The deepest nesting of elements.
    public var depthMax: Int
    /// The most attributes of one element.
    public var attributesMax: Int
    /// The most bytes of an element's or attribute's name.
    public var nameBytesMax: Int
    /// The most bytes of an attribute's value or of one run of text.
    public var textBytesMax: Int

    /// Makes limits.
    public init(
        bytesMax: Int = 256 << 20,
        depthMax: Int = 64,
        attributesMax: Int = 64,
        nameBytesMax: Int = 256,
        textBytesMax: Int = 1 << 20
    ) {
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.attributesMax = attributesMax
        self.nameBytesMax = nameBytesMax
        self.textBytesMax = textBytesMax
    }
}
