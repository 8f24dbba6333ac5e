/// What a decoder accepts, checked before memory is taken.
public struct WireLimits: Hashable, Sendable {
    /// The largest message body, in bytes.
    public var bodyBytesMax = 8 << 20
    /// The largest inflated block, in bytes.
    public var inflatedBytesMax = 32 << 20
    /// The largest ratio of inflated to compressed bytes.
    ///
    /// DEFLATE reaches 1,032; honest batches of this protocol stay under 60.
    public var inflateRatioMax = 400
    /// The most changes in one batch.
    public var changesMax = 100_000
    /// The most operations in one batch.
    public var operationsMax = 1_000_000
    /// The largest text or byte value, in bytes.
    public var valueBytesMax = 1 << 20
    /// The largest name, id, author or scope, in bytes.
    public var nameBytesMax = 1_024
    /// The most replicas named in one message.
    public var replicasMax = 65_536
    /// The most scopes that one device subscribes to.
    public var scopesMax = 4_096
    /// How deep values may nest: groups hold plain values.
    public var depthMax = 4

    /// Makes the default limits.
    public init() {}

    /// How many values runs may stand for in the smallest message; more by two for each byte.
    ///
    /// A page of a mebibyte of equal entries needs two thirds of this.
    static let runValuesMin = 1 << 20
    /// How many values runs may stand for in the largest message.
    static let runValuesMax = 16 << 20

    /// The default limits.
    public static let standard = WireLimits()
}
