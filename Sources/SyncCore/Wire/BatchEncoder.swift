import Replication

/// Writes a batch as columns.
///
/// Layout (all integer columns as in `IntegerColumn`, one value a change, entry or action):
///
///     sequencing      1 byte: 0 no entry is sequenced, 1 all are, 2 some are, the others have 0;
///                     and 4 more where an entry is blind, 8 more where bases are of other epochs
///                     than the message's
///     changes         varint n, then nothing else when 0
///     replica table   varint, 8 bytes each, little end first
///     text table      varint, lengths column, UTF-8 bytes
///     epoch table     with 8: varint, 16 bytes each, in the order of first use
///     of changes      replica number · counter − the replica's previous counter − 1 ·
///                     base − previous base (zig-zag) · with 8: epoch of the base (0 the message's,
///                     else its place in the table from 1) · number of peer entries ·
///                     wall time − previous (zig-zag) · logical · author text · reason text ·
///                     parts of the change · entries that stand here
///     peers           replica number, counter; one by one
///     of entries      part number · identity (0 by hub number, 1 by identity, 2 both)
///                     where one is blind: 0, or 1 + the changes that alone it had seen
///     only seen       replica number, counter; one by one
///                     sequenced only: sequence − previous − 1 (zig-zag) · has a bound
///     bounds          wall time, logical; one by one
///     hub numbers     − previous (zig-zag), for identities 0 and 2
///     identities      type, RecordIDCodec; one by one, for identities 1 and 2
///     actions         number of actions of each entry · action codes · field of each write
///     marks           reasons and seals; one by one
///     values          for each (type, field) in order: element column, then value column
///
/// Equal batches have equal bytes.
package struct BatchEncoder {
    private var strings = StringTableWriter()
    private var replicas = ReplicaTableWriter()
    private var columns = ByteWriter()
    /// The message's epoch, and the others that bases are of.
    private let epoch: Epoch?
    private var others: [Epoch] = []

    private init(epoch: Epoch?) { self.epoch = epoch }

    /// - `epoch`: the epoch that the receiver takes a base to be of; nil for none, so that the bytes
    ///   name all.
    package static func encode(_ batch: Batch, epoch: Epoch? = nil) -> [UInt8] {
        var encoder = BatchEncoder(epoch: epoch)
        return encoder.encode(batch)
    }

    private mutating func encode(_ batch: Batch) -> [UInt8] {
        var writer = ByteWriter(reserving: batch.entries.count * 32)
        let isPartly = batch.entries.contains { $0.sequence == 0 }
        let changes = BatchEncoder.changes(of: batch)
        let epochs = changes.map { place(of: batch.entries[$0.lowerBound].entry.context) }
        let isBlind = batch.entries.contains { $0.entry.context.onlySeen != nil }
        let sequencing: UInt8 = batch.isSequenced ? (isPartly ? 2 : 1) : 0
        writer.byte(sequencing | (isBlind ? 4 : 0) | (others.isEmpty ? 0 : 8))
        writer.count(changes.count)
        guard !changes.isEmpty else { return writer.bytes }
        encodeChanges(changes, epochs, batch)
        encodeEntries(batch, isBlind: isBlind)
        encodeActions(batch)
        replicas.encode(into: &writer)
        strings.encode(into: &writer)
        if !others.isEmpty {
            writer.count(others.count)
            for other in others { EpochNews.encode(other, into: &writer) }
        }
        writer.raw(columns.bytes)
        return writer.bytes
    }

    /// What stands for the epoch of a base.
    private mutating func place(of context: CausalContext) -> UInt64 {
        guard context.base > 0, let found = context.epoch, found != epoch else { return 0 }
        if let place = others.firstIndex(of: found) { return UInt64(place) + 1 }
        others.append(found)
        return UInt64(others.count)
    }

    /// The ranges of entries that belong to one change.
    private static func changes(of batch: Batch) -> [Range<Int>] {
        var changes: [Range<Int>] = []
        for index in batch.entries.indices {
            let entry = batch.entries[index].entry
            if let last = changes.last, batch.entries[last.lowerBound].entry.dot == entry.dot,
                batch.entries[last.upperBound - 1].entry.part < entry.part
            {
                changes[changes.count - 1] = last.lowerBound..<index + 1
            } else {
                changes.append(index..<index + 1)
            }
        }
        return changes
    }

    private mutating func column(_ values: [UInt64]) {
        IntegerColumn.encode(values, into: &columns)
    }

    private mutating func encodeChanges(
        _ changes: [Range<Int>],
        _ epochs: [UInt64],
        _ batch: Batch
    ) {
        let heads = changes.map { batch.entries[$0.lowerBound].entry }
        var counters: [ReplicaID: UInt64] = [:]
        column(heads.map { replicas.number($0.dot.replica) })
        column(
            heads.map {
                let previous = counters.updateValue($0.dot.counter, forKey: $0.dot.replica) ?? 0
                return UInt64(zigZag: Int64(bitPattern: $0.dot.counter &- previous &- 1))
            }
        )
        column(BatchEncoder.differences(heads.map { Int64(bitPattern: $0.context.base) }))
        if !others.isEmpty { column(epochs) }
        column(heads.map { UInt64($0.context.peers.entries.count) })
        column(BatchEncoder.differences(heads.map(\.timestamp.wallTime)))
        column(heads.map { UInt64($0.timestamp.logical) })
        column(heads.map { strings.reference($0.author) })
        column(heads.map { strings.reference($0.reason) })
        column(heads.map { UInt64($0.parts) })
        column(changes.map { UInt64($0.count) })
        for head in heads {
            for peer in head.context.peers.entries {
                columns.unsigned(replicas.number(peer.replica))
                columns.unsigned(peer.counter)
            }
        }
    }

    private mutating func encodeEntries(_ batch: Batch, isBlind: Bool) {
        let items = batch.entries
        column(items.map { UInt64($0.entry.part) })
        column(
            items.map {
                guard $0.recordNumber != nil else { return 1 }
                return $0.introducesRecord ? 2 : 0
            }
        )
        if isBlind { encodeOnlySeen(items) }
        if batch.isSequenced {
            var previous: UInt64 = 0
            column(
                items.map { item in
                    defer { previous = item.sequence }
                    return UInt64(zigZag: Int64(bitPattern: item.sequence &- previous &- 1))
                }
            )
            column(items.map { $0.bound == nil ? 0 : 1 })
            for bound in items.compactMap(\.bound) {
                columns.signed(bound.wallTime)
                columns.unsigned(UInt64(bound.logical))
            }
        }
        column(
            BatchEncoder.differences(
                items.compactMap { $0.recordNumber.map { Int64(bitPattern: $0) } }
            )
        )
        for item in items where item.recordNumber == nil || item.introducesRecord {
            columns.unsigned(UInt64(item.entry.record.type))
            RecordIDCodec.encode(
                item.entry.record.id,
                strings: &strings,
                replicas: &replicas,
                into: &columns
            )
        }
    }

    private mutating func encodeOnlySeen(_ items: [Batch.Item]) {
        column(items.map { $0.entry.context.onlySeen.map { UInt64($0.count) + 1 } ?? 0 })
        for item in items {
            for dot in item.entry.context.onlySeen ?? [] {
                columns.unsigned(replicas.number(dot.replica))
                columns.unsigned(dot.counter)
            }
        }
    }

    private mutating func encodeActions(_ batch: Batch) {
        var codes: [UInt64] = []
        var fields: [UInt64] = []
        var marks = ByteWriter()
        var elements: [ColumnKey: [FieldValue]] = [:]
        for item in batch.entries {
            let type = item.entry.record.type
            for action in item.entry.actions {
                let code = ActionCode(action)
                codes.append(code.rawValue)
                switch action {
                case .create, .close: break
                case .collect(let kept):
                    marks.count(kept.count)
                    for field in kept { marks.unsigned(UInt64(field)) }
                case .collected(let digest): marks.raw(digest)
                case .write(let slot, let value):
                    fields.append(UInt64(slot.field))
                    if let element = slot.element {
                        elements[
                            ColumnKey(type: type, field: slot.field, role: .element),
                            default: []
                        ]
                        .append(element)
                    }
                    elements[ColumnKey(type: type, field: slot.field, role: .value), default: []]
                        .append(value)
                case .delete(let reason), .undelete(let reason), .void(let reason):
                    marks.unsigned(strings.reference(reason))
                case .seal(let reason, let content):
                    marks.unsigned(strings.reference(reason))
                    marks.count(content.count)
                    for sealed in content {
                        marks.unsigned(
                            UInt64(sealed.slot.field) << 1 | (sealed.slot.element == nil ? 0 : 1)
                        )
                        if let element = sealed.slot.element {
                            ValueCodec.encode(element, into: &marks)
                        }
                        ValueCodec.encode(sealed.value, into: &marks)
                    }
                case .unknown(let code, let payload):
                    marks.unsigned(UInt64(code))
                    marks.block(payload)
                }
            }
        }
        column(batch.entries.map { UInt64($0.entry.actions.count) })
        column(codes)
        column(fields)
        columns.raw(marks.bytes)
        for key in elements.keys.sorted() {
            ValueColumnWriter(values: elements[key] ?? [])
                .encode(strings: &strings, replicas: &replicas, into: &columns)
        }
    }

    private static func differences(_ values: [Int64]) -> [UInt64] {
        var previous: Int64 = 0
        return values.map { value in
            // Wrapping: the reader adds modulo 2^64 again.
            defer { previous = value }
            return UInt64(zigZag: value &- previous)
        }
    }
}

/// The kinds of action on the wire and in the store.
///
/// Numbers never change meaning; a code that is not listed is kept as `Operation.Action.unknown`.
enum ActionCode: UInt64 {
    case create = 0
    case write = 1
    case delete = 2
    case undelete = 3
    case void = 4
    case seal = 5
    case writeElement = 6
    /// Followed by the foreign code and its payload's length and bytes.
    case unknown = 7
    case close = 8
    case collect = 9
    case collected = 10

    init(_ action: Operation.Action) {
        self =
            switch action {
            case .create: .create
            case .write(let slot, _): slot.element == nil ? .write : .writeElement
            case .delete: .delete
            case .undelete: .undelete
            case .void: .void
            case .seal: .seal
            case .close: .close
            case .collect: .collect
            case .collected: .collected
            case .unknown: .unknown
            }
    }
}
