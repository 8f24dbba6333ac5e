import MergeServer
import Replication
import SyncCore

/// What is shown of every record, as lines to compare: the same on every replica and at the hub.
///
/// The hub's numbers are left out: replicas learn them at different moments.
enum Picture {
    static func of(_ device: Replica) throws -> [String] {
        try device.read { reading in
            try reading.allRecords()
                .map { key in
                    try reading.view(key).map { line(key, $0) } ?? "\(key) cannot be read"
                }
        }
        .sorted()
    }

    /// What a device that subscribes to scopes shows: records that have left it show nothing.
    static func held(by device: Replica) throws -> [String] {
        try device.read { reading in
            try reading.allRecords()
                .compactMap { key in
                    guard let view = try reading.view(key), view.lifecycle != .unknown else {
                        return nil
                    }
                    return line(key, view)
                }
        }
        .sorted()
    }

    static func of(_ storage: SQLiteHubStorage) throws -> [String] {
        var lines: [String] = []
        try storage.forEachRecord { key, _, _, view in lines.append(line(key, view)) }
        return lines.sorted()
    }

    static func line(_ key: RecordKey, _ view: RecordView) -> String {
        let values = view.values.map { "\(name($0.slot))=\($0.value)" }
        let conflicts = view.conflicts.map { conflict in
            "\(subject(conflict.subject)): \(conflict.candidates.map(candidate)) → \(conflict.shown)"
        }
        let seals = view.seals.map { seal in
            "\(seal.stamp.dot) \(seal.content.map { "\(name($0.slot))=\($0.value)" })"
        }
        return "\(key.type)/\(key.id) \(view.lifecycle) \(values) conflicts \(conflicts) "
            + "seals \(seals) supplements \(view.supplements.map(candidate))"
    }

    private static func name(_ slot: SlotKey) -> String {
        "\(slot.field)" + (slot.element.map { "[\($0)]" } ?? "")
    }

    private static func subject(_ subject: Conflict.Subject) -> String {
        switch subject {
        case .slot(let slot): name(slot)
        case .lifecycle: "lifecycle"
        case .seal: "seal"
        }
    }

    private static func candidate(_ candidate: Conflict.Candidate) -> String {
        "\(candidate.stamp.dot) \(candidate.slot.map(name) ?? "-")=\(candidate.value)"
    }
}

extension HubStorage {
    /// Everything in the log, in its order, as a newcomer would receive it.
    func wholeLog() throws -> [Batch.Item] {
        let auditor = RegisteredReplica(
            number: 0,
            tag: 0,
            replica: ReplicaID(0xA0D1),
            scopes: [],
            dictionaryVersion: 0
        )
        var items: [Batch.Item] = []
        var cursor: UInt64 = 0
        while true {
            let page = try page(for: auditor, HubPull(cursor: cursor, bytesMax: 1 << 24))
            items += page.entries.entries
            if page.through == page.head { return items }
            cursor = page.through
        }
    }
}
