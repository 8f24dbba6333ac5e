/// A record type as a plain Swift struct.
///
/// ```swift
/// struct Sighting: Record {
///     var species = ""
///     var count = 0
///     var tags: Set<String> = []
///
///     static let mapping = RecordMapping<Sighting>("sighting", number: 1) {
///         $0.field(1, "species", \.species, .keepSiblings, query: .searchable)
///         $0.field(2, "count", \.count, .maximum)
///         $0.set(3, "tags", \.tags)
///     }
/// }
/// ```
///
/// The struct shows the fields that this version knows. What a newer version wrote beside them
/// stays with the record and survives this version's writes, because a write names only the fields
/// that it changes.
public protocol Record: Sendable {
    /// A record with every field empty.
    init()
    /// The type's number, name, fields and policies.
    static var mapping: RecordMapping<Self> { get }
}

/// A typed reference to a record.
public struct Reference<Target: Record>: Hashable, Sendable {
    /// The record's identity.
    public let id: RecordID

    /// Makes a reference.
    public init(_ id: RecordID) { self.id = id }

    /// The record's full address.
    public var key: RecordKey { RecordKey(type: Target.mapping.schema.number, id: id) }
}

extension Reference: FieldConvertible {
    /// A reference to the target's type.
    public static var fieldKind: FieldKind { .reference(Target.mapping.schema.number) }
    /// Reads a reference to the target's type.
    public init?(fieldValue: FieldValue) {
        guard case .reference(let key) = fieldValue, key.type == Target.mapping.schema.number
        else { return nil }
        self.init(key.id)
    }
    /// A reference.
    public var fieldValue: FieldValue { .reference(key) }
}
