import Replication
import SyncCore

extension LogEntry {
    /// One write of one field, by alice.
    static func sample(
        counter: UInt64 = 1,
        part: UInt32 = 0,
        parts: UInt32 = 1,
        record: RecordKey = RecordKey(type: 1, id: .named("n")),
        text: String = "t"
    ) -> LogEntry {
        LogEntry(
            dot: Dot(ReplicaID(7), counter),
            part: part,
            parts: parts,
            context: CausalContext(base: 3),
            timestamp: HybridTimestamp(wallTime: 1_785_744_000_000),
            author: "alice",
            reason: "",
            record: record,
            actions: [.write(SlotKey(1), .text(text))]
        )
    }
}

/// Small damage to a message.
enum Mutation {
    static func apply(to bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
        guard !bytes.isEmpty else { return [UInt8(random.below(256))] }
        var bytes = bytes
        for _ in 0..<random.pick([1, 1, 1, 2, 4]) where !bytes.isEmpty {
            let index = random.below(bytes.count)
            switch random.below(7) {
            case 0: bytes[index] ^= 1 << UInt8(random.below(8))
            case 1: bytes[index] = UInt8(random.below(256))
            case 2: bytes[index] = random.pick([0, 1, 2, 0x7F, 0x80, 0xFF])
            case 3: bytes.remove(at: index)
            case 4: bytes.insert(bytes[random.below(bytes.count)], at: index)
            case 5:
                let end = min(bytes.count, index + random.below(12))
                let copy = Array(bytes[index..<end])
                bytes.insert(contentsOf: copy, at: random.below(bytes.count))
            default: bytes.removeLast(random.below(min(bytes.count, 9)))
            }
        }
        return bytes
    }
}
