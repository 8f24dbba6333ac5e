package import Replication

/// Reads a batch; the layout stands at `BatchEncoder`.
package struct BatchDecoder {
    var reader: ByteReader
    let limits: WireLimits
    private let resolve: (UInt64) -> RecordKey?
    var strings: StringTableReader
    var replicas: ReplicaTableReader
    /// The message's epoch, and the others that bases are of; nil where all are the message's.
    private let epoch: Epoch?
    private let others: [Epoch]?

    /// Reads a whole batch.
    ///
    /// - `epoch`: the epoch that a base is of where the batch says nothing else.
    /// - `resolve`: gives the record of a hub number; nil refuses the batch.
    package static func decode(
        _ bytes: [UInt8],
        limits: WireLimits = .standard,
        epoch: Epoch? = nil,
        resolve: (UInt64) -> RecordKey?
    ) throws(WireError) -> Batch {
        var reader = ByteReader(bytes, part: "batch")
        let head = try reader.byte()
        let (flags, isBlind) = (head & 3, head & 4 != 0)
        guard flags <= 2, head < 16 else {
            throw reader.error(.unknownVersion, "batch sequencing \(head)")
        }
        let isSequenced = flags != 0
        let changes = try reader.count(max: limits.changesMax, of: "changes")
        guard changes > 0 else {
            guard head < 2 else { throw reader.error(.notCanonical, "an empty batch of some") }
            try reader.finish()
            return Batch(isSequenced: isSequenced)
        }
        // The closure does not outlive this call.
        return try withoutActuallyEscaping(resolve) { resolve throws(WireError) -> Batch in
            let replicas = try ReplicaTableReader(from: &reader, limits: limits)
            let strings = try StringTableReader(from: &reader, limits: limits)
            let others = try head & 8 == 0 ? nil : epochs(from: &reader, limits: limits)
            var decoder = BatchDecoder(
                reader: reader,
                limits: limits,
                resolve: resolve,
                strings: strings,
                replicas: replicas,
                epoch: epoch,
                others: others
            )
            let batch = try decoder.decode(
                changes: changes,
                isSequenced: isSequenced,
                isBlind: isBlind
            )
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
        replicas: ReplicaTableReader,
        epoch: Epoch?,
        others: [Epoch]?
    ) {
        self.epoch = epoch
        self.others = others
        self.reader = reader
        self.limits = limits
        self.resolve = resolve
        self.strings = strings
        self.replicas = replicas
    }

    private static func epochs(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> [Epoch] {
        let count = try reader.count(max: limits.epochsMax, bytesEach: 16, of: "epochs")
        var epochs: [Epoch] = []
        for _ in 0..<count { epochs.append(try WireParts.epoch(from: &reader)) }
        guard !epochs.isEmpty else { throw reader.error(.notCanonical, "no other epochs") }
        return epochs
    }

    /// Which epochs the bases are of: those of the table in the order of first use, each once.
    private mutating func baseEpochs(_ count: Int) throws(WireError) -> [Epoch?] {
        guard let others else { return Array(repeating: epoch, count: count) }
        var used = 0
        var result: [Epoch?] = []
        for place in try column(count) {
            guard place <= UInt64(min(used + 1, others.count)) else {
                throw reader.error(.notCanonical, "epochs are named in the order of their table")
            }
            used = max(used, Int(place))
            result.append(place == 0 ? epoch : others[Int(place) - 1])
        }
        guard used == others.count, Set(others).count == used, !result.isEmpty,
            epoch.map({ !others.contains($0) }) ?? true
        else { throw reader.error(.notCanonical, "the table of epochs is not what is used") }
        return result
    }

    private mutating func decode(
        changes: Int,
        isSequenced: Bool,
        isBlind: Bool
    ) throws(WireError) -> Batch {
        let heads = try decodeChanges(changes)
        var items = try decodeEntries(heads, isSequenced: isSequenced, isBlind: isBlind)
        try decodeActions(&items)
        try replicas.finish(reader)
        try strings.finish(reader)
        try reader.finish()
        return Batch(entries: items, isSequenced: isSequenced)
    }

    mutating func column(_ count: Int) throws(WireError) -> [UInt64] {
        try IntegerColumn.decode(count, from: &reader)
    }

    private mutating func strings(_ count: Int) throws(WireError) -> [String] {
        var result: [String] = []
        for reference in try column(count) {
            result.append(try strings.string(reference, reader))
        }
        return result
    }

    func number32(_ value: UInt64) throws(WireError) -> UInt32 {
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
        let epochs = try baseEpochs(count)
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
        try reader.expect(count, of: Head.self)
        var heads: [Head] = []
        heads.reserveCapacity(count)
        var entriesInAll = 0
        for index in 0..<count {
            let replica = writers[index]
            let previous = previousCounters[replica] ?? 0
            let counter =
                previous &+ 1 &+ UInt64(bitPattern: Int64(zigZag: counters[index]))
            guard counter > 0, counter <= UInt64(Int64.max) else {
                throw reader.error(.invalid, "counters are 1 to 2^63 - 1")
            }
            previousCounters[replica] = counter
            base = base &+ Int64(zigZag: bases[index])
            time = time &+ Int64(zigZag: times[index])
            guard base >= 0 else { throw reader.error(.invalid, "a base below 0") }
            guard base > 0 || epochs[index] == epoch else {
                throw reader.error(.notCanonical, "no base is of no epoch")
            }
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
                context: CausalContext(
                    base: UInt64(base),
                    peers: peers,
                    epoch: epochs[index]
                ),
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
        try reader.expect(Int(count), of: VersionVector.Entry.self)
        var peers = VersionVector()
        var last: ReplicaID?
        for _ in 0..<Int(count) {
            let replica = try replicas.replica(try reader.unsigned(), reader)
            let counter = try WireParts.counter(from: &reader)
            if let last, replica <= last {
                throw reader.error(.notCanonical, "peers out of order")
            }
            last = replica
            peers[replica] = counter
        }
        return peers
    }

    private mutating func decodeEntries(
        _ heads: [Head],
        isSequenced: Bool,
        isBlind: Bool
    ) throws(WireError) -> [Batch.Item] {
        var items: [Batch.Item] = []
        let count = heads.reduce(0) { $0 + $1.entries }
        try reader.expect(count, of: Batch.Item.self)
        items.reserveCapacity(count)
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
        if isBlind { try decodeOnlySeen(&items) }
        if isSequenced { try decodeSequences(&items) }
        try decodeNumbers(kinds, of: &items)
        try decodeRecords(of: &items)
        return items
    }

    private mutating func decodeOnlySeen(_ items: inout [Batch.Item]) throws(WireError) {
        let counts = try column(items.count)
        guard counts.contains(where: { $0 > 0 }) else {
            throw reader.error(.notCanonical, "no entry is blind")
        }
        for (index, count) in counts.enumerated() where count > 0 {
            guard count - 1 <= UInt64(CausalContext.onlySeenMax) else {
                throw reader.error(.limit, "an entry names \(count - 1) changes that it had seen")
            }
            try reader.expect(Int(count - 1), of: Dot.self)
            var dots: [Dot] = []
            for _ in 1..<count {
                let replica = try replicas.replica(try reader.unsigned(), reader)
                let dot = Dot(replica, try WireParts.counter(from: &reader))
                if let last = dots.last, dot <= last {
                    throw reader.error(.notCanonical, "changes that were seen out of order")
                }
                dots.append(dot)
            }
            items[index].entry.context.onlySeen = dots
        }
    }

    private mutating func decodeNumbers(
        _ kinds: [UInt64],
        of items: inout [Batch.Item]
    ) throws(WireError) {
        let numbered = kinds.indices.filter { kinds[$0] != 1 }
        var number: Int64 = 0
        for (index, difference) in zip(numbered, try column(numbered.count)) {
            number = number &+ Int64(zigZag: difference)
            guard number > 0 else { throw reader.error(.invalid, "record numbers start at 1") }
            items[index].recordNumber = UInt64(number)
            items[index].introducesRecord = kinds[index] == 2
            guard kinds[index] != 2 || items[index].sequence > 0 else {
                throw reader.error(.invalid, "only an entry that the hub has numbered introduces")
            }
        }
    }

    private mutating func decodeRecords(of items: inout [Batch.Item]) throws(WireError) {
        var known: [UInt64: RecordKey] = [:]
        for index in items.indices {
            let number = items[index].recordNumber
            if let number, !items[index].introducesRecord {
                guard let record = known[number] ?? resolve(number) else {
                    throw reader.error(.invalid, "record number \(number) is not known here")
                }
                items[index].entry.record = record
                known[number] = record
                continue
            }
            let type = try reader.unsigned32()
            let id = try RecordIDCodec.decode(
                strings: &strings,
                replicas: &replicas,
                limits: limits,
                from: &reader
            )
            let record = RecordKey(type: type, id: id)
            items[index].entry.record = record
            guard let number else { continue }
            if let other = known.updateValue(record, forKey: number), other != record {
                throw reader.error(.invalid, "record number \(number) stands for two records")
            }
        }
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
}
