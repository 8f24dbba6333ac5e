/// A record's full address: its type's number and its identity within the type.
public struct RecordKey: Hashable, Sendable {
    /// The number of the record's type in the schema.
    public let type: UInt32
    /// The record's identity within the type.
    public let id: RecordID

    /// Makes an address.
    public init(type: UInt32, id: RecordID) {
        self.type = type
        self.id = id
    }
}

extension RecordKey: Comparable {
    /// Orders by type, then identity.
    public static func < (lhs: RecordKey, rhs: RecordKey) -> Bool {
        lhs.type == rhs.type ? lhs.id < rhs.id : lhs.type < rhs.type
    }
}
