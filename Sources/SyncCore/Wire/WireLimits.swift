/// What a decoder accepts, checked before memory is taken.
public struct WireLimits: Hashable, Sendable {
    /// The largest message body, in bytes.
    public var bodyBytesMax = 8 << 20
    /// The largest inflated block, in bytes.
    public var inflatedBytesMax = 32 << 20
    /// The largest inflated push, in bytes: a change has at most 4 MiB, and a push of several
    /// is cut long before.
    public var pushBytesMax = 8 << 20
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
    /// The most epochs named in one message.
    public var epochsMax = 1_024
    /// How deep values may nest: groups hold plain values.
    public var depthMax = 4

    /// Makes the default limits.
    public init() {}

    /// How much memory the values of the smallest message may take; more for each of its bytes.
    ///
    /// A page of a mebibyte of equal entries, which runs make a hundred bytes of, needs half of this.
    static let memoryBytesMin = 48 << 20
    /// How much more memory each byte of a message may ask for.
    static let memoryBytesEach = 128
    /// How much memory the values of the largest message may take.
    ///
    /// A change of four mebibytes of small numbers needs three quarters of this.
    static let memoryBytesMax = 128 << 20

    /// The default limits.
    public static let standard = WireLimits()
}
