/// A schema that contradicts itself: a programmer's error, found at start.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The record type.
    public let record: String
    /// The field, where one is at fault.
    public let field: String?
    /// What is wrong and what would be right.
    public let problem: String

    init(_ record: String, _ field: String?, _ problem: String) {
        self.record = record
        self.field = field
        self.problem = problem
    }

    /// `schema: record.field problem`.
    public var description: String {
        "schema: \(record)\(field.map { "." + $0 } ?? ""): \(problem)"
    }
}
