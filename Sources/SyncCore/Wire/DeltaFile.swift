import Replication

/// Changes as a file or a message between peers.
///
/// Layout: "FSD" and the version, 4 bytes (46 53 44 01) · epoch 16 bytes, zeros for none · receipts:
/// varint n, then as in `SyncResponse` · CompressedBlock of a batch, by identity, in which entries that
/// the hub has not numbered have the sequence 0.
public struct DeltaFile: Hashable, Sendable {
    /// The first four bytes.
    public static let magic: [UInt8] = [0x46, 0x53, 0x44, 0x01]

    /// The changes that the receiver lacks.
    public var batch: Batch
    /// The hub's epoch that the sequences belong to; nil when there are none.
    public var epoch: Epoch?
    /// Where changes that the receiver has stand in the hub's order, beyond its cursor.
    public private(set) var receipts: [SyncResponse.ReplicaReceipts] = []

    /// Makes a delta of a batch.
    public init(batch: Batch, epoch: Epoch? = nil) {
        self.batch = batch
        self.epoch = epoch
    }

    /// Notes the place of a change that the receiver has; a replica's changes come in order.
    mutating func relay(_ entry: LogEntry, at sequence: UInt64) {
        let run = Receipts.Run(
            first: entry.dot.counter,
            count: 1,
            sequence: sequence,
            entries: UInt64(entry.parts)
        )
        guard let index = receipts.firstIndex(where: { $0.replica == entry.dot.replica }) else {
            receipts.append(
                .init(replica: entry.dot.replica, runs: [run], bounds: [], records: [])
            )
            return
        }
        if let last = receipts[index].runs.last, last.end == run.first,
            last.sequenceEnd == run.sequence, last.entries == run.entries
        {
            receipts[index].runs[receipts[index].runs.count - 1].count += 1
        } else {
            receipts[index].runs.append(run)
        }
    }

    /// The file's bytes.
    public func encoded(dictionary: CompressionDictionary?) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(DeltaFile.magic)
        writer.fixed64(epoch?.high ?? 0)
        writer.fixed64(epoch?.low ?? 0)
        writer.count(receipts.count)
        for receipt in receipts { SyncResponse.encode(receipt, into: &writer) }
        CompressedBlock.encode(
            BatchEncoder.encode(batch),
            dictionary: dictionary,
            into: &writer
        )
        return writer.bytes
    }

    /// Reads a delta.
    public init(
        _ bytes: [UInt8],
        dictionaries: [CompressionDictionary],
        limits: WireLimits = .standard
    ) throws(WireError) {
        var reader = ByteReader(bytes, part: "delta")
        guard Array(try reader.raw(4)) == DeltaFile.magic else {
            throw reader.error(
                .unknownVersion,
                "is no delta of this product, or of a newer version"
            )
        }
        let epoch = Epoch(high: try reader.fixed64(), low: try reader.fixed64())
        self.epoch = epoch.high == 0 ? nil : epoch
        let count = try reader.count(max: limits.replicasMax, bytesEach: 11, of: "receipts")
        for _ in 0..<count {
            receipts.append(try SyncResponse.decodeReceipts(from: &reader, limits: limits))
        }
        let inflated = try CompressedBlock.decode(
            from: &reader,
            dictionaries: dictionaries,
            limits: limits
        )
        batch = try BatchDecoder.decode(inflated, limits: limits, resolve: { _ in nil })
    }
}
