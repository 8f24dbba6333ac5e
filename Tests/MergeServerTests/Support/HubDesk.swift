import MergeServer
import Replication
import SyncCore

/// A hub's storage with people who write to it by hand: no store, no codec.
final class HubDesk<Storage: HubStorage> {
    let storage: Storage
    var now: Int64 = 1_785_744_000_000
    private var counters: [ReplicaID: UInt64] = [:]

    init(_ storage: Storage) { self.storage = storage }

    /// Makes a person's next change.
    func change(
        _ replica: ReplicaID,
        base: UInt64 = 0,
        peers: VersionVector = VersionVector(),
        wallTime: Int64? = nil,
        _ parts: [(RecordKey, [Operation.Action])]
    ) -> Batch {
        counters[replica, default: 0] += 1
        let dot = Dot(replica, counters[replica] ?? 1)
        var batch = Batch(isSequenced: false)
        for (index, (key, actions)) in parts.enumerated() {
            let entry = LogEntry(
                dot: dot,
                part: UInt32(index),
                parts: UInt32(parts.count),
                context: CausalContext(base: base, peers: peers),
                timestamp: HybridTimestamp(wallTime: wallTime ?? now),
                author: "\(replica)",
                reason: "",
                record: key,
                actions: actions
            )
            batch.entries.append(Batch.Item(entry: entry))
        }
        return batch
    }

    /// The next change has this counter's successor.
    func rewind(_ replica: ReplicaID, to counter: UInt64) { counters[replica] = counter }

    @discardableResult
    func append(
        _ batch: Batch,
        from replica: ReplicaID,
        cursor: UInt64 = 0
    ) throws -> AppendOutcome {
        now += 1_000
        return try storage.append(batch, from: replica, cursor: cursor, now: now)
    }

    /// Makes and appends a change of one record.
    @discardableResult
    func write(
        _ replica: ReplicaID,
        _ key: RecordKey,
        base: UInt64 = 0,
        _ actions: [Operation.Action]
    ) throws -> Batch {
        let batch = change(replica, base: base, [(key, actions)])
        try append(batch, from: replica)
        return batch
    }

    func register(
        _ replica: ReplicaID,
        scopes: [String] = [],
        tag: UInt32 = 1
    ) throws
        -> RegisteredReplica
    {
        try storage.register(
            SyncRequest.Introduction(
                replica: replica,
                epoch: nil,
                schemaVersion: 1,
                acknowledged: 0,
                dictionaryVersion: 0,
                scopes: scopes
            ),
            tag: tag
        )
    }

    func page(
        _ replica: RegisteredReplica,
        after cursor: UInt64 = 0,
        held: VersionVector = VersionVector(),
        pushedFrom: UInt64? = 1,
        bytesMax: Int = 1 << 20
    ) throws -> HubPage {
        let pull = HubPull(
            cursor: cursor,
            held: held,
            pushedFrom: pushedFrom,
            bytesMax: bytesMax
        )
        return try storage.page(for: replica, pull)
    }

    /// All pages from a cursor on.
    func pages(
        _ replica: RegisteredReplica,
        after start: UInt64 = 0,
        bytesMax: Int
    ) throws -> [HubPage] {
        var pages: [HubPage] = []
        var cursor = start
        repeat {
            let page = try page(replica, after: cursor, bytesMax: bytesMax)
            guard page.through > cursor || page.through == page.head else { return pages }
            pages.append(page)
            cursor = page.through
        } while cursor < pages[pages.count - 1].head
        return pages
    }
}

/// The people of the storage tests.
enum People {
    static let alice = ReplicaID(0xA11C_E000_0000_0001)
    static let bob = ReplicaID(0xB0B0_0000_0000_0002)
    static let carol = ReplicaID(0xCA20_1000_0000_0003)

    static func sighting(_ name: String) -> RecordKey { RecordKey(type: 1, id: .named(name)) }
    static func weighing(_ name: String) -> RecordKey { RecordKey(type: 2, id: .named(name)) }

    static func titled(_ title: String, town: String? = nil) -> [Operation.Action] {
        [.create, .write(SlotKey(1), .text(title))]
            + (town.map { [.write(SlotKey(6), .text($0))] } ?? [])
    }

    static func weighs(_ sighting: RecordKey) -> [Operation.Action] {
        [.create, .write(SlotKey(1), .reference(sighting)), .write(SlotKey(2), .integer(1))]
    }
}
