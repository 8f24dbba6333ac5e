import GRDB
import Replication

extension ReplicaCore {
    /// Takes peers' changes away whose numbers the hub has given to others.
    ///
    /// Two copies of one store wrote under one id, and a peer brought the branch that lost. The
    /// hub's stays. Who wrote the other brings it again, under a new id.
    func dropLostBranches(meeting batch: Batch, _ db: Database) throws -> Touched {
        var lost: [ReplicaID: UInt64] = [:]
        for entry in batch.entries.map(\.entry)
        where entry.dot.replica != replica && store.peerMet.contains(entry.dot)
            && !store.bundles.contains(entry.dot.replica)
        {
            let first = lost[entry.dot.replica] ?? .max
            guard entry.dot.counter < first, try isAnother(entry, db) else { continue }
            lost[entry.dot.replica] = entry.dot.counter
        }
        var touched = Touched()
        for (id, counter) in lost.sorted(by: { $0.key < $1.key }) {
            touched.add(try drop(Dot(id, counter), db))
        }
        return touched
    }

    /// Whether another change is here under the entry's dot.
    ///
    /// Of what came by way of the hub a part may be missing, as it is with scopes.
    private func isAnother(_ entry: LogEntry, _ db: Database) throws -> Bool {
        if let stored = try stored(as: entry, db) { return !stored.isSame(as: entry) }
        let rows = try rows(of: entry.dot, db).map(\.entry)
        return rows.contains { $0.part == entry.part || $0.parts != entry.parts }
    }

    /// Takes a replica's changes from this one on out of the log.
    private func drop(_ first: Dot, _ db: Database) throws -> [RecordKey] {
        Mark.lostBranchDropped.hit()
        let number = try store.names.number(of: first.replica, db)
        let rows = try rows(of: first.replica, from: first.counter, db)
        let keys = try remove(rows, from: first, db)
        try lost.forget(from: first, store, db)
        try db.execute(
            sql: "UPDATE replica SET peer_counter = min(peer_counter, ?) WHERE number = ?",
            arguments: [Int64(bitPattern: first.counter - 1), number]
        )
        try store.reload(db)
        try store.own(replica, db)
        // Neither has the hub what this device brought of them.
        let last = first.counter - 1
        forwarded[first.replica] = min(forwarded[first.replica], last)
        exchange.peers[first.replica] = min(exchange.peers[first.replica], last)
        return keys
    }
}
