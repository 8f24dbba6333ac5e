/// What a person or program asks to do to one record, before it becomes a change.
///
/// An edit speaks of fields; the operations made from it speak of slots: a coordinate becomes the
/// whole place, an increment becomes this replica's running total.
public enum Edit: Hashable, Sendable {
    /// Begin the record.
    case create
    /// Give a field a value; null clears it.
    case set(UInt32, FieldValue)
    /// Give a whole atomic group its values, by its first field; more values than this schema
    /// knows are a newer schema's members.
    case setGroup(UInt32, [FieldValue])
    /// Give a field that the schema does not list a value.
    case setUnlisted(String, FieldValue)
    /// Add a member to a set.
    case add(UInt32, FieldValue)
    /// Take a member out of a set.
    case remove(UInt32, FieldValue)
    /// Add an entry to a grow-only field.
    case append(UInt32, id: String, FieldValue)
    /// Add to a counter.
    case increment(UInt32, by: Int64)
    /// Delete the record.
    case delete(reason: String)
    /// Bring the record back.
    case undelete(reason: String)
    /// Declare the record void.
    case void(reason: String)
    /// Seal the record as the edits before leave it shown.
    case seal(reason: String)
    /// Seal the record again with the content of the seal at this dot: the decision between
    /// concurrent seals.
    case reseal(Dot, reason: String)
}

/// An edit that was refused; nothing of its transaction was recorded.
public struct EditError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why an edit was refused.
    public enum Code: Hashable, Sendable {
        /// The schema has no such field, or the edit does not go with the field's policy.
        case field
        /// The value is not of the field's kind, or too large, or holds U+0000.
        case value
        /// Only the hub may write this field, or do anything to this record.
        case hubOnly
        /// The record is deleted, or does not exist here.
        case missing
        /// The record states a legal fact, which is voided and not deleted.
        case legalFact
        /// What the edit was decided on has changed meanwhile.
        case outdated
        /// The grow-only field has this entry with another value already.
        case exists
        /// The record is sealed: it cannot be deleted, nor edited in the change that seals it.
        case sealed
    }

    /// Why the edit was refused.
    public let code: Code
    /// The record type.
    public let record: String
    /// The field, where one is at fault.
    public let field: String?
    /// What is wrong and what would be right.
    public let problem: String

    /// Makes a refusal.
    public init(_ code: Code, record: String, field: String? = nil, _ problem: String) {
        self.code = code
        self.record = record
        self.field = field
        self.problem = problem
    }

    /// `record.field: problem`.
    public var description: String {
        "\(record)\(field.map { "." + $0 } ?? ""): \(problem)"
    }
}
