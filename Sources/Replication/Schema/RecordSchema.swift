/// A record type: its fields and how they merge.
public struct RecordSchema: Hashable, Sendable {
    /// The number that stands on the wire and in the store, from 1; it never changes meaning.
    public var number: UInt32
    /// The name in code, SQL, JSON and messages.
    public var name: String
    /// The fields, by growing number.
    public var fields: [FieldSchema]
    /// Fields that merge as one, by number: a latitude is never mixed with another's longitude.
    public var groups: [[UInt32]]
    /// How fields merge that are written by name and not listed; nil refuses them.
    public var unlistedFields: UnlistedFields?
    /// What an ordinary delete does to concurrent edits.
    public var concurrentDelete: ConcurrentDelete
    /// Where the record's scope comes from.
    public var scope: ScopeRule
    /// Latitude and longitude fields for the spatial index, by number.
    public var place: Place?
    /// Whether the record states a legal fact: it is voided, never deleted.
    public var isLegalFact: Bool
    /// Whether a device may declare the record void; else only the hub may.
    public var isVoidable: Bool

    /// Kind and policy of the fields that a schema does not list.
    public struct UnlistedFields: Hashable, Sendable {
        /// What each holds.
        public var kind: FieldKind
        /// How each merges; not a collection policy.
        public var policy: MergePolicy
        /// Makes the rule.
        public init(kind: FieldKind, policy: MergePolicy) {
            self.kind = kind
            self.policy = policy
        }
    }

    /// What an ordinary delete does to concurrent edits.
    public enum ConcurrentDelete: Hashable, Sendable {
        /// The edit beats the delete: the record stays and a conflict is open.
        case keep
        /// The delete beats the edit; the edit stays in the log.
        case delete
    }

    /// Which devices receive a record.
    public enum ScopeRule: Hashable, Sendable {
        /// Every device.
        case everyone
        /// The devices that subscribe to the value of any of these fields, by number.
        case fields([UInt32])
        /// The devices that receive the record this reference field points to.
        case parent(UInt32)
    }

    /// The two fields that place a record on the earth: scaled decimals of degrees, WGS-84.
    public struct Place: Hashable, Sendable {
        /// The number of the latitude field.
        public var latitude: UInt32
        /// The number of the longitude field.
        public var longitude: UInt32
        /// Names both fields.
        public init(latitude: UInt32, longitude: UInt32) {
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// Makes a record type; `Schema` checks it.
    public init(
        number: UInt32,
        name: String,
        fields: [FieldSchema],
        groups: [[UInt32]] = [],
        unlistedFields: UnlistedFields? = nil,
        concurrentDelete: ConcurrentDelete = .keep,
        scope: ScopeRule = .everyone,
        place: Place? = nil,
        isLegalFact: Bool = false,
        isVoidable: Bool = true
    ) {
        self.number = number
        self.name = name
        self.fields = fields.sorted { $0.number < $1.number }
        self.groups = groups
        self.unlistedFields = unlistedFields
        self.concurrentDelete = concurrentDelete
        self.scope = scope
        self.place = place
        self.isLegalFact = isLegalFact
        self.isVoidable = isVoidable
    }

    /// The field with this number, nil when the schema does not list it.
    ///
    /// O(log fields).
    public func field(_ number: UInt32) -> FieldSchema? {
        var low = 0
        var high = fields.count
        while low < high {
            let middle = low + (high - low) / 2
            if fields[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < fields.count && fields[low].number == number ? fields[low] : nil
    }

    /// The field with this name, nil when the schema does not list it.
    ///
    /// O(fields).
    public func field(named name: String) -> FieldSchema? {
        fields.first { $0.name.hasSameBytes(as: name) }
    }

    /// The members of the group that `field` belongs to, or nil for a field by itself.
    public func group(of field: UInt32) -> [UInt32]? {
        groups.first { $0.contains(field) }
    }

    /// The policy of a slot.
    ///
    /// A slot that this schema does not know keeps everything.
    public func policy(of slot: SlotKey) -> MergePolicy {
        if slot.field == SlotKey.unlisted { return unlistedFields?.policy ?? .keepSiblings }
        return field(slot.field)?.policy ?? .keepSiblings
    }

    /// The name of a slot for people: the field's, the unlisted name, or `field 7`.
    public func name(of slot: SlotKey) -> String {
        if slot.field == SlotKey.unlisted, case .text(let name) = slot.element { return name }
        return field(slot.field)?.name ?? "field \(slot.field)"
    }
}
