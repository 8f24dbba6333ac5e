package import GRDB
package import Replication

extension RecordStore {
    /// How the epochs began that a store has heard of.
    package static func births(_ db: Database) throws -> [EpochBirth] {
        try Row.fetchAll(
            db,
            sql: "SELECT id, parent, head, records FROM epoch WHERE is_born = 1 ORDER BY number"
        )
        .map { row in
            guard let epoch = Epoch(row[0] as String) else {
                throw StoreError(.corrupt, "\(row[0] as String) is no epoch")
            }
            return EpochBirth(
                epoch: epoch,
                parent: (row[1] as String?).flatMap { Epoch($0) },
                head: UInt64(bitPattern: row[2] as Int64),
                records: UInt64(bitPattern: row[3] as Int64)
            )
        }
    }

    static func lives(_ db: Database) throws -> EarlierLives {
        var lives = EarlierLives()
        for birth in try births(db) { lives.add(birth) }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT epoch.id, replica.id, first, count, sequence, entries
                FROM earlier JOIN epoch ON epoch.number = earlier.epoch
                JOIN replica ON replica.number = earlier.replica
                ORDER BY earlier.epoch, earlier.replica, first
                """
        )
        while let row = try rows.next() {
            guard let epoch = Epoch(row[0] as String) else { continue }
            do {
                try lives.add(
                    RecordStore.run(row, from: 2),
                    of: ReplicaID(UInt64(bitPattern: row[1])),
                    in: epoch
                )
            } catch {
                throw StoreError(.corrupt, "the numbers of an earlier epoch are damaged: \(error)")
            }
        }
        return lives
    }

    /// A run that stands in four columns of a row.
    package static func run(_ row: Row, from column: Int) -> Receipts.Run {
        Receipts.Run(
            first: UInt64(bitPattern: row[column] as Int64),
            count: UInt64(bitPattern: row[column + 1] as Int64),
            sequence: UInt64(bitPattern: row[column + 2] as Int64),
            entries: UInt64(bitPattern: row[column + 3] as Int64)
        )
    }

    /// Notes how an epoch began.
    package func add(_ birth: EpochBirth, _ db: Database) throws {
        guard lives.add(birth) else { return }
        let number = try names.number(of: birth.epoch, db)
        try db.execute(
            sql: """
                UPDATE epoch SET is_born = 1, parent = ?, head = ?, records = ? WHERE number = ?
                """,
            arguments: [
                birth.parent?.description, Int64(bitPattern: birth.head),
                Int64(bitPattern: birth.records), number,
            ]
        )
    }

    /// Takes news of epochs.
    ///
    /// - `since`: the hub's sequence with which they are told on; 0 on a device.
    /// - Returns: the records of which something is here that got a number now: whether it had been
    ///   seen may be judged otherwise now, so they must be folded anew.
    /// - Throws: `SyncError` for news that contradict what is known.
    package func add(
        _ news: EpochNews,
        since: UInt64,
        _ db: Database
    ) throws -> (records: [RecordKey], isNews: Bool) {
        for birth in news.births { try add(birth, db) }
        var told: [ReplicaID: Receipts] = [:]
        var isNews = false
        for item in news.numbers {
            let before = lives.numbers(of: item.replica, in: item.epoch)
            do {
                for run in item.runs where try lives.add(run, of: item.replica, in: item.epoch) {
                    isNews = true
                    // Of several epochs: only that there are numbers matters here.
                    _ = try? told[item.replica, default: Receipts()].append(run, allowingGap: true)
                }
            } catch {
                throw SyncError(
                    .invalidAnswer,
                    "numbers of an earlier epoch contradict those that are known: \(error)"
                )
            }
            let after = lives.numbers(of: item.replica, in: item.epoch)
            try store(after.changes(since: before), of: item, since: since, db)
        }
        return (try records(with: told, db), isNews)
    }

    private func store(
        _ changes: (removed: [UInt64], written: [Receipts.Run]),
        of item: EpochNews.Numbers,
        since: UInt64,
        _ db: Database
    ) throws {
        guard !changes.removed.isEmpty || !changes.written.isEmpty else { return }
        let epoch = try names.number(of: item.epoch, db)
        let replica = try names.number(of: item.replica, db)
        for first in changes.removed {
            try db.cachedStatement(
                sql: "DELETE FROM earlier WHERE epoch = ? AND replica = ? AND first = ?"
            )
            .execute(arguments: [epoch, replica, Int64(bitPattern: first)])
        }
        for run in changes.written {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO earlier VALUES (?, ?, ?, ?, ?, ?, ?)"
            )
            .execute(
                arguments: [
                    epoch, replica, Int64(bitPattern: run.first), Int64(bitPattern: run.count),
                    Int64(bitPattern: run.sequence), Int64(bitPattern: run.entries),
                    Int64(bitPattern: since),
                ]
            )
        }
    }

    /// The records that these changes touch, as far as they are here: one pass over the log.
    private func records(
        with changes: [ReplicaID: Receipts],
        _ db: Database
    ) throws -> [RecordKey] {
        guard !changes.isEmpty else { return [] }
        var numbers: Set<Int64> = []
        let replicas = try changes.sorted { $0.key < $1.key }
            .map { (try names.number(of: $0.key, db), $0.value) }
        for (replica, receipts) in replicas {
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT counter, record FROM log WHERE replica = ?",
                arguments: [replica]
            )
            while let row = try rows.next() {
                guard receipts.sequence(of: UInt64(bitPattern: row[0] as Int64)) != nil else {
                    continue
                }
                numbers.insert(row[1])
            }
        }
        return try numbers.sorted().compactMap { try key(of: $0, db) }
    }

    /// Folds records anew from their histories.
    package func refold(_ keys: [RecordKey], _ writer: EntryWriter, _ db: Database) throws {
        for key in keys {
            try writer.amend(key, db) { record in
                let history = try self.history(of: record, db)
                (record.state, record.ancestors) = self.fold(history, schema: record.schema)
            }
        }
    }
}
