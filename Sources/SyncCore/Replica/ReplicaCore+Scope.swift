import GRDB
import Replication

extension ReplicaCore {
    /// A record has left this device's scopes: others' data goes, own log rows stay.
    func leave(_ hubNumber: UInt64, _ writer: EntryWriter, _ db: Database) throws {
        guard let key = try store.key(ofHubNumber: hubNumber, db),
            let record = try writer.current(key, db)
        else { return }
        let own = try store.names.number(of: replica, db)
        var previous: Int64 = 0
        for row in try store.history(of: record, db).sorted(by: { $0.number < $1.number }) {
            if row.entry.dot.replica == replica {
                try db.execute(
                    sql: "UPDATE log SET previous = ? WHERE number = ?",
                    arguments: [previous, row.number]
                )
                previous = row.number
            } else {
                try db.execute(
                    sql: "DELETE FROM log WHERE number = ? AND replica <> ?",
                    arguments: [row.number, own]
                )
            }
        }
        try writer.amend(key, db) {
            $0.state = RecordState()
            $0.ancestors = [:]
            $0.last = previous
        }
    }
}
