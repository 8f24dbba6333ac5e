import MergeServer
import Replication
import SyncCore

/// A hub's whole log, read as a newcomer would receive it, page by page.
struct HubLog {
    private let storage: any HubStorage
    private static let pageBytes = 1 << 20

    private let schema: Schema

    init(_ storage: any HubStorage, schema: Schema) {
        self.storage = storage
        self.schema = schema
    }

    /// The contents of all changes.
    func contents() throws -> Set<Int> {
        let auditor = RegisteredReplica(
            number: 0,
            tag: 0,
            replica: ReplicaID(0),
            scopes: [],
            dictionaryVersion: 0
        )
        var contents: Set<Int> = []
        var cursor: UInt64 = 0
        while true {
            let page = try storage.page(
                for: auditor,
                HubPull(cursor: cursor, bytesMax: HubLog.pageBytes)
            )
            let entries = page.entries.entries.map(\.entry)
            contents.formUnion(ChangeLedger.contents(entries, schema))
            guard page.through < page.head, page.through > cursor else { return contents }
            cursor = page.through
        }
    }
}
