/// A file or folder of a replay's results that cannot be made or written.
public struct ReplayOutputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    /// What is wrong and what would be right.
    public let reason: String

    /// Makes an error.
    public init(path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// `path: reason`.
    public var description: String { "\(path): \(reason)" }
}
