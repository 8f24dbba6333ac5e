import Interchange

/// A trace or schema that cannot be run: the line, the key and what would be right.
public struct ReplayError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line of the trace, from 1; nil for the schema and for a trace as a whole.
    public let line: Int?
    /// The key that is at fault.
    public let key: String?
    /// What is wrong and what would be right.
    public let reason: String

    /// Makes an error.
    public init(line: Int?, key: String?, _ reason: String) {
        self.line = line
        self.key = key
        self.reason = reason
    }

    /// `line 7, "fields.lat": reason`, fit for a terminal: names come from the trace.
    public var description: String {
        let place = [line.map { "line \($0)" }, key.map { "\"\($0)\"" }].compactMap(\.self)
        return TextWidth.harmless(
            place.isEmpty ? reason : place.joined(separator: ", ") + ": " + reason
        )
    }
}
