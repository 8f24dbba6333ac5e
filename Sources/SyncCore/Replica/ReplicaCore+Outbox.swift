import GRDB
import Replication

extension ReplicaCore {
    /// Own log rows that the hub has not acknowledged, oldest first.
    ///
    /// Whole changes only: the rows of one change stand together in the log.
    func outboxRows(limit: Int, _ db: Database) throws -> [RecordStore.LogRow] {
        let acknowledged = self.acknowledged
        guard store.knowledge[replica] > acknowledged else { return [] }
        let number = try store.names.number(of: replica, db)
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number > ? AND replica = ? AND counter > ? ORDER BY number LIMIT ?
                    """
            ),
            arguments: [
                outboxAfter, number, Int64(bitPattern: acknowledged), Int64(limit),
            ]
        )
        var rows: [RecordStore.LogRow] = []
        while let row = try cursor.next() { rows.append(try store.logRow(row.copy(), db)) }
        return rows
    }
}
