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
        /// Grows with every entry: which of an entry's places in the queue is its last.
        var age: UInt64 = 0
    }

    private let bytesMax: Int
    private var entries: [UInt64: Entry] = [:]
    /// From the oldest on, with places that no longer count left in.
    private var queue: [(digest: UInt64, age: UInt64)] = []
    private var oldest = 0
    private var age: UInt64 = 0
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
        // Taken out, so that its bytes are added to in place.
        var entry = remove(digest) ?? Entry(bytes: [], total: total, isAnswer: false)
        if entry.isAnswer { entry = Entry(bytes: [], total: total, isAnswer: false) }
        guard entry.total == total else {
            insert(entry, digest)
            return .received(0)
        }
        // A part that begins beyond what is here leaves a gap: tell where to go on.
        let known = entry.bytes.count - offset
        if known >= 0, known < bytes.count { entry.bytes += bytes[known...] }
        guard entry.bytes.count < total else { return .complete(entry.bytes) }
        let count = entry.bytes.count
        if count > 0, total <= bytesMax { insert(entry, digest) }
        return .received(count)
    }

    private mutating func insert(_ entry: Entry, _ digest: UInt64) {
        var entry = entry
        age += 1
        entry.age = age
        size += TransferCache.cost(of: entry)
        queue.append((digest, age))
        entries[digest] = entry
        while size > bytesMax, oldest < queue.count {
            let place = queue[oldest]
            oldest += 1
            if entries[place.digest]?.age == place.age { remove(place.digest) }
        }
        guard queue.count > 2 * entries.count + 64 else { return }
        queue = queue[oldest...].filter { entries[$0.digest]?.age == $0.age }
        oldest = 0
    }

    @discardableResult
    private mutating func remove(_ digest: UInt64) -> Entry? {
        guard let entry = entries.removeValue(forKey: digest) else { return nil }
        size -= TransferCache.cost(of: entry)
        return entry
    }

    /// An entry's bytes and its bookkeeping, so that many tiny uploads are bounded too.
    private static func cost(of entry: Entry) -> Int { entry.bytes.count + 256 }
}
