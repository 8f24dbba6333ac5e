package import Replication

/// Reads a batch; the layout stands at `BatchEncoder`.
package struct BatchDecoder {
    private var reader: ByteReader
    private let limits: WireLimits
    private let resolve: (UInt64) -> RecordKey?
    private var strings: StringTableReader
    private var replicas: ReplicaTableReader

    /// Reads a whole batch.
    ///
    /// - `resolve`: gives the record of a hub number; nil refuses the batch.
    package static func decode(
        _ bytes: [UInt8],
        limits: WireLimits = .standard,
        resolve: (UInt64) -> RecordKey?
    ) throws(WireError) -> Batch {
        var reader = ByteReader(bytes, part: "batch")
        let flags = try reader.byte()
        guard flags <= 2 else { throw reader.error(.unknownVersion, "batch sequencing \(flags)") }
        let isSequenced = flags != 0
        let changes = try reader.count(max: limits.changesMax, of: "changes")
        guard changes > 0 else {
            guard flags < 2 else { throw reader.error(.notCanonical, "an empty batch of some") }
            try reader.finish()
            return Batch(isSequenced: isSequenced)
        }
        // The closure does not outlive this call.
        return try withoutActuallyEscaping(resolve) { resolve throws(WireError) -> Batch in
            let replicas = try ReplicaTableReader(from: &reader, limits: limits)
            let strings = try StringTableReader(from: &reader, limits: limits)
            var decoder = BatchDecoder(
                reader: reader,
                limits: limits,
                resolve: resolve,
                strings: strings,
                replicas: replicas
            )
            let batch = try decoder.decode(changes: changes, isSequenced: isSequenced)
            let isPartly = batch.entries.contains(where: { $0.sequence == 0 })
            guard !isSequenced || (flags == 2) == isPartly
            else { throw reader.error(.invalid, "batch sequencing \(flags) is not what it has") }
            return batch
        }
    }

    private init(
        reader: ByteReader,
        limits: WireLimits,
        resolve: @escaping (UInt64) -> RecordKey?,
        strings: StringTableReader,
        replicas: ReplicaTableReader
    ) {
        self.reader = reader
        self.limits = limits
        self.resolve = resolve
        self.strings = strings
        self.replicas = replicas
    }

    private mutating func decode(
        changes: Int,
        isSequenced: Bool
    ) throws(WireError) -> Batch {
        let heads = try decodeChanges(changes)
        var items = try decodeEntries(heads, isSequenced: isSequenced)
        try decodeActions(&items)
        try replicas.finish(reader)
        try strings.finish(reader)
        try reader.finish()
        return Batch(entries: items, isSequenced: isSequenced)
    }

    private mutating func column(_ count: Int) throws(WireError) -> [UInt64] {
        try IntegerColumn.decode(count, from: &reader)
    }

    private mutating func strings(_ count: Int) throws(WireError) -> [String] {
        var result: [String] = []
        for reference in try column(count) {
            result.append(try strings.string(reference, reader))
        }
        return result
    }

    private func number32(_ value: UInt64) throws(WireError) -> UInt32 {
        guard let value = UInt32(exactly: value) else {
            throw reader.error(.overflow, "\(value) has more than 32 bits")
        }
        return value
    }

    /// A change's part of each entry, and how many entries stand here.
    private struct Head {
        var entry: LogEntry
        var entries: Int
    }

    private mutating func decodeChanges(_ count: Int) throws(WireError) -> [Head] {
        let replicaNumbers = try column(count)
        let counters = try column(count)
        let bases = try column(count)
        let peerCounts = try column(count)
        let times = try column(count)
        let logicals = try column(count)
        let authors = try strings(count)
        for author in authors where author.utf8.count > limits.nameBytesMax {
            throw reader.error(.limit, "an author's name of \(author.utf8.count) bytes")
        }
        let reasons = try strings(count)
        let parts = try column(count)
        let entryCounts = try column(count)
        var writers: [ReplicaID] = []
        writers.reserveCapacity(count)
        for number in replicaNumbers { writers.append(try replicas.replica(number, reader)) }
        var previousCounters: [ReplicaID: UInt64] = [:]
        var base: Int64 = 0
        var time: Int64 = 0
        var heads: [Head] = []
        heads.reserveCapacity(count)
        var entriesInAll = 0
        for index in 0..<count {
            let replica = writers[index]
            let previous = previousCounters[replica] ?? 0
            let counter =
                previous &+ 1 &+ UInt64(bitPattern: Int64(zigZag: counters[index]))
            guard counter > 0 else { throw reader.error(.invalid, "counters start at 1") }
            previousCounters[replica] = counter
            base = base &+ Int64(zigZag: bases[index])
            time = time &+ Int64(zigZag: times[index])
            guard base >= 0 else { throw reader.error(.invalid, "a base below 0") }
            let peers = try decodePeers(peerCounts[index])
            guard entryCounts[index] > 0, entryCounts[index] <= UInt64(limits.operationsMax),
                parts[index] >= entryCounts[index]
            else { throw reader.error(.limit, "\(entryCounts[index]) entries in one change") }
            entriesInAll += Int(entryCounts[index])
            guard entriesInAll <= limits.operationsMax else {
                throw reader.error(.limit, "over \(limits.operationsMax) entries in one batch")
            }
            let entry = LogEntry(
                dot: Dot(replica, counter),
                part: 0,
                parts: try number32(parts[index]),
                context: CausalContext(base: UInt64(base), peers: peers),
                timestamp: HybridTimestamp(
                    wallTime: time,
                    logical: try number32(logicals[index])
                ),
                author: authors[index],
                reason: reasons[index],
                record: RecordKey(type: 0, id: .named("")),
                actions: []
            )
            heads.append(Head(entry: entry, entries: Int(entryCounts[index])))
        }
        return heads
    }

    private mutating func decodePeers(_ count: UInt64) throws(WireError) -> VersionVector {
        guard count <= UInt64(limits.replicasMax) else {
            throw reader.error(.limit, "\(count) peers in one context")
        }
        var peers = VersionVector()
        var last: ReplicaID?
        for _ in 0..<Int(count) {
            let replica = try replicas.replica(try reader.unsigned(), reader)
            let counter = try reader.unsigned()
            if let last, replica <= last {
                throw reader.error(.notCanonical, "peers out of order")
            }
            guard counter > 0 else { throw reader.error(.invalid, "counters start at 1") }
            last = replica
            peers[replica] = counter
        }
        return peers
    }

    private mutating func decodeEntries(
        _ heads: [Head],
        isSequenced: Bool
    ) throws(WireError) -> [Batch.Item] {
        var items: [Batch.Item] = []
        // The columns first: they bound how many entries a few bytes can ask for.
        let count = heads.reduce(0) { $0 + $1.entries }
        let parts = try column(count)
        let kinds = try column(count)
        for head in heads {
            var last = items.last.flatMap { $0.entry.dot == head.entry.dot ? $0.entry.part : nil }
            for place in 0..<head.entries {
                var item = Batch.Item(entry: head.entry)
                item.entry.part = try number32(parts[items.count])
                guard item.entry.part < item.entry.parts else {
                    throw reader.error(.invalid, "part \(item.entry.part) of a change with fewer")
                }
                // Parts grow within a change; where they do not, another change begins.
                if let last, (last < item.entry.part) != (place > 0) {
                    throw reader.error(.notCanonical, "the parts of a change are torn")
                }
                guard kinds[items.count] <= 2 else {
                    throw reader.error(.invalid, "\(kinds[items.count]) is no way to name a record")
                }
                last = item.entry.part
                items.append(item)
            }
        }
        if isSequenced { try decodeSequences(&items) }
        let numbered = kinds.indices.filter { kinds[$0] != 1 }
        var number: Int64 = 0
        for (index, difference) in zip(numbered, try column(numbered.count)) {
            number = number &+ Int64(zigZag: difference)
            guard number > 0 else { throw reader.error(.invalid, "record numbers start at 1") }
            items[index].recordNumber = UInt64(number)
            items[index].introducesRecord = kinds[index] == 2
        }
        var introduced: [UInt64: RecordKey] = [:]
        for index in items.indices {
            if kinds[index] == 0, let number = items[index].recordNumber {
                guard let record = introduced[number] ?? resolve(number) else {
                    throw reader.error(.invalid, "record number \(number) is not known here")
                }
                items[index].entry.record = record
                continue
            }
            let type = try reader.unsigned32()
            let id = try RecordIDCodec.decode(
                strings: &strings,
                replicas: &replicas,
                limits: limits,
                from: &reader
            )
            items[index].entry.record = RecordKey(type: type, id: id)
            if let number = items[index].recordNumber {
                introduced[number] = items[index].entry.record
            }
        }
        return items
    }

    private mutating func decodeSequences(_ items: inout [Batch.Item]) throws(WireError) {
        let sequences = try column(items.count)
        let bounded = try column(items.count)
        var sequence: UInt64 = 0
        for index in items.indices {
            sequence = sequence &+ 1 &+ UInt64(bitPattern: Int64(zigZag: sequences[index]))
            guard sequence <= UInt64(Int64.max) else {
                throw reader.error(.invalid, "sequences are below 2^63")
            }
            items[index].sequence = sequence
        }
        for index in items.indices where bounded[index] != 0 {
            guard bounded[index] == 1 else { throw reader.error(.invalid, "a bound is 0 or 1") }
            let wallTime = try reader.signed()
            items[index].bound = HybridTimestamp(
                wallTime: wallTime,
                logical: try reader.unsigned32()
            )
        }
    }

    private mutating func decodeActions(_ items: inout [Batch.Item]) throws(WireError) {
        let counts = try column(items.count)
        var total = 0
        for count in counts {
            guard count <= UInt64(limits.operationsMax - total) else {
                throw reader.error(.limit, "over \(limits.operationsMax) operations in one batch")
            }
            total += Int(count)
        }
        var codes: [ActionCode] = []
        codes.reserveCapacity(total)
        for code in try column(total) {
            guard let code = ActionCode(rawValue: code) else {
                throw reader.error(.invalid, "\(code) is no kind of action")
            }
            codes.append(code)
        }
        let fields = try column(codes.count { $0 == .write || $0 == .writeElement })
        // First everything but the values, then the value columns in order of their keys.
        var pending: [ColumnKey: [(item: Int, action: Int)]] = [:]
        var nextCode = 0
        var nextField = 0
        for index in items.indices {
            for _ in 0..<Int(counts[index]) {
                let code = codes[nextCode]
                nextCode += 1
                switch code {
                case .write, .writeElement:
                    let field = try number32(fields[nextField])
                    nextField += 1
                    let place = (index, items[index].entry.actions.count)
                    let type = items[index].entry.record.type
                    if code == .writeElement {
                        let key = ColumnKey(type: type, field: field, role: .element)
                        pending[key, default: []].append(place)
                    }
                    let key = ColumnKey(type: type, field: field, role: .value)
                    pending[key, default: []].append(place)
                    items[index].entry.actions.append(.write(SlotKey(field), .null))
                default:
                    items[index].entry.actions.append(try decodeMark(code))
                }
            }
        }
        for key in pending.keys.sorted() {
            try decodeValues(key, at: pending[key] ?? [], into: &items)
        }
    }

    private mutating func decodeValues(
        _ key: ColumnKey,
        at places: [(item: Int, action: Int)],
        into items: inout [Batch.Item]
    ) throws(WireError) {
        let values = try ValueColumnReader.decode(
            places.count,
            strings: &strings,
            replicas: &replicas,
            limits: limits,
            from: &reader
        )
        for (place, value) in zip(places, values) {
            guard
                case .write(let slot, let other) = items[place.item].entry.actions[place.action]
            else { continue }
            items[place.item].entry.actions[place.action] =
                key.role == .element
                ? .write(SlotKey(slot.field, element: value), other) : .write(slot, value)
        }
    }

    private mutating func decodeMark(
        _ code: ActionCode
    ) throws(WireError) -> Operation.Action {
        switch code {
        case .create, .write, .writeElement: return .create
        case .delete: return .delete(reason: try strings.string(try reader.unsigned(), reader))
        case .undelete: return .undelete(reason: try strings.string(try reader.unsigned(), reader))
        case .void: return .void(reason: try strings.string(try reader.unsigned(), reader))
        case .seal:
            let reason = try strings.string(try reader.unsigned(), reader)
            let count = try reader.count(
                max: limits.operationsMax,
                bytesEach: 2,
                of: "sealed values"
            )
            var content: [Operation.SealedValue] = []
            for _ in 0..<count {
                let head = try reader.unsigned()
                let element = head & 1 == 1 ? try ValueCodec.decode(from: &reader) : nil
                let slot = SlotKey(try number32(head >> 1), element: element)
                content.append(
                    Operation.SealedValue(slot, try ValueCodec.decode(from: &reader))
                )
            }
            return .seal(reason: reason, content: content)
        case .unknown:
            let foreign = try reader.unsigned32()
            return .unknown(code: foreign, payload: try reader.block(max: limits.valueBytesMax))
        }
    }
}
