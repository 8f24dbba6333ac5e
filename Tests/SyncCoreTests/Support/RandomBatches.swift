import Replication
import SyncCore

/// Random batches that use everything the format has, from a seed.
struct RandomBatches {
    var random: Seeded
    private var counters: [ReplicaID: UInt64] = [:]
    /// The records that this batch has given a number.
    private var introduced: [UInt64: RecordKey] = [:]
    private let replicas = [1, 2, 0xFFFF_FFFF_FFFF_FFFF, 0x0102_0304_0506_0708].map(ReplicaID.init)
    private let texts = [
        "", "a", "电鱼", "地笼 3 条", "caf\u{E9}", "cafe\u{301}", "Ω≈ç√", "🐟",
        "0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5B-D9CB-469F-A165-70867728950E",
        "0f8fad5b-d9cb-469f-a165-70867728950", String(repeating: "鱼", count: 60),
    ]

    init(seed: UInt64) { random = Seeded(seed) }

    /// The record that both sides know under a number.
    static func known(_ number: UInt64) -> RecordKey? {
        number % 7 == 3 ? nil : RecordKey(type: UInt32(number % 3), id: .named("known \(number)"))
    }

    mutating func batch() -> Batch {
        let sequencing = random.below(3)
        var batch = Batch(isSequenced: sequencing > 0)
        introduced = [:]
        for _ in 0..<random.pick([0, 1, 1, 2, 3, 5, 9]) {
            batch.entries += change(isSequenced: sequencing > 0)
        }
        guard sequencing > 0 else { return batch }
        var sequence = UInt64(random.pick([0, 1, 1_000, Int(Int64.max) - 500]))
        for index in batch.entries.indices {
            sequence += UInt64(random.pick([1, 1, 1, 2, 9]))
            if sequencing == 2, !batch.entries[index].introducesRecord, random.chance(1, in: 3) {
                continue
            }
            batch.entries[index].sequence = sequence
            if random.chance(1, in: 5) {
                batch.entries[index].bound = HybridTimestamp(
                    wallTime: integer(),
                    logical: UInt32(random.below(9))
                )
            }
        }
        return batch
    }

    private mutating func change(isSequenced: Bool) -> [Batch.Item] {
        let replica = random.pick(replicas)
        let counter = (counters[replica] ?? 0) &+ UInt64(random.pick([1, 1, 1, 4]))
        counters[replica] = counter
        let count = random.pick([1, 1, 1, 2, 4])
        // A receiver whose scopes hold only some of a change's records gets only those parts.
        let parts = UInt32(count + random.below(3))
        let first = UInt32(random.below(Int(parts) - count + 1))
        var entry = LogEntry(
            dot: Dot(replica, counter),
            part: 0,
            parts: parts,
            context: CausalContext(base: UInt64(integer().magnitude >> 1), peers: peers()),
            timestamp: HybridTimestamp(
                wallTime: integer(),
                logical: random.pick([0, 0, 1, .max])
            ),
            author: random.pick(texts),
            reason: random.pick(texts),
            record: RecordKey(type: 0, id: .named("")),
            actions: []
        )
        return (0..<count)
            .map { index in
                entry.part = first + UInt32(index)
                entry.context.onlySeen = onlySeen()
                var item = Batch.Item(entry: entry)
                switch random.below(isSequenced ? 3 : 2) {
                case 0: item.entry.record = key()
                case 1:
                    let number = UInt64(random.below(40) + 1)
                    guard let record = introduced[number] ?? RandomBatches.known(number) else {
                        item.entry.record = key()
                        break
                    }
                    item.entry.record = record
                    item.recordNumber = number
                default:
                    let number = UInt64(
                        random.pick([100, 5_000, Int(Int64.max)]) - random.below(50)
                    )
                    item.entry.record = introduced[number] ?? key()
                    item.recordNumber = number
                    item.introducesRecord = true
                    introduced[number] = item.entry.record
                }
                for _ in 0..<random.pick([0, 1, 1, 2, 6]) { item.entry.actions.append(action()) }
                return item
            }
    }

    private mutating func peers() -> VersionVector {
        var vector = VersionVector()
        guard random.chance(1, in: 4) else { return vector }
        for replica in replicas where random.chance(1, in: 2) {
            vector[replica] = UInt64(random.pick([1, 300, Int.max]))
        }
        return vector
    }

    private mutating func onlySeen() -> [Dot]? {
        guard random.chance(1, in: 8) else { return nil }
        var dots: Set<Dot> = []
        for _ in 0..<random.pick([0, 1, 3]) {
            dots.insert(Dot(random.pick(replicas), UInt64(random.pick([1, 300, Int.max]))))
        }
        return dots.sorted()
    }

    mutating func action() -> Operation.Action {
        switch random.below(12) {
        case 0: .create
        case 1: .delete(reason: random.pick(texts))
        case 2: .undelete(reason: random.pick(texts))
        case 3: .void(reason: random.pick(texts))
        case 4:
            .seal(
                reason: random.pick(texts),
                content: (0..<random.below(4)).map { _ in Operation.SealedValue(slot(), value()) }
            )
        case 9: .close
        case 10: .collect(keeping: random.pick([[], [0], [1, 3, .max]]))
        case 11:
            .collected(digest: (0..<16).map { _ in UInt8(random.below(256)) })
        case 5: .unknown(code: random.pick([3, 99, .max]), payload: bytes())
        default: .write(slot(), value())
        }
    }

    private mutating func slot() -> SlotKey {
        SlotKey(
            random.pick([0, 1, 2, 3, .max]),
            element: random.chance(1, in: 3) ? value(depth: 2) : nil
        )
    }

    mutating func value(depth: Int = 0) -> FieldValue {
        switch random.below(depth < 3 ? 12 : 11) {
        case 0: .null
        case 1: .boolean(true)
        case 2: .boolean(false)
        case 3: .integer(integer())
        case 4: .real(random.pick([0, -0.0, .pi, .leastNonzeroMagnitude]))
        case 5: .scaled(integer())
        case 6: .text(random.pick(texts))
        case 7: .timestamp(integer())
        case 8: .bytes(bytes())
        case 9: .json(random.pick(["{}", "[1,2]", "\"鱼\"", "null"]))
        case 10: .reference(key())
        default: .group((0..<random.below(4)).map { _ in value(depth: depth + 1) })
        }
    }

    private mutating func key() -> RecordKey {
        let type = random.pick([0, 1, 2, UInt32.max])
        guard random.chance(1, in: 2) else {
            return RecordKey(type: type, id: .named(random.pick(texts)))
        }
        let dot = Dot(random.pick(replicas), UInt64(random.pick([1, 2, 700, Int.max])))
        return RecordKey(type: type, id: .created(by: dot, index: random.pick([0, 1, .max])))
    }

    private mutating func integer() -> Int64 {
        random.pick([0, 1, -1, 63, 64, -65, 1_785_744_000_000, .min, .max])
    }

    private mutating func bytes() -> [UInt8] {
        (0..<random.pick([0, 1, 5, 200])).map { _ in UInt8(random.below(256)) }
    }
}
