package import GRDB
package import Replication

/// Packs a log entry into one blob; the replica, counter and record stand in columns beside it.
///
/// Layout: format 1 byte, 1 · part · parts · base · n of peers, each replica number and counter ·
/// wall time (signed) · logical · author number · reason text · flags (1 has a bound, 2 is blind,
/// 4 the base is of another epoch than the store's first), [wall time, logical] · [n of changes that
/// alone were seen, each replica number and counter] · [the epoch's number] · n of actions, each
/// action code and content.
package enum EntryCodec {
    package static func encode(
        _ entry: LogEntry,
        bound: HybridTimestamp?,
        names: inout NameTable,
        _ db: Database
    ) throws -> [UInt8] {
        var writer = ByteWriter(reserving: 64)
        try encode(entry, bound: bound, names: &names, into: &writer, db)
        return writer.bytes
    }

    package static func encode(
        _ entry: LogEntry,
        bound: HybridTimestamp?,
        names: inout NameTable,
        into writer: inout ByteWriter,
        _ db: Database
    ) throws {
        writer.byte(1)
        writer.unsigned(UInt64(entry.part))
        writer.unsigned(UInt64(entry.parts))
        writer.unsigned(entry.context.base)
        writer.count(entry.context.peers.entries.count)
        for peer in entry.context.peers.entries {
            writer.unsigned(UInt64(try names.number(of: peer.replica, db)))
            writer.unsigned(peer.counter)
        }
        writer.signed(entry.timestamp.wallTime)
        writer.unsigned(UInt64(entry.timestamp.logical))
        writer.unsigned(UInt64(try names.number(ofAuthor: entry.author, db)))
        writer.text(entry.reason)
        let onlySeen = entry.context.onlySeen
        let epoch = try entry.context.epoch.map { try names.number(of: $0, db) } ?? 1
        writer.byte(
            (bound == nil ? 0 : 1) | (onlySeen == nil ? 0 : 2) | (epoch == 1 ? 0 : 4)
        )
        if let bound {
            writer.signed(bound.wallTime)
            writer.unsigned(UInt64(bound.logical))
        }
        if let onlySeen {
            writer.count(onlySeen.count)
            for dot in onlySeen {
                writer.unsigned(UInt64(try names.number(of: dot.replica, db)))
                writer.unsigned(dot.counter)
            }
        }
        if epoch != 1 { writer.unsigned(UInt64(epoch)) }
        writer.count(entry.actions.count)
        for action in entry.actions { encode(action, into: &writer) }
    }

    /// Which of its change's entries this is, from the blob's first bytes.
    static func part(_ head: [UInt8]) throws(WireError) -> UInt32 {
        var reader = ByteReader(head, part: "log entry")
        _ = try reader.byte()
        return try reader.unsigned32()
    }

    /// An entry's reason, without reading what follows it.
    package static func reason(_ bytes: [UInt8]) throws(WireError) -> String {
        var reader = ByteReader(bytes, part: "log entry")
        let format = try reader.byte()
        guard format == 1 else {
            throw reader.error(.unknownVersion, "entry format \(format); this program knows 1")
        }
        // Part, parts, base.
        for _ in 0..<3 { _ = try reader.unsigned() }
        let peers = try reader.count(
            max: WireLimits.standard.replicasMax,
            bytesEach: 2,
            of: "peers"
        )
        for _ in 0..<2 * peers { _ = try reader.unsigned() }
        _ = try reader.signed()
        // The clock's count, and the author.
        for _ in 0..<2 { _ = try reader.unsigned() }
        return try reader.text(max: WireLimits.standard.valueBytesMax)
    }

    private static func encode(_ action: Operation.Action, into writer: inout ByteWriter) {
        if case .write(let slot, let value) = action {
            let code: ActionCode = slot.element == nil ? .write : .writeElement
            writer.unsigned(code.rawValue)
            writer.unsigned(UInt64(slot.field))
            if let element = slot.element { ValueCodec.encode(element, into: &writer) }
            ValueCodec.encode(value, into: &writer)
            return
        }
        writer.unsigned(ActionCode(action).rawValue)
        switch action {
        case .create, .write, .close: break
        case .collect(let fields):
            writer.count(fields.count)
            for field in fields { writer.unsigned(UInt64(field)) }
        case .collected(let digest): writer.raw(digest)
        case .delete(let reason), .undelete(let reason), .void(let reason): writer.text(reason)
        case .seal(let reason, let content):
            writer.text(reason)
            writer.count(content.count)
            for sealed in content {
                SlotCodec.encode(sealed.slot, after: 0, into: &writer)
                ValueCodec.encode(sealed.value, into: &writer)
            }
        case .unknown(let code, let payload):
            writer.unsigned(UInt64(code))
            writer.block(payload)
        }
    }

    package static func decode(
        _ bytes: [UInt8],
        dot: Dot,
        record: RecordKey,
        names: inout NameTable,
        _ db: Database
    ) throws -> (entry: LogEntry, bound: HybridTimestamp?) {
        var reader = ByteReader(bytes, part: "log entry")
        let format = try reader.byte()
        guard format == 1 else {
            throw reader.error(.unknownVersion, "entry format \(format); this program knows 1")
        }
        let part = try reader.unsigned32()
        let parts = try reader.unsigned32()
        var context = CausalContext(base: try reader.unsigned())
        let peers = try reader.count(
            max: WireLimits.standard.replicasMax,
            bytesEach: 2,
            of: "peers"
        )
        for _ in 0..<peers {
            let replica = try names.replica(Int64(bitPattern: try reader.unsigned()), db)
            context.peers[replica] = try reader.unsigned()
        }
        let timestamp = HybridTimestamp(
            wallTime: try reader.signed(),
            logical: try reader.unsigned32()
        )
        let author = try names.author(Int64(bitPattern: try reader.unsigned()), db)
        let reason = try reader.text(max: WireLimits.standard.valueBytesMax)
        let flags = try reader.byte()
        guard flags < 8 else { throw reader.error(.invalid, "an entry with the flags \(flags)") }
        var bound: HybridTimestamp?
        if flags & 1 != 0 {
            let wallTime = try reader.signed()
            bound = HybridTimestamp(wallTime: wallTime, logical: try reader.unsigned32())
        }
        if flags & 2 != 0 {
            context.onlySeen = try decodeOnlySeen(from: &reader, names: &names, db)
        }
        let epoch = flags & 4 == 0 ? 1 : Int64(bitPattern: try reader.unsigned())
        if context.base > 0 { context.epoch = try names.epoch(epoch, db) }
        if flags & 4 != 0, context.epoch == nil {
            throw reader.error(.invalid, "epoch \(epoch) is not in the store")
        }
        let count = try reader.count(
            max: WireLimits.standard.operationsMax,
            bytesEach: 1,
            of: "actions"
        )
        var actions: [Operation.Action] = []
        actions.reserveCapacity(count)
        for _ in 0..<count { actions.append(try decodeAction(from: &reader)) }
        try reader.finish()
        let entry = LogEntry(
            dot: dot,
            part: part,
            parts: parts,
            context: context,
            timestamp: timestamp,
            author: author,
            reason: reason,
            record: record,
            actions: actions
        )
        return (entry, bound)
    }

    private static func decodeOnlySeen(
        from reader: inout ByteReader,
        names: inout NameTable,
        _ db: Database
    ) throws -> [Dot] {
        let count = try reader.count(
            max: CausalContext.onlySeenMax,
            bytesEach: 2,
            of: "changes that were seen"
        )
        var dots: [Dot] = []
        for _ in 0..<count {
            let replica = try names.replica(Int64(bitPattern: try reader.unsigned()), db)
            dots.append(Dot(replica, try reader.unsigned()))
        }
        return dots
    }

    private static func decodeAction(
        from reader: inout ByteReader
    ) throws(WireError) -> Operation.Action {
        let raw = try reader.unsigned()
        let textMax = WireLimits.standard.valueBytesMax
        switch ActionCode(rawValue: raw) {
        case .create: return .create
        case .write:
            let field = try reader.unsigned32()
            return .write(SlotKey(field), try ValueCodec.decode(from: &reader))
        case .writeElement:
            let field = try reader.unsigned32()
            let element = try ValueCodec.decode(from: &reader)
            return .write(SlotKey(field, element: element), try ValueCodec.decode(from: &reader))
        case .delete: return .delete(reason: try reader.text(max: textMax))
        case .undelete: return .undelete(reason: try reader.text(max: textMax))
        case .void: return .void(reason: try reader.text(max: textMax))
        case .seal:
            let reason = try reader.text(max: textMax)
            var content: [Operation.SealedValue] = []
            let count = try reader.count(
                max: WireLimits.standard.operationsMax,
                bytesEach: 2,
                of: "sealed values"
            )
            for _ in 0..<count {
                let slot = try SlotCodec.decode(after: 0, from: &reader)
                content.append(Operation.SealedValue(slot, try ValueCodec.decode(from: &reader)))
            }
            return .seal(reason: reason, content: content)
        case .close: return .close
        case .collect:
            let count = try reader.count(
                max: WireLimits.standard.operationsMax,
                bytesEach: 1,
                of: "fields that stay"
            )
            var fields: [UInt32] = []
            for _ in 0..<count { fields.append(try reader.unsigned32()) }
            return .collect(keeping: fields)
        case .collected: return .collected(digest: Array(try reader.raw(EntryDigest.bytes)))
        case .unknown:
            let code = try reader.unsigned32()
            return .unknown(code: code, payload: try reader.block(max: textMax))
        case nil: throw reader.error(.invalid, "\(raw) is no kind of action")
        }
    }
}

extension RecordStore {
    /// A replica's number in this store's tables.
    package func replicaNumber(of replica: ReplicaID, _ db: Database) throws -> Int64 {
        try names.number(of: replica, db)
    }

    /// A record's identity as a store's key.
    package func identity(of key: RecordKey) -> DatabaseValue {
        ValueCodec.bytes(of: key.id).data.databaseValue
    }

    /// An entry as the quarantine keeps it: a batch of one, by identity, that can be decoded alone.
    package func quarantineBlob(of entry: LogEntry, _ db: Database) throws -> DatabaseValue {
        let batch = Batch(entries: [Batch.Item(entry: entry)], isSequenced: false)
        return BatchEncoder.encode(batch).data.databaseValue
    }
}
