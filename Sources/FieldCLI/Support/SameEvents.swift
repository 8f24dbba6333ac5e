import Models
import Replication
import SyncCore

/// Which findings are one event, by the links that people confirmed.
struct SameEvents {
    private let clusters: [[RecordID]]

    init(_ reading: Reading) throws {
        clusters = SameAs.clusters(of: try reading.all(SameAs.self).map(\.record))
    }

    /// The other findings of the event, lowest identity first; none for a finding by itself.
    func others(of finding: RecordID) -> [RecordKey] {
        (clusters.first { $0.contains(finding) } ?? []).filter { $0 != finding }.map(key)
    }

    /// The finding that stands for the event, the same on every device.
    func canonical(of finding: RecordID) -> RecordKey {
        key(clusters.first { $0.contains(finding) }?.first ?? finding)
    }

    private func key(_ id: RecordID) -> RecordKey {
        RecordKey(type: Finding.mapping.schema.number, id: id)
    }
}
