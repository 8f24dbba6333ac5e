public import Replication

/// What a device says to the hub: who it is, how far it has come, and what it has written.
///
/// Layout:
///
///     kind        1 byte, 1; it stands for the version of the protocol too
///     flags       1 byte: 1 introduction, 2 held, 4 push, 8 pull limit, 16 news of epochs,
///                 32 hold
///     caller      registered: number varint, tag 4 bytes
///                 introduction: replica 8 bytes, epoch 16 bytes (zeros for none), schema version,
///                 acknowledged counter, dictionary version 1 byte, scopes: varint n, texts;
///                 transition 1 byte, [scopes before, record number varint]; scopes sorted by bytes,
///                 none of them empty or with a line feed
///     cursor      varint: the hub sequence up to which the device has everything
///     held        varint n, then replica 8 bytes, counter, and first without a place (0 for
///                 none) each
///     pull limit  varint, bytes
///     hold        varint, seconds from 1 on
///     news        as at `EpochNews`
///     push        CompressedBlock of a batch, to the end
public struct SyncRequest: Hashable, Sendable {
    /// The protocol version.
    public static let version: UInt8 = 1
    /// The longest time for which a device may ask the hub to hold a request, in seconds.
    public static let holdSecondsMax: UInt64 = 3_600

    /// Who asks.
    public enum Caller: Hashable, Sendable {
        /// A replica that the hub may not know, or that changed what it subscribes to.
        case introduction(Introduction)
        /// A replica that the hub has registered in this epoch, by the number and tag it was given.
        case registered(number: UInt64, tag: UInt32)
    }

    /// What a device says of itself once for each epoch and subscription.
    public struct Introduction: Hashable, Sendable {
        /// The device's store.
        public var replica: ReplicaID
        /// The epoch that the cursor belongs to; nil before the first exchange.
        public var epoch: Epoch?
        /// The version of the schema that the device reads.
        public var schemaVersion: UInt32
        /// The highest of its counters that this epoch's hub has acknowledged.
        public var acknowledged: UInt64
        /// The preset dictionary that the device knows; 0 for none.
        public var dictionaryVersion: UInt8
        /// The scopes it subscribes to; empty for everything.
        public var scopes: [String]
        /// While a change of subscription is carried out: what was subscribed to before, and up to
        /// which record number the change has been carried out.
        public var transition: Transition?

        /// Makes an introduction.
        public init(
            replica: ReplicaID,
            epoch: Epoch?,
            schemaVersion: UInt32,
            acknowledged: UInt64,
            dictionaryVersion: UInt8,
            scopes: [String],
            transition: Transition? = nil
        ) {
            self.replica = replica
            self.epoch = epoch
            self.schemaVersion = schemaVersion
            self.acknowledged = acknowledged
            self.dictionaryVersion = dictionaryVersion
            self.scopes = scopes
            self.transition = transition
        }
    }

    /// A change of subscription under way.
    ///
    /// The cursor stands still meanwhile: the hub sends the whole history up to the cursor of each
    /// record that enters, in the order of record numbers, and names the records that leave.
    public struct Transition: Hashable, Sendable {
        /// The scopes before; empty for everything.
        public var from: [String]
        /// Records up to this hub number are done.
        public var after: UInt64

        /// Makes a transition.
        public init(from: [String], after: UInt64) {
            self.from = from
            self.after = after
        }
    }

    /// Who asks.
    public var caller: Caller
    /// The hub sequence up to which the device has everything in its scopes.
    public var cursor: UInt64
    /// Peer-met changes that the hub need not send again, only their receipts.
    public var held: VersionVector
    /// Of each held replica the first change of which a peer has told no place since the last
    /// exchange: the hub tells the places from there on, also of what the cursor has passed.
    public var unplaced: VersionVector
    /// The most bytes of changes that the device wants back; nil for the hub's choice, 0 for none.
    public var pullBytesMax: UInt64?
    /// For how many seconds the hub may keep an answer that says nothing, until there is news.
    public var holdSeconds: UInt64?
    /// What the hub may not know of its earlier epochs.
    public var news = EpochNews()
    /// The epoch that the hub takes the push's bases to be of; it does not travel.
    public var epoch: Epoch?
    /// The device's own changes, contiguous, oldest first.
    public var push: Batch

    /// Makes a request.
    public init(
        caller: Caller,
        cursor: UInt64,
        held: VersionVector = VersionVector(),
        unplaced: VersionVector = VersionVector(),
        pullBytesMax: UInt64? = nil,
        holdSeconds: UInt64? = nil,
        push: Batch = Batch(isSequenced: false)
    ) {
        self.caller = caller
        self.cursor = cursor
        self.held = held
        self.unplaced = unplaced
        self.pullBytesMax = pullBytesMax
        self.holdSeconds = holdSeconds
        self.push = push
    }
}

extension SyncRequest {
    /// The message's bytes.
    public func encoded(dictionary: CompressionDictionary?) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(SyncRequest.version)
        var flags: UInt8 = 0
        if case .introduction = caller { flags |= 1 }
        if !held.isEmpty { flags |= 2 }
        if !push.entries.isEmpty { flags |= 4 }
        if pullBytesMax != nil { flags |= 8 }
        if holdSeconds != nil { flags |= 32 }
        if !news.isEmpty { flags |= 16 }
        writer.byte(flags)
        switch caller {
        case .registered(let number, let tag):
            writer.unsigned(number)
            writer.fixed32(tag)
        case .introduction(let introduction):
            writer.fixed64(introduction.replica.rawValue)
            writer.fixed64(introduction.epoch?.high ?? 0)
            writer.fixed64(introduction.epoch?.low ?? 0)
            writer.unsigned(UInt64(introduction.schemaVersion))
            writer.unsigned(introduction.acknowledged)
            writer.byte(introduction.dictionaryVersion)
            WireParts.encode(introduction.scopes, into: &writer)
            writer.byte(introduction.transition == nil ? 0 : 1)
            if let transition = introduction.transition {
                WireParts.encode(transition.from, into: &writer)
                writer.unsigned(transition.after)
            }
        }
        writer.unsigned(cursor)
        if !held.isEmpty { encodeHeld(into: &writer) }
        if let pullBytesMax { writer.unsigned(pullBytesMax) }
        if let holdSeconds { writer.unsigned(holdSeconds) }
        if !news.isEmpty { news.encode(into: &writer) }
        if !push.entries.isEmpty {
            CompressedBlock.encode(
                BatchEncoder.encode(push, epoch: epoch),
                dictionary: dictionary,
                into: &writer
            )
        }
        return writer.bytes
    }

    /// Reads a message's first part: everything but the push.
    ///
    /// - Returns: the request with an empty push, and the push's inflated bytes, if there are any.
    ///   The batch is decoded apart, when the receiver can resolve record numbers.
    public static func decode(
        _ bytes: [UInt8],
        dictionaries: [CompressionDictionary],
        limits: WireLimits = .standard
    ) throws(WireError) -> (request: SyncRequest, push: [UInt8]?) {
        var reader = ByteReader(bytes, part: "request")
        guard bytes.count <= limits.bodyBytesMax else {
            throw reader.error(.limit, "the body has \(bytes.count) bytes")
        }
        let version = try reader.byte()
        guard version == SyncRequest.version else {
            throw reader.error(.unknownVersion, "protocol version \(version); this side speaks 1")
        }
        let flags = try reader.byte()
        guard flags < 64 else { throw reader.error(.unknownVersion, "flags \(flags)") }
        let caller: Caller =
            flags & 1 == 0
            ? .registered(number: try WireParts.sequence(from: &reader), tag: try reader.fixed32())
            : .introduction(try decodeIntroduction(from: &reader, limits: limits))
        let cursor = try WireParts.sequence(from: &reader)
        var (held, unplaced) = (VersionVector(), VersionVector())
        if flags & 2 != 0 { (held, unplaced) = try decodeHeld(from: &reader, limits: limits) }
        let pullBytesMax = flags & 8 == 0 ? nil : try reader.unsigned()
        let holdSeconds = flags & 32 == 0 ? nil : try reader.unsigned()
        guard flags & 2 == 0 || !held.isEmpty else {
            throw reader.error(.notCanonical, "an empty list of what is held")
        }
        guard holdSeconds.map({ (1...holdSecondsMax).contains($0) }) ?? true else {
            throw reader.error(.invalid, "a request is held for 1 to \(holdSecondsMax) seconds")
        }
        var request = SyncRequest(
            caller: caller,
            cursor: cursor,
            held: held,
            unplaced: unplaced,
            pullBytesMax: pullBytesMax,
            holdSeconds: holdSeconds
        )
        if flags & 16 != 0 { request.news = try EpochNews(from: &reader, limits: limits) }
        guard flags & 4 != 0 else {
            try reader.finish()
            return (request, nil)
        }
        let push = try CompressedBlock.decode(
            from: &reader,
            dictionaries: dictionaries,
            limits: limits,
            bytesMax: limits.pushBytesMax
        )
        return (request, push)
    }

    /// Reads the push of a request.
    ///
    /// - `epoch`: the hub's.
    /// - `resolve`: gives the record of a hub number.
    public static func decodePush(
        _ bytes: [UInt8],
        limits: WireLimits = .standard,
        epoch: Epoch? = nil,
        resolve: (UInt64) -> RecordKey?
    ) throws(WireError) -> Batch {
        let batch = try BatchDecoder.decode(
            bytes,
            limits: limits,
            epoch: epoch,
            resolve: resolve
        )
        guard !batch.isSequenced else {
            throw WireError(.invalid, part: "push", offset: 0, "a device does not number entries")
        }
        guard !batch.entries.isEmpty else {
            throw WireError(.notCanonical, part: "push", offset: 0, "a push of nothing")
        }
        return batch
    }

    private func encodeHeld(into writer: inout ByteWriter) {
        writer.count(held.entries.count)
        for entry in held.entries {
            writer.fixed64(entry.replica.rawValue)
            writer.unsigned(entry.counter)
            let first = unplaced[entry.replica]
            writer.unsigned(first <= entry.counter ? first : 0)
        }
    }

    private static func decodeHeld(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> (held: VersionVector, unplaced: VersionVector) {
        let count = try reader.count(max: limits.replicasMax, bytesEach: 10, of: "replicas")
        var (held, unplaced) = (VersionVector(), VersionVector())
        var last: ReplicaID?
        for _ in 0..<count {
            let replica = ReplicaID(try reader.fixed64())
            let counter = try WireParts.counter(from: &reader)
            if let last, replica <= last {
                throw reader.error(.notCanonical, "replicas out of order")
            }
            last = replica
            held[replica] = counter
            let first = try WireParts.sequence(from: &reader)
            guard first <= counter else {
                throw reader.error(.invalid, "places are asked for of what is not held")
            }
            unplaced[replica] = first
        }
        return (held, unplaced)
    }

    private static func decodeIntroduction(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> Introduction {
        let replica = ReplicaID(try reader.fixed64())
        guard replica.rawValue != 0 else { throw reader.error(.invalid, "replica 0 is none") }
        let epoch = try WireParts.optionalEpoch(from: &reader)
        let schemaVersion = try reader.unsigned32()
        let acknowledged = try WireParts.sequence(from: &reader)
        let dictionaryVersion = try reader.byte()
        let scopes = try WireParts.scopes(from: &reader, limits: limits)
        var transition: Transition?
        switch try reader.byte() {
        case 0: break
        case 1:
            let from = try WireParts.scopes(from: &reader, limits: limits)
            transition = Transition(from: from, after: try WireParts.sequence(from: &reader))
        default: throw reader.error(.invalid, "a transition is there or not: 0 or 1")
        }
        return Introduction(
            replica: replica,
            epoch: epoch,
            schemaVersion: schemaVersion,
            acknowledged: acknowledged,
            dictionaryVersion: dictionaryVersion,
            scopes: scopes,
            transition: transition
        )
    }
}

/// Parts that several messages share.
enum WireParts {
    static func encode(_ vector: VersionVector, into writer: inout ByteWriter) {
        writer.count(vector.entries.count)
        for entry in vector.entries {
            writer.fixed64(entry.replica.rawValue)
            writer.unsigned(entry.counter)
        }
    }

    static func vector(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> VersionVector {
        let count = try reader.count(max: limits.replicasMax, bytesEach: 9, of: "replicas")
        var vector = VersionVector()
        var last: ReplicaID?
        for _ in 0..<count {
            let replica = ReplicaID(try reader.fixed64())
            let counter = try WireParts.counter(from: &reader)
            if let last, replica <= last {
                throw reader.error(.notCanonical, "replicas out of order")
            }
            last = replica
            vector[replica] = counter
        }
        return vector
    }

    static func encode(_ scopes: [String], into writer: inout ByteWriter) {
        writer.count(scopes.count)
        for scope in scopes { writer.text(scope) }
    }

    static func scopes(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> [String] {
        let count = try reader.count(max: limits.scopesMax, bytesEach: 1, of: "scopes")
        var scopes: [String] = []
        for _ in 0..<count {
            let scope = try reader.text(max: limits.nameBytesMax)
            if let last = scopes.last, !last.precedesByBytes(scope) {
                throw reader.error(.notCanonical, "scopes out of order")
            }
            // A store keeps a list of scopes as lines.
            guard !scope.isEmpty, !scope.utf8.contains(UInt8(ascii: "\n")) else {
                throw reader.error(.invalid, "a scope that is empty or holds a line feed")
            }
            scopes.append(scope)
        }
        return scopes
    }

    /// A counter of a replica: from 1, and within SQLite's signed 64 bits.
    static func counter(from reader: inout ByteReader) throws(WireError) -> UInt64 {
        let counter = try sequence(from: &reader)
        guard counter > 0 else { throw reader.error(.invalid, "counters start at 1") }
        return counter
    }

    static func epoch(from reader: inout ByteReader) throws(WireError) -> Epoch {
        guard let epoch = try optionalEpoch(from: &reader) else {
            throw reader.error(.invalid, "an epoch of zeros is none")
        }
        return epoch
    }

    /// An epoch, or sixteen zeros for none.
    static func optionalEpoch(from reader: inout ByteReader) throws(WireError) -> Epoch? {
        let epoch = Epoch(high: try reader.fixed64(), low: try reader.fixed64())
        guard epoch.high > 0 || epoch.low == 0 else {
            throw reader.error(.invalid, "the first half of an epoch is not 0")
        }
        return epoch.high == 0 ? nil : epoch
    }

    /// A message for people, fit for the wire: no U+0000, and cut at a character where it is too long.
    static func encode(message: String, into writer: inout ByteWriter) {
        let bytesMax = WireLimits.standard.nameBytesMax
        var text = ""
        var size = 0
        for scalar in message.unicodeScalars where scalar.value != 0 {
            size += UTF8.width(scalar)
            if size > bytesMax { break }
            text.unicodeScalars.append(scalar)
        }
        writer.text(text)
    }

    /// A hub sequence or record number: it must fit SQLite's signed 64 bits.
    static func sequence(from reader: inout ByteReader) throws(WireError) -> UInt64 {
        let value = try reader.unsigned()
        guard value <= UInt64(Int64.max) else {
            throw reader.error(.overflow, "\(value) is over 2^63 - 1")
        }
        return value
    }
}
