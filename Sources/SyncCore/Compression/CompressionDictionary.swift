/// A preset dictionary: text that both sides know, so that small messages compress well.
///
/// It is published with a version that stands in every frame that uses it. A version's bytes never
/// change; an unknown version is a typed error and the sender falls back to none.
public struct CompressionDictionary: Hashable, Sendable {
    /// The version, 1 to 255.
    public let version: UInt8
    /// The text, the most frequent phrases last; zlib uses the last 32 KiB.
    public let bytes: [UInt8]

    /// Makes a dictionary.
    public init(version: UInt8, text: String) {
        self.version = version
        bytes = Array(text.utf8.suffix(32_768))
    }
}
