import Replication
import SyncCore

/// A change's name that survives a change of identity: its event's seed, written as its reason.
struct FleetToken: Hashable, Comparable, CustomStringConvertible {
    let value: UInt64

    init(_ value: UInt64) { self.value = value }

    /// Reads the reason of an entry; nil for a change that is not the simulator's.
    init?(reason: String) {
        guard reason.utf8.first == UInt8(ascii: "w"),
            let value = UInt64(reason.dropFirst(), radix: 36)
        else { return nil }
        self.value = value
    }

    static func < (left: FleetToken, right: FleetToken) -> Bool { left.value < right.value }

    var description: String { "w" + String(value, radix: 36) }
}

/// What was acknowledged to people, and what each writer had seen: nothing of it asks the engine's
/// causality.
struct FleetLedger {
    /// One acknowledged change.
    struct Written {
        let device: Int
        let at: Int64
        /// Its entries as they were written.
        let entries: [LogEntry]
        /// For each entry, the changes of its record that stood in the writer's store.
        let stood: [Set<FleetToken>]
        /// Besides them, what the writer's replica had written to its record before that left.
        let earlier: [Set<FleetToken>]
    }

    /// Every change that was acknowledged to a person.
    private(set) var written: [FleetToken: Written] = [:]
    /// In the order of the acknowledgements.
    private(set) var order: [FleetToken] = []
    /// By device, what was acknowledged on the store that it has now.
    private(set) var promised: [[FleetToken]]
    /// By device, those of `promised` that were not yet seen at the hub.
    private var open: [[FleetToken]]
    /// What only a lost or overwritten store had.
    private(set) var destroyed: Set<FleetToken> = []
    /// By record, the last history that was found to have nothing without what its writer had seen.
    private var causal: [RecordKey: [FleetToken]] = [:]

    init(devices: Int) {
        promised = Array(repeating: [], count: devices)
        open = promised
    }

    /// - `isPromised`: whether a person was told that it is recorded.
    mutating func add(_ token: FleetToken, _ change: Written, isPromised: Bool = true) {
        written[token] = change
        order.append(token)
        guard isPromised else {
            destroyed.insert(token)
            return
        }
        promised[change.device].append(token)
        open[change.device].append(token)
    }

    /// What was acknowledged on the store that a device has now and is not at the hub.
    mutating func waiting(_ device: Int, known: [FleetToken: Dot]) -> [FleetToken] {
        open[device].removeAll { known[$0] != nil }
        return open[device]
    }

    /// A planted fault: the writers of these changes had seen what is nowhere.
    mutating func inventPast(of tokens: [FleetToken]) {
        causal = [:]
        for token in tokens {
            guard let change = written[token] else { continue }
            written[token] = Written(
                device: change.device,
                at: change.at,
                entries: change.entries,
                stood: change.stood.map { $0.union([FleetPlant.token]) },
                earlier: change.earlier
            )
        }
    }

    /// Whether a history is the beginning of the one of this record that was checked last.
    func isCausal(_ history: [FleetToken], of record: RecordKey) -> Bool {
        causal[record]?.starts(with: history) ?? false
    }

    /// A history has nothing without what its writer had seen, or before it.
    mutating func noteCausal(_ history: [FleetToken], of record: RecordKey) {
        causal[record] = history
    }

    /// A store is gone, or replaced by a copy; what the hub has (`known`) is not.
    mutating func destroy(
        _ device: Int,
        replacedBy kept: [FleetToken],
        known: [FleetToken: Dot]
    ) {
        destroyed.formUnion(promised[device].filter { known[$0] == nil })
        promised[device] = kept
        open[device] = kept
    }

    /// What a device has written to a named record under the id that it has now, wherever the record
    /// is; `known` tells what is at the hub, and under which id.
    func own(
        _ device: Int,
        as replica: ReplicaID,
        of record: RecordKey,
        known: [FleetToken: Dot]
    ) -> Set<FleetToken> {
        guard case .named = record.id else { return [] }
        return Set(
            promised[device]
                .filter { token in
                    known[token].map { $0.replica == replica } ?? true
                        && written[token]?.entries.contains { $0.record == record } ?? false
                }
        )
    }

    /// What the writer of this change had seen of the record.
    func seen(_ token: FleetToken, of record: RecordKey) -> Set<FleetToken> {
        guard let change = written[token], let part = part(of: change, record) else { return [] }
        return change.stood[part].union(change.earlier[part])
    }

    /// What stood in the writer's store of the record.
    func stood(_ token: FleetToken, of record: RecordKey) -> Set<FleetToken> {
        guard let change = written[token], let part = part(of: change, record) else { return [] }
        return change.stood[part]
    }

    private func part(of change: Written, _ record: RecordKey) -> Int? {
        change.entries.firstIndex { $0.record == record }
            ?? change.entries.firstIndex { FleetLedger.match($0.record, record) }
    }

    /// Whether both are one record, whatever identity a clone has given it.
    ///
    /// In one change a record is known by its place among those that the change created.
    static func match(_ left: RecordKey, _ right: RecordKey) -> Bool {
        guard left.type == right.type else { return false }
        switch (left.id, right.id) {
        case (.named, .named): return left.id == right.id
        case (.created(_, let left), .created(_, let right)): return left == right
        default: return false
        }
    }
}
