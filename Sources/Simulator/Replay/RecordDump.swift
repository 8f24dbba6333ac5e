import Interchange
import MergeServer
import Replication
import SyncCore

/// A store's records as lines, the same wherever the same changes have arrived.
struct RecordDump {
    /// Visible records.
    private(set) var records = 0
    /// Fields in dispute, and disputed deletions.
    private(set) var conflicts = 0
    private var hash = StableHash()

    /// The hash of all lines.
    var stateHash: String { hash.text }

    /// Writes the lines of a store, sorted by type and record; `write` gets each with its end.
    init(
        of source: RecordSource,
        schema: Schema,
        names: ReplayNames,
        write: ([UInt8]) throws -> Void
    ) throws {
        let writer = JSONWriter(style: .canonical)
        try source.visit(try source.sortedKeys(schema, names)) { key, view in
            guard let record = schema.record(key.type) else { return }
            let line = RecordLine(key, view, record, names)
            if view.lifecycle.isVisible { records += 1 }
            conflicts += line.conflictCount
            var bytes = writer.bytes(of: line.json)
            bytes.append(UInt8(ascii: "\n"))
            hash.add(bytes)
            try write(bytes)
        }
    }
}

/// Where records are read from: a device's store or the hub's.
struct RecordSource {
    let keys: () throws -> [RecordKey]
    let visit: ([RecordKey], (RecordKey, RecordView) throws -> Void) throws -> Void

    init(_ replica: Replica) {
        keys = { try replica.read { try $0.allRecords() } }
        visit = { keys, body in
            try replica.read { reading in
                for key in keys {
                    if let view = try reading.view(key) { try body(key, view) }
                }
            }
        }
    }

    init(_ storage: SQLiteHubStorage) {
        keys = { try storage.recordKeys() }
        visit = { try storage.forEach($0, $1) }
    }

    /// The records by the names of their types, then their own, as bytes.
    func sortedKeys(_ schema: Schema, _ names: ReplayNames) throws -> [RecordKey] {
        let types = schema.records.map(\.number)
            .sorted { names.name(of: $0).precedesByBytes(names.name(of: $1)) }
        let ranks = Dictionary(uniqueKeysWithValues: types.enumerated().map { ($1, $0) })
        return try keys()
            .sorted { left, right in
                left.type == right.type
                    ? left.id < right.id : ranks[left.type] ?? 0 < ranks[right.type] ?? 0
            }
    }

    /// A fingerprint of everything that is shown, whatever the order of the records.
    ///
    /// Compared within one run only.
    func fingerprint() throws -> Int { try fingerprint(of: try keys()) }

    /// The same of these records only.
    func fingerprint(of keys: [RecordKey]) throws -> Int {
        var sum = 0
        try visit(keys) { key, view in
            var hasher = Hasher()
            hasher.combine(key)
            hasher.combine(view.lifecycle)
            hasher.combine(view.values)
            for conflict in view.conflicts {
                hasher.combine(conflict.subject)
                hasher.combine(conflict.shown)
                RecordSource.combine(conflict.candidates, into: &hasher)
            }
            RecordSource.combine(view.supplements, into: &hasher)
            for seal in view.seals { hasher.combine(seal.content) }
            sum &+= hasher.finalize()
        }
        return sum
    }

    /// All of a candidate but the hub's number, which replicas learn at different moments.
    private static func combine(_ candidates: [Conflict.Candidate], into hasher: inout Hasher) {
        for candidate in candidates {
            hasher.combine(candidate.slot)
            hasher.combine(candidate.value)
            hasher.combine(candidate.stamp.dot)
            hasher.combine(candidate.stamp.timestamp)
            hasher.combine(candidate.stamp.author)
        }
    }
}
