import Replication

extension SyncResponse {
    /// The message's bytes.
    ///
    /// - `epoch`: the epoch that the device takes the entries' bases to be of.
    public func encoded(dictionary: CompressionDictionary?, epoch: Epoch? = nil) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(SyncRequest.version)
        guard encodeStatus(into: &writer) else { return writer.bytes }
        var flags: UInt8 = 0
        if registration != nil { flags |= 1 }
        if !receipts.isEmpty { flags |= 2 }
        if !leaves.isEmpty { flags |= 4 }
        if !quarantined.isEmpty { flags |= 8 }
        if !entries.entries.isEmpty { flags |= 16 }
        if head > through { flags |= 32 }
        if transitionThrough != nil { flags |= 64 }
        if !news.isEmpty { flags |= 128 }
        writer.byte(flags)
        if let registration {
            writer.unsigned(registration.number)
            writer.fixed32(registration.tag)
            writer.fixed64(registration.epoch.high)
            writer.fixed64(registration.epoch.low)
        }
        writer.unsigned(through)
        if head > through { writer.unsigned(head - through) }
        if let transitionThrough { writer.unsigned(transitionThrough) }
        if !receipts.isEmpty {
            writer.count(receipts.count)
            for receipt in receipts { SyncResponse.encode(receipt, into: &writer) }
        }
        if !leaves.isEmpty {
            writer.count(leaves.count)
            for number in leaves { writer.unsigned(number) }
        }
        if !quarantined.isEmpty {
            writer.count(quarantined.count)
            for item in quarantined {
                writer.unsigned(item.counter)
                WireParts.encode(message: item.reason, into: &writer)
            }
        }
        if !news.isEmpty { news.encode(into: &writer) }
        if !entries.entries.isEmpty {
            CompressedBlock.encode(
                BatchEncoder.encode(entries, epoch: registration?.epoch ?? epoch),
                dictionary: dictionary,
                into: &writer
            )
        }
        return writer.bytes
    }

    /// Whether more follows the status.
    private func encodeStatus(into writer: inout ByteWriter) -> Bool {
        switch status {
        case .done:
            writer.byte(0)
            return true
        case .introduce: writer.byte(1)
        case .gap(let expected):
            writer.byte(2)
            writer.unsigned(expected)
        case .fork(let counter):
            writer.byte(3)
            writer.unsigned(counter)
        case .refused(let code, let message):
            writer.byte(4)
            writer.unsigned(code)
            WireParts.encode(message: message, into: &writer)
        case .busy(let milliseconds):
            writer.byte(5)
            writer.unsigned(milliseconds)
        case .newEpoch(let epoch):
            writer.byte(6)
            writer.fixed64(epoch.high)
            writer.fixed64(epoch.low)
            EpochNews.encode(news.births, into: &writer)
        }
        return false
    }

    static func encode(_ receipt: ReplicaReceipts, into writer: inout ByteWriter) {
        writer.fixed64(receipt.replica.rawValue)
        writer.count(receipt.runs.count)
        for run in receipt.runs { WireParts.encode(run, into: &writer) }
        writer.count(receipt.bounds.count)
        for bound in receipt.bounds {
            writer.unsigned(bound.counter)
            writer.signed(bound.timestamp.wallTime)
            writer.unsigned(UInt64(bound.timestamp.logical))
        }
        writer.count(receipt.records.count)
        var counter: UInt64 = 0
        var number: UInt64 = 0
        for record in receipt.records {
            writer.signed(Int64(bitPattern: record.counter &- counter))
            writer.unsigned(UInt64(record.part))
            writer.signed(Int64(bitPattern: record.number &- number))
            counter = record.counter
            number = record.number
        }
    }

    /// Reads a message.
    ///
    /// - `receiving`: told the receipts before the entries are read: an entry may name by number
    ///   a record that the receiver created and whose number only these receipts tell.
    /// - `skippingEntries`: told all but the entries, whether they may be left unread.
    /// - `epoch`: the hub's, as the device knows it; a registration overrides it.
    /// - `resolve`: gives the record of a hub number.
    public static func decode(
        _ bytes: [UInt8],
        dictionaries: [CompressionDictionary],
        limits: WireLimits = .standard,
        epoch: Epoch? = nil,
        receiving: ([ReplicaReceipts]) -> Void = { _ in },
        skippingEntries: (SyncResponse) -> Bool = { _ in false },
        resolve: (UInt64) -> RecordKey?
    ) throws(WireError) -> SyncResponse {
        var reader = ByteReader(bytes, part: "response")
        guard bytes.count <= limits.bodyBytesMax else {
            throw reader.error(.limit, "the body has \(bytes.count) bytes")
        }
        let version = try reader.byte()
        guard version == SyncRequest.version else {
            throw reader.error(
                .unknownVersion,
                "protocol version \(version); is this a hub? this side speaks 1"
            )
        }
        var response = SyncResponse(status: try decodeStatus(from: &reader, limits: limits))
        guard response.status == .done else {
            if case .newEpoch = response.status {
                response.news.births = try EpochNews.births(from: &reader, limits: limits)
            }
            try reader.finish()
            return response
        }
        let flags = try reader.byte()
        if flags & 1 != 0 {
            response.registration = Registration(
                number: try WireParts.sequence(from: &reader),
                tag: try reader.fixed32(),
                epoch: try WireParts.epoch(from: &reader)
            )
        }
        response.through = try WireParts.sequence(from: &reader)
        response.head = response.through
        if flags & 32 != 0 {
            let ahead = try WireParts.sequence(from: &reader)
            // Both are below 2^63, so the sum does not overflow.
            response.head = response.through + ahead
            guard ahead > 0, response.head <= UInt64(Int64.max) else {
                throw reader.error(.invalid, "a head that is not ahead, or over 2^63 - 1")
            }
        }
        if flags & 64 != 0 { response.transitionThrough = try WireParts.sequence(from: &reader) }
        if flags & 2 != 0 {
            let count = try reader.count(max: limits.replicasMax, bytesEach: 11, of: "receipts")
            try requireContent(count, reader)
            for _ in 0..<count {
                response.receipts.append(try decodeReceipts(from: &reader, limits: limits))
            }
        }
        try decodeLists(flags, into: &response, from: &reader, limits: limits)
        if flags & 128 != 0 { response.news = try EpochNews(from: &reader, limits: limits) }
        guard flags & 16 != 0 else {
            try reader.finish()
            return response
        }
        let batch = try CompressedBlock.decode(
            from: &reader,
            dictionaries: dictionaries,
            limits: limits
        )
        receiving(response.receipts)
        if skippingEntries(response) { return response }
        response.entries = try BatchDecoder.decode(
            batch,
            limits: limits,
            epoch: response.registration?.epoch ?? epoch,
            resolve: resolve
        )
        guard !response.entries.entries.isEmpty else { throw empty(reader) }
        guard response.entries.isSequenced,
            response.entries.entries.allSatisfy({ $0.sequence > 0 })
        else { throw reader.error(.invalid, "an entry of the hub's has no sequence") }
        return response
    }

    private static func decodeStatus(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> Status {
        switch try reader.byte() {
        case 0: return .done
        case 1: return .introduce
        case 2: return .gap(expected: try WireParts.counter(from: &reader))
        case 3: return .fork(counter: try WireParts.counter(from: &reader))
        case 4:
            return .refused(
                code: try reader.unsigned(),
                message: try reader.text(max: limits.nameBytesMax)
            )
        case 5: return .busy(milliseconds: try reader.unsigned())
        case 6:
            return .newEpoch(try WireParts.epoch(from: &reader))
        case let status:
            throw reader.error(.unknownVersion, "status \(status)")
        }
    }

    /// What a flag announces is there: an empty list has no flag.
    private static func requireContent(
        _ count: Int,
        _ reader: borrowing ByteReader
    ) throws(WireError) {
        if count == 0 { throw empty(reader) }
    }

    private static func empty(_ reader: borrowing ByteReader) -> WireError {
        reader.error(.notCanonical, "a flag announces an empty list")
    }

    private static func decodeLists(
        _ flags: UInt8,
        into response: inout SyncResponse,
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) {
        if flags & 4 != 0 {
            let count = try reader.count(
                max: limits.operationsMax,
                bytesEach: 1,
                of: "leaving records"
            )
            try requireContent(count, reader)
            for _ in 0..<count { response.leaves.append(try WireParts.sequence(from: &reader)) }
        }
        if flags & 8 != 0 {
            let count = try reader.count(
                max: limits.changesMax,
                bytesEach: 2,
                of: "quarantined changes"
            )
            try requireContent(count, reader)
            for _ in 0..<count {
                response.quarantined.append(
                    Quarantined(
                        counter: try WireParts.counter(from: &reader),
                        reason: try reader.text(max: limits.nameBytesMax)
                    )
                )
            }
        }
    }

    static func decodeReceipts(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> ReplicaReceipts {
        var receipts = ReplicaReceipts(
            replica: ReplicaID(try reader.fixed64()),
            runs: [],
            bounds: [],
            records: []
        )
        receipts.runs = try WireParts.runs(from: &reader, limits: limits)
        let bounds = try reader.count(max: limits.changesMax, bytesEach: 3, of: "bounds")
        try reader.expect(bounds, of: Bound.self)
        for _ in 0..<bounds {
            let counter = try WireParts.counter(from: &reader)
            let wallTime = try reader.signed()
            receipts.bounds.append(
                Bound(
                    counter: counter,
                    timestamp: HybridTimestamp(
                        wallTime: wallTime,
                        logical: try reader.unsigned32()
                    )
                )
            )
        }
        let records = try reader.count(
            max: limits.operationsMax,
            bytesEach: 3,
            of: "record numbers"
        )
        try reader.expect(records, of: RecordNumber.self)
        var counter: UInt64 = 0
        var number: UInt64 = 0
        for _ in 0..<records {
            counter = counter &+ UInt64(bitPattern: try reader.signed())
            guard counter > 0, counter <= UInt64(Int64.max) else {
                throw reader.error(.invalid, "counters are 1 to 2^63 - 1")
            }
            let part = try reader.unsigned32()
            number = number &+ UInt64(bitPattern: try reader.signed())
            guard number > 0, number <= UInt64(Int64.max) else {
                throw reader.error(.invalid, "record numbers are 1 to 2^63 - 1")
            }
            receipts.records.append(RecordNumber(counter: counter, part: part, number: number))
        }
        guard !receipts.runs.isEmpty || !receipts.bounds.isEmpty || !receipts.records.isEmpty else {
            throw reader.error(.notCanonical, "receipts that say nothing")
        }
        return receipts
    }
}
