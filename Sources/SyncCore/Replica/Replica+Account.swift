package import Replication

/// What a store has of others' changes and has told the hub of its own, as it stands.
package struct ReplicaAccount: Sendable {
    /// The store's identity.
    package let replica: ReplicaID
    /// Per replica, the highest counter in the log.
    package let knowledge: VersionVector
    /// The highest own counter that the hub has answered for.
    package let acknowledged: UInt64
    /// The hub sequence up to which everything in scope is here.
    package let cursor: UInt64
}

extension Replica {
    /// How far the store is, for programs that check stores from outside.
    ///
    /// Unlike `status()` it counts nothing.
    package func account() -> ReplicaAccount {
        core.withLock { core in
            core.settle()
            return ReplicaAccount(
                replica: core.replica,
                knowledge: core.store.knowledge,
                acknowledged: core.acknowledged,
                cursor: core.hub.cursor
            )
        }
    }

    /// The entries that would go up now, by the very query that sends them.
    package func waitingEntries() throws -> [LogEntry] {
        try core.withLock { core in
            try core.read { db in
                try core.pushRows(bytesMax: .max, rowsMax: .max, db).rows.map(\.entry)
            }
        }
    }
}
