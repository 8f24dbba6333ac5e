/// The part of a record that merges by itself.
///
/// A plain field is one slot. A collection has a slot for each member, so that additions of
/// different members never meet. An atomic group has one slot, under its first member's number. A
/// field that the schema does not list is a slot of field 0, under its name.
public struct SlotKey: Hashable, Sendable {
    /// The field's number; `SlotKey.unlisted` for fields that the schema does not list.
    public let field: UInt32
    /// The member of a set, the id of a grow-only entry, the name of an unlisted field; nil else.
    public let element: FieldValue?

    /// The field number under which unlisted fields stand.
    public static let unlisted: UInt32 = 0

    /// Makes a slot's address.
    public init(_ field: UInt32, element: FieldValue? = nil) {
        self.field = field
        self.element = element
    }
}

extension SlotKey: Comparable {
    /// Orders by field, then element; a slot without element comes first.
    public static func < (lhs: SlotKey, rhs: SlotKey) -> Bool {
        guard lhs.field == rhs.field else { return lhs.field < rhs.field }
        switch (lhs.element, rhs.element) {
        case (nil, nil), (_?, nil): return false
        case (nil, _?): return true
        case (let left?, let right?): return left < right
        }
    }
}
