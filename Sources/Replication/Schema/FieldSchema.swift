/// One field of a record type: its number, name, kind, policy and how it can be queried.
public struct FieldSchema: Hashable, Sendable {
    /// The number that stands on the wire and in the store, from 1.
    ///
    /// It never changes meaning and is never used again.
    public var number: UInt32
    /// The name in code, SQL, JSON and messages: ASCII letters, digits and underscores.
    public var name: String
    /// What the field holds; for a collection, what each member holds.
    public var kind: FieldKind
    /// How concurrent writes merge.
    public var policy: MergePolicy
    /// How the field can be queried.
    public var query: QueryTraits

    /// How a store makes a field findable.
    public struct QueryTraits: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Makes traits of bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// A typed column in the query table, with an index.
        public static let indexed = QueryTraits(rawValue: 1)
        /// Full-text search; Chinese by any two adjacent characters.
        public static let searchable = QueryTraits(rawValue: 2)
        /// A typed column in the query table, without an index.
        public static let column = QueryTraits(rawValue: 4)
    }

    /// Makes a field.
    public init(
        _ number: UInt32,
        _ name: String,
        _ kind: FieldKind,
        _ policy: MergePolicy,
        query: QueryTraits = []
    ) {
        self.number = number
        self.name = name
        self.kind = kind
        self.policy = policy
        self.query = query
    }
}
