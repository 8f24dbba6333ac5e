import MergeServer
import Replication
import SyncCore

/// The hub's log as a reader who never sleeps has seen it.
struct FleetHubLog {
    private(set) var items: [Batch.Item] = []
    /// The change under which each token stands.
    private(set) var dots: [FleetToken: Dot] = [:]
    /// When each change came to the hub.
    private(set) var arrivals: [(token: FleetToken, at: Int64)] = []
    /// Every town that a finding was ever in, as bits.
    private(set) var townsEver: [RecordKey: Int64] = [:]
    private var parents: [RecordKey: RecordKey] = [:]

    /// The records that the last so many rows are of.
    func recent(_ rows: Int) -> Set<RecordKey> { Set(items.suffix(rows).map(\.entry.record)) }

    /// The last sequence.
    var head: UInt64 { UInt64(items.count) }

    private static let reader = RegisteredReplica(
        number: 0,
        tag: 0,
        replica: ReplicaID(0),
        scopes: [],
        dictionaryVersion: 0
    )

    /// Everything after a cursor, as a newcomer would receive it.
    static func read(_ storage: SQLiteHubStorage, after start: UInt64) throws -> [Batch.Item] {
        var cursor = start
        var items: [Batch.Item] = []
        guard try storage.position(of: reader.replica).head != start else { return items }
        while true {
            let page = try storage.page(
                for: reader,
                HubPull(cursor: cursor, bytesMax: 1 << 22)
            )
            items += page.entries.entries
            guard page.through < page.head, page.through > cursor else { return items }
            cursor = page.through
        }
    }

    /// Takes what is new; returns what is wrong with it.
    mutating func add(
        _ new: [Batch.Item],
        at time: Int64
    ) -> (invariant: FleetInvariant, what: String)? {
        for item in new {
            guard item.sequence == head + 1 else {
                return (.denseOrder, "after \(head) comes \(item.sequence) in the hub's log")
            }
            items.append(item)
            noteTowns(item.entry)
            guard let token = FleetToken(reason: item.entry.reason) else { continue }
            if let dot = dots[token], dot != item.entry.dot {
                return (
                    .exactlyOnce,
                    "\(token) stands under \(dot) and under \(item.entry.dot) at the hub"
                )
            }
            if dots.updateValue(item.entry.dot, forKey: token) == nil {
                arrivals.append((token, time))
            }
        }
        return nil
    }

    /// A planted fault: the first row is remembered otherwise than it was.
    mutating func forgeFirstRow() {
        guard !items.isEmpty else { return }
        items[0].entry.author += "?"
    }

    private mutating func noteTowns(_ entry: LogEntry) {
        let key = entry.record
        for case .write(let slot, let value) in entry.actions {
            switch (key.type, slot.field, value) {
            case (FleetSchema.finding, FleetSchema.Field.town, .text(let town)):
                townsEver[key, default: 0] |= FleetHubLog.bit(town)
            case (FleetSchema.measurement, 1, .reference(let parent)):
                parents[key] = parent
            default: break
            }
        }
    }

    /// The bit of a town by its key.
    static func bit(_ town: String) -> Int64 {
        guard let last = town.utf8.last, (48...57).contains(last) else { return 0 }
        return 1 << Int64(last - 48)
    }

    /// Every town that a record was ever in: -1 for a record that everybody has, 0 for unknown.
    func towns(of key: RecordKey) -> Int64 {
        switch key.type {
        case FleetSchema.finding: townsEver[key] ?? 0
        case FleetSchema.measurement: parents[key].map { townsEver[$0] ?? 0 } ?? 0
        default: -1
        }
    }

    /// The record that a measurement belongs to.
    func parent(of key: RecordKey) -> RecordKey? { parents[key] }
}

extension FleetRun {
    /// Reads what the hub has stored since the last look.
    func readHubLog() throws {
        guard let storage = hub.storage else { return }
        let new: [Batch.Item]
        do { new = try FleetHubLog.read(storage, after: log.head) } catch {
            return violate(.denseOrder, "the hub's log cannot be read after \(log.head): \(error)")
        }
        let problem =
            log.add(new, at: now) ?? watch.check(new, ledger, at: FleetHub.start + now)
        if let problem { violate(problem.invariant, problem.what) }
    }
}
