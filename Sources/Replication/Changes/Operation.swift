/// What a change does to one record.
public struct Operation: Hashable, Sendable {
    /// The record.
    public let record: RecordKey
    /// What is done to it.
    public let action: Action

    /// Makes an operation.
    public init(_ record: RecordKey, _ action: Action) {
        self.record = record
        self.action = action
    }

    /// What can be done to a record.
    public enum Action: Hashable, Sendable {
        /// The record begins to exist. Creating what was deleted brings it back.
        case create
        /// A slot takes a value: a field its value, a set member true or false, a grow-only entry
        /// its content, a counter this replica's running total.
        case write(SlotKey, FieldValue)
        /// The record is gone.
        case delete(reason: String)
        /// The record is back.
        case undelete(reason: String)
        /// A legal fact is declared void; it stays readable.
        case void(reason: String)
        /// The record is signed or stamped: this content stands, whatever is written later.
        case seal(reason: String, content: [SealedValue])
        /// The hub says that the time to bring the deleted record back is over. It ends nothing
        /// itself, and where somebody had not seen it, it yields.
        case close
        /// The hub lets go of every write that it had seen, but of those to these fields, which
        /// stay. A record that was sealed keeps everything.
        ///
        /// Where one arrives a record is folded anew: it stands before all that has not seen it.
        case collect(keeping: [UInt32])
        /// Stands for the writes of an entry that were collected: the digest of the whole entry as
        /// it was.
        case collected(digest: [UInt8])
        /// An operation that this version does not know, kept and passed on byte for byte.
        case unknown(code: UInt32, payload: [UInt8])
    }

    /// One slot of a sealed record's content.
    public struct SealedValue: Hashable, Sendable {
        /// The slot.
        public let slot: SlotKey
        /// Its value at the seal.
        public let value: FieldValue
        /// Makes a slot's sealed value.
        public init(_ slot: SlotKey, _ value: FieldValue) {
            self.slot = slot
            self.value = value
        }
    }
}

extension Operation.Action {
    /// Whether only the hub says this: that a record is closed, or what goes of it.
    package var isHubsWord: Bool {
        switch self {
        case .close, .collect, .collected: true
        case .create, .write, .delete, .undelete, .void, .seal, .unknown: false
        }
    }

    /// Whether both do the same with the same content, byte for byte.
    public static func == (lhs: Self, rhs: Self) -> Bool {
        switch (lhs, rhs) {
        case (.create, .create), (.close, .close): true
        case (.write(let leftSlot, let left), .write(let rightSlot, let right)):
            leftSlot == rightSlot && left == right
        case (.delete(let left), .delete(let right)), (.undelete(let left), .undelete(let right)),
            (.void(let left), .void(let right)):
            left.hasSameBytes(as: right)
        case (.seal(let leftReason, let left), .seal(let rightReason, let right)):
            leftReason.hasSameBytes(as: rightReason) && left == right
        case (.collect(let left), .collect(let right)): left == right
        case (.collected(let left), .collected(let right)): left == right
        case (.unknown(let leftCode, let left), .unknown(let rightCode, let right)):
            leftCode == rightCode && left == right
        default: false
        }
    }
}
