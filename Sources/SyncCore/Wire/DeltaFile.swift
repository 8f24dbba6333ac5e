import Replication

/// Changes as a file or a message between peers.
///
/// Layout: "FSD" and the version, 4 bytes (46 53 44 01) · epoch 16 bytes, zeros for none · receipts:
/// varint n, then as in `SyncResponse` · held apart: varint n, then of each run of changes the
/// replica, 8 bytes, the first counter and the count, in order, without two runs that touch · pages:
/// varint n, then of each its length, varint, and a CompressedBlock of a sequenced batch, by identity,
/// in which entries that the hub has not numbered have the sequence 0. A change stands in one page;
/// any number of changes fit a file. Where the hub has had several epochs the version is 2, and
/// `EpochNews` stand before what is held apart.
public struct DeltaFile: Hashable, Sendable {
    /// The first four bytes.
    public static let magic: [UInt8] = [0x46, 0x53, 0x44, 0x01]
    /// The first four bytes of one with news of epochs.
    static let magicWithNews: [UInt8] = [0x46, 0x53, 0x44, 0x02]

    /// About how many bytes of entries a page holds, before compression.
    public static let pageBytes = 1 << 20

    /// The changes that the receiver lacks.
    public var batch: Batch
    /// The hub's epoch that the sequences belong to; nil when there are none.
    public var epoch: Epoch?
    /// Where changes that the receiver has stand in the hub's order, beyond its cursor.
    public private(set) var receipts: [SyncResponse.ReplicaReceipts] = []
    /// What the receiver may not know of the hub's earlier epochs.
    public var news = EpochNews()

    /// Changes that the hub holds apart: they are not here, and it has numbered later ones.
    ///
    /// Only who sees everything can tell.
    public var heldApart: [HeldApart] = []

    /// Changes of one replica, one after the other.
    public struct HeldApart: Hashable, Sendable {
        /// Whose.
        public var replica: ReplicaID
        /// The counter of the first.
        public var first: UInt64
        /// How many, at least one.
        public var count: UInt64

        /// Makes a run.
        public init(replica: ReplicaID, first: UInt64, count: UInt64) {
            self.replica = replica
            self.first = first
            self.count = count
        }
    }

    /// Makes a delta of a batch.
    public init(batch: Batch, epoch: Epoch? = nil) {
        self.batch = batch
        self.epoch = epoch
    }

    /// Notes the place of a change that the receiver has; a replica's changes come in order.
    package mutating func relay(_ entry: LogEntry, at sequence: UInt64) {
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
    public func encoded(
        dictionary: CompressionDictionary?,
        pageBytes: Int = DeltaFile.pageBytes
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(news.isEmpty ? DeltaFile.magic : DeltaFile.magicWithNews)
        writer.fixed64(epoch?.high ?? 0)
        writer.fixed64(epoch?.low ?? 0)
        writer.count(receipts.count)
        for receipt in receipts { SyncResponse.encode(receipt, into: &writer) }
        if !news.isEmpty { news.encode(into: &writer) }
        writer.count(heldApart.count)
        for run in heldApart {
            writer.fixed64(run.replica.rawValue)
            writer.unsigned(run.first)
            writer.unsigned(run.count)
        }
        let pages = pages(of: pageBytes)
        writer.count(pages.count)
        for page in pages {
            var block = ByteWriter()
            CompressedBlock.encode(
                BatchEncoder.encode(
                    Batch(entries: Array(batch.entries[page]), isSequenced: batch.isSequenced),
                    epoch: epoch
                ),
                dictionary: dictionary,
                into: &block
            )
            writer.block(block.bytes)
        }
        return writer.bytes
    }

    /// Ranges of whole changes of about this size.
    private func pages(of bytesMax: Int) -> [Range<Int>] {
        var pages: [Range<Int>] = []
        var start = 0
        var size = 0
        for index in batch.entries.indices {
            let entry = batch.entries[index].entry
            let begins = index == 0 || batch.entries[index - 1].entry.dot != entry.dot
            if begins, size >= bytesMax {
                pages.append(start..<index)
                start = index
                size = 0
            }
            size += entry.approximateSize
        }
        if start < batch.entries.count { pages.append(start..<batch.entries.count) }
        return pages
    }

    /// Reads a whole delta into memory; `DeltaReader` reads one page after the other.
    ///
    /// Each page is bounded by its size, their number is not: a few hundred bytes could stand for
    /// gigabytes. So what is held at once is bounded too.
    public init(
        _ bytes: [UInt8],
        dictionaries: [CompressionDictionary],
        limits: WireLimits = .standard
    ) throws(WireError) {
        var reader = try DeltaReader(bytes, dictionaries: dictionaries, limits: limits)
        epoch = reader.epoch
        receipts = reader.receipts
        news = reader.news
        heldApart = reader.heldApart
        batch = Batch(isSequenced: true)
        var isFirst = true
        var size = 0
        while let page = try reader.next() {
            for item in page.entries {
                size += MemoryLayout<Batch.Item>.stride + item.entry.approximateSize
            }
            guard size <= WireLimits.memoryBytesMax else {
                throw WireError(
                    .limit,
                    part: "delta",
                    offset: 0,
                    "holds more than can be in memory at once; it is to be read page by page"
                )
            }
            if isFirst { batch.isSequenced = page.isSequenced }
            isFirst = false
            batch.entries += page.entries
        }
    }
}

/// Reads a delta page by page, with the memory of one page, however many changes it holds.
public struct DeltaReader {
    /// The hub's epoch that the sequences belong to; nil when there are none.
    public let epoch: Epoch?
    /// Where changes that the receiver has stand in the hub's order, beyond its cursor.
    public let receipts: [SyncResponse.ReplicaReceipts]
    /// What its sender knows of the hub's earlier epochs.
    public let news: EpochNews
    /// Changes that the hub holds apart, in order.
    public let heldApart: [DeltaFile.HeldApart]
    private var reader: ByteReader
    private var pagesLeft: Int
    private let dictionaries: [CompressionDictionary]
    private let limits: WireLimits

    /// Reads what stands before the pages.
    public init(
        _ bytes: [UInt8],
        dictionaries: [CompressionDictionary],
        limits: WireLimits = .standard
    ) throws(WireError) {
        var reader = ByteReader(bytes, part: "delta")
        let magic = Array(try reader.raw(4))
        guard magic == DeltaFile.magic || magic == DeltaFile.magicWithNews else {
            throw reader.error(
                .unknownVersion,
                "is no delta of this product, or of a newer version"
            )
        }
        epoch = try WireParts.optionalEpoch(from: &reader)
        let count = try reader.count(max: limits.replicasMax, bytesEach: 11, of: "receipts")
        var receipts: [SyncResponse.ReplicaReceipts] = []
        for _ in 0..<count {
            receipts.append(try SyncResponse.decodeReceipts(from: &reader, limits: limits))
        }
        self.receipts = receipts
        news =
            magic == DeltaFile.magic
            ? EpochNews() : try EpochNews(from: &reader, limits: limits)
        heldApart = try DeltaReader.decodeHeldApart(from: &reader, limits: limits)
        pagesLeft = try reader.count(max: Int.max, bytesEach: 1, of: "pages")
        self.reader = reader
        self.dictionaries = dictionaries
        self.limits = limits
    }

    private static func decodeHeldApart(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> [DeltaFile.HeldApart] {
        let count = try reader.count(max: limits.changesMax, bytesEach: 10, of: "runs held apart")
        var runs: [DeltaFile.HeldApart] = []
        for _ in 0..<count {
            let replica = ReplicaID(try reader.fixed64())
            let first = try WireParts.counter(from: &reader)
            let run = DeltaFile.HeldApart(
                replica: replica,
                first: first,
                count: try WireParts.counter(from: &reader)
            )
            if let last = runs.last {
                guard
                    last.replica < replica
                        || (last.replica == replica && last.first + last.count < first)
                else { throw reader.error(.notCanonical, "runs out of order") }
            }
            runs.append(run)
        }
        return runs
    }

    /// The next page; nil after the last one.
    public mutating func next() throws(WireError) -> Batch? {
        guard pagesLeft > 0 else {
            try reader.finish()
            return nil
        }
        pagesLeft -= 1
        let bytes = try reader.block(max: limits.bodyBytesMax)
        var page = ByteReader(bytes, part: "delta page")
        let inflated = try CompressedBlock.decode(
            from: &page,
            dictionaries: dictionaries,
            limits: limits
        )
        let batch = try BatchDecoder.decode(
            inflated,
            limits: limits,
            epoch: epoch,
            resolve: { _ in nil }
        )
        guard !batch.entries.isEmpty else {
            throw reader.error(.notCanonical, "a page of nothing")
        }
        return batch
    }
}
