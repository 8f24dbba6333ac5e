import Replication

/// The records that a commit touched, each once, in order.
struct Touched {
    private(set) var records: [RecordKey] = []
    /// Records that have a new address.
    private(set) var renamed: [StoreChange.Renaming] = []
    private var seen: Set<RecordKey> = []

    init() {}

    init(_ records: [RecordKey]) { add(records) }

    mutating func add(_ keys: [RecordKey]) {
        for key in keys where seen.insert(key).inserted { records.append(key) }
    }

    mutating func add(_ other: Touched) {
        add(other.records)
        renamed += other.renamed
    }

    /// A record was recorded again, under another address or the same.
    mutating func rename(_ old: RecordKey, to new: RecordKey) {
        if old != new, !seen.contains(new) { renamed.append(.init(from: old, to: new)) }
        add([old, new])
    }
}
