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
            EpochBirth(
                epoch: try epoch(row.value(0)),
                parent: try (row.value(1) as String?).map { try epoch($0) },
                head: try row.natural(2),
                records: try row.natural(3)
            )
        }
    }

    /// An epoch as the store keeps it.
    package static func epoch(_ text: String) throws -> Epoch {
        guard let epoch = Epoch(text) else {
            throw StoreError(.corrupt, "the store holds an epoch that is none")
        }
        return epoch
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
            let epoch = try epoch(row.value(0))
            let replica = ReplicaID(UInt64(bitPattern: try row.value(1)))
            let run = try RecordStore.run(row, from: 2)
            do {
                try lives.add(run, of: replica, in: epoch)
            } catch {
                throw StoreError(.corrupt, "the numbers of an earlier epoch are damaged: \(error)")
            }
        }
        return lives
    }

    /// A run that stands in four columns of a row.
    package static func run(_ row: Row, from column: Int) throws -> Receipts.Run {
        Receipts.Run(
            first: try row.natural(column),
            count: try row.natural(column + 1),
            sequence: try row.natural(column + 2),
            entries: try row.natural(column + 3)
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
                guard receipts.sequence(of: try row.natural(0)) != nil else { continue }
                numbers.insert(try row.value(1))
            }
        }
        return try numbers.sorted().compactMap { try key(of: $0, db) }
    }
}
