import GRDB
public import Replication

/// A record whose stored form is not what its history adds up to.
public struct RecordProblem: Hashable, Sendable {
    /// The record.
    public let record: RecordKey
    /// What differs.
    public let problem: String
}

extension Replica {
    /// SQLite's own check of the file: no lines when it is sound.
    ///
    /// O(file).
    public func checkFile() throws -> [String] {
        try core.withLock { core in
            try core.read { db in
                try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            }
        }
    }

    /// Compares every record with what the log adds up to, and the query tables with the records.
    ///
    /// O(log).
    public func checkRecords(
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [RecordProblem] {
        try core.withLock { core in
            try core.read { db in
                try StoreMaintenance.compare(core.store, db, progress: progress)
                    .map { RecordProblem(record: $0.key, problem: $0.problem) }
            }
        }
    }

    /// Makes every record and query table again from the log, in one transaction.
    ///
    /// O(log).
    public func rebuildRecords(
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws {
        try core.withLock { core in
            try core.write { db in
                try StoreMaintenance.rebuild(
                    core.store,
                    foldHistories: true,
                    db,
                    progress: progress
                )
            }
        }
    }
}
