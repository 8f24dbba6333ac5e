/// Bytes that are not what they claim to be: from the network, a file or a store.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Hashable, Sendable {
        /// The bytes end before the value does.
        case truncated
        /// There are bytes after the end.
        case trailing
        /// A number does not fit.
        case overflow
        /// A size or count is over its limit; the limit was checked before memory was taken.
        case limit
        /// A value is not in its one canonical form.
        case notCanonical
        /// A tag, index or combination that means nothing.
        case invalid
        /// Text that is not UTF-8, or holds U+0000.
        case text
        /// A version, dictionary or kind that this build does not know.
        case unknownVersion
        /// zlib refused the data.
        case compression
    }

    /// What is wrong.
    public let code: Code
    /// Which part of the message.
    public let part: String
    /// Where, in bytes from the start of the (inflated) message.
    public let offset: Int
    /// What was found and what would be right.
    public let detail: String

    /// Makes an error.
    public init(_ code: Code, part: String, offset: Int, _ detail: String) {
        self.code = code
        self.part = part
        self.offset = offset
        self.detail = detail
    }

    /// `part at byte n: detail`.
    public var description: String { "\(part) at byte \(offset): \(detail)" }
}
