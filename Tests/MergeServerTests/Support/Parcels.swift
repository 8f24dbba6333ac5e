import MergeServer
import Replication
import SyncCore

/// Ordinary working data of a town: it can be deleted.
struct Parcel: Record, Equatable {
    var what = ""
    var town: String?
    var hazard = 0
    var remark = ""
    var labels: Set<String> = []

    static let mapping = RecordMapping<Parcel>("parcel", number: 4) {
        $0.field(1, "what", \.what, .keepSiblings, query: [.indexed, .searchable])
        $0.field(2, "town", \.town, .keepSiblings)
        $0.field(3, "hazard", \.hazard, .maximum)
        $0.field(4, "remark", \.remark, .text(.siblings))
        $0.set(5, "labels", \.labels)
        $0.scope(\.town)
    }

    static func schema() throws -> Schema {
        try Schema(
            timeZoneMinutes: 480,
            records: TestSchema.ruled().records + [mapping.schema]
        )
    }

    /// Nobody should find this in a store once the record is collected.
    static let secret = "张三丰的电话"

    static func one(_ what: String = "渔网一箱", town: String = "a") -> Parcel {
        var parcel = Parcel()
        parcel.what = what
        parcel.town = town
        parcel.hazard = 2
        parcel.remark = secret
        parcel.labels = ["夜间"]
        return parcel
    }
}

extension Fleet {
    /// Turns the clock on.
    func wait(days: Int64) { clock.advance(days * HubCompaction.day) }

    /// What a compaction now does.
    @discardableResult
    func compact() throws -> HubCompaction { try storage.compact(.init(), now: clock.now) }

    /// The devices exchange until nobody has news, and the hub knows that they have all.
    func settle(_ devices: Replica...) async throws {
        for _ in 0..<3 { for device in devices { try await sync(device) } }
    }

    /// Closes and collects what was deleted, the days of grace over, while these devices come by.
    func putAway(_ devices: Replica...) async throws -> HubCompaction {
        wait(days: 31)
        try compact()
        for _ in 0..<2 { for device in devices { try await sync(device) } }
        return try compact()
    }
}

extension Replica {
    /// What the log holds of a record, as text.
    func logText(of key: RecordKey) throws -> String {
        try read { try $0.log(of: key, limit: .max) }.map { "\($0.entry)" }.joined(separator: "\n")
    }

    /// The actions of a record's log, in its order.
    func actions(of key: RecordKey) throws -> [SyncCore.Operation.Action] {
        try read { try $0.history(key) }.flatMap(\.actions)
    }
}
