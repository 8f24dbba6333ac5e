/// Recent answers and unfinished uploads, so that cut bodies are resumed and not repeated.
///
/// Bounded in bytes; the oldest goes first. Losing an entry costs a repeated transfer, nothing else.
struct TransferCache {
    /// Smaller answers are simply asked for again.
    static let answerBytesMin = 1_024

    /// What became of a part.
    enum Upload: Equatable {
        /// This many bytes have arrived, from the beginning without a gap.
        case received(Int)
        /// The message is whole.
        case complete([UInt8])
    }

    private struct Entry {
        var bytes: [UInt8]
        var total: Int
        var isAnswer: Bool
    }

    private let bytesMax: Int
    private var entries: [UInt64: Entry] = [:]
    private var order: [UInt64] = []
    private var size = 0

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    func answer(_ digest: UInt64) -> [UInt8]? {
        guard let entry = entries[digest], entry.isAnswer else { return nil }
        return entry.bytes
    }

    mutating func keep(_ answer: [UInt8], for digest: UInt64) {
        remove(digest)
        guard answer.count <= bytesMax else { return }
        insert(Entry(bytes: answer, total: answer.count, isAnswer: true), digest)
    }

    mutating func upload(
        _ digest: UInt64,
        total: Int,
        offset: Int,
        bytes: [UInt8]
    ) -> Upload {
        var entry =
            entries[digest] ?? Entry(bytes: [], total: total, isAnswer: false)
        guard !entry.isAnswer, entry.total == total else { return .received(0) }
        // A part that begins beyond what is here leaves a gap: tell where to go on.
        guard offset <= entry.bytes.count else { return .received(entry.bytes.count) }
        let known = entry.bytes.count - offset
        if known < bytes.count { entry.bytes += bytes[known...] }
        remove(digest)
        guard entry.bytes.count < total else { return .complete(entry.bytes) }
        if !entry.bytes.isEmpty, total <= bytesMax { insert(entry, digest) }
        return .received(entry.bytes.count)
    }

    private mutating func insert(_ entry: Entry, _ digest: UInt64) {
        entries[digest] = entry
        order.append(digest)
        size += TransferCache.cost(of: entry)
        while size > bytesMax, let oldest = order.first { remove(oldest) }
    }

    private mutating func remove(_ digest: UInt64) {
        guard let entry = entries.removeValue(forKey: digest) else { return }
        order.removeAll { $0 == digest }
        size -= TransferCache.cost(of: entry)
    }

    /// An entry's bytes and its bookkeeping, so that many tiny uploads are bounded too.
    private static func cost(of entry: Entry) -> Int { entry.bytes.count + 256 }
}
