/// Why a store could not be opened, read or written.
///
/// Nothing is half-done when this is thrown.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Hashable, Sendable {
        /// Another process has the store open.
        case locked
        /// The file is no store of this product.
        case foreign
        /// A newer version wrote the store.
        case newerSchema
        /// The file is damaged.
        case corrupt
        /// The disk is full; what was recorded before is safe.
        case full
        /// The folder or file cannot be written.
        case readOnly
        /// There is no store here.
        case missing
        /// There is a store here already.
        case exists
        /// The disk reported an error.
        case input
        /// Something else that SQLite refused.
        case database
    }

    /// What is wrong.
    public let code: Code
    /// What was found and what would be right.
    public let message: String
    /// The error below, for logs.
    public let underlying: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// The message.
    public var description: String { message }
}
