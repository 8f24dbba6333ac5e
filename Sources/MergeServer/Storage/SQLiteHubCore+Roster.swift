import GRDB
import SyncCore

/// Who is waited for before deleted content goes; `docs/collection.md` says why.
extension SQLiteHubCore {
    /// Writes what exchanges have told, and takes everybody on who is known and not listed yet.
    func updateRoster(_ contacts: [HubContact], now: Int64, _ db: Database) throws {
        for contact in contacts { try note(contact, db) }
        // Who registered, and whose changes came by somebody else. The hub itself and bundles do
        // not come back.
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO roster(replica, since, epoch, cursor, seen)
                SELECT replica, ?, '', 0, 0 FROM registration
                UNION
                SELECT id, ?, '', 0, 0 FROM replica
                WHERE counter > 0 AND is_bundle = 0 AND id <> ?
                """
        )
        .execute(arguments: [now, now, Int64(bitPattern: replica.rawValue)])
    }

    private func note(_ contact: HubContact, _ db: Database) throws {
        let id = Int64(bitPattern: contact.replica.rawValue)
        let retired = try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT 1 FROM roster WHERE replica = ? AND retired IS NOT NULL"
            ),
            arguments: [id]
        )
        if retired != nil {
            try log(.returned, of: contact.replica, reason: "", at: contact.at, db)
        }
        // In another epoch a sequence means something else.
        try db.cachedStatement(
            sql: """
                INSERT INTO roster(replica, since, contact, epoch, cursor, seen)
                VALUES (?1, ?2, ?2, ?3, ?4, coalesce(?5, 0))
                ON CONFLICT(replica) DO UPDATE SET
                    contact = ?2, cursor = ?4, retired = NULL,
                    seen = coalesce(?5, CASE WHEN epoch = ?3 THEN seen ELSE 0 END), epoch = ?3
                """
        )
        .execute(
            arguments: [
                id, contact.at, epoch.description, Int64(bitPattern: contact.cursor),
                contact.seen.map { Int64(bitPattern: $0) },
            ]
        )
    }

    /// A hub's earlier id, or a bundle's: nobody waits for it to come.
    func forgetInRoster(_ replica: ReplicaID, _ db: Database) throws {
        guard !store.bundles.contains(replica) else { return }
        try store.markBundle(replica, db)
        try db.execute(
            sql: "DELETE FROM roster WHERE replica = ?",
            arguments: [Int64(bitPattern: replica.rawValue)]
        )
    }

    /// The roster, those retired too, by id.
    func roster(_ db: Database) throws -> [HubReplica] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT roster.replica, since, contact, epoch, cursor, seen, retired,
                       registration.number IS NOT NULL, coalesce(replica.counter, 0)
                FROM roster LEFT JOIN registration ON registration.replica = roster.replica
                     LEFT JOIN replica ON replica.id = roster.replica
                """
        )
        return
            try rows.map { row in
                var entry = HubReplica(ReplicaID(UInt64(bitPattern: try row.value(0))))
                entry.since = try row.value(1)
                entry.contactAt = try row.value(2)
                if try (row.value(3) as String) == epoch.description {
                    entry.cursor = UInt64(bitPattern: try row.value(4) as Int64)
                    entry.seen = UInt64(bitPattern: try row.value(5) as Int64)
                }
                entry.retiredAt = try row.value(6)
                entry.isRegistered = try row.value(7)
                entry.counter = UInt64(bitPattern: try row.value(8) as Int64)
                return entry
            }
            .sorted { $0.replica < $1.replica }
    }

    /// Up to which sequence everything that is still to come has seen.
    func stable(_ db: Database) throws -> UInt64 {
        let seen = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT min(CASE WHEN epoch = ? THEN seen ELSE 0 END) FROM roster
                    WHERE retired IS NULL
                    """
            ),
            arguments: [epoch.description]
        )
        return min(seen.map { UInt64(bitPattern: $0) } ?? head, head)
    }

    /// Takes a replica off the roster; it is told to discard nothing.
    func retire(
        _ replica: ReplicaID,
        reason: String,
        silentFor: Int64,
        now: Int64,
        _ db: Database
    ) throws -> HubReplica {
        guard let entry = try roster(db).first(where: { $0.replica == replica }) else {
            throw SyncError(.refused, "this hub knows no replica \(replica)")
        }
        guard entry.retiredAt == nil else { return entry }
        guard now - entry.silentSince >= silentFor else {
            throw SyncError(
                .refused,
                "\(replica) was here \((now - entry.silentSince) / HubCompaction.day) days ago; only "
                    + "what has been silent for \(silentFor / HubCompaction.day) days is retired"
            )
        }
        try db.execute(
            sql: "UPDATE roster SET retired = ? WHERE replica = ?",
            arguments: [now, Int64(bitPattern: replica.rawValue)]
        )
        try log(.retired, of: replica, reason: reason, at: now, db)
        var retired = entry
        retired.retiredAt = now
        return retired
    }

    private enum RosterEvent: String {
        case retired, returned
    }

    private func log(
        _ event: RosterEvent,
        of replica: ReplicaID,
        reason: String,
        at time: Int64,
        _ db: Database
    ) throws {
        try db.execute(
            sql: "INSERT INTO roster_event(replica, event, at, reason) VALUES (?, ?, ?, ?)",
            arguments: [Int64(bitPattern: replica.rawValue), event.rawValue, time, reason]
        )
    }

    // MARK: Times of receipt

    /// Notes that the log had come up to this sequence by that time.
    ///
    /// - `before`: nothing is noted while the last note is less than an hour older than this; nil to
    ///   note it in any case.
    func noteTime(_ sequence: UInt64, at time: Int64, before next: Int64?, _ db: Database) throws {
        guard sequence > 0 else { return }
        let last = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT sequence, at FROM receipt_time ORDER BY sequence DESC LIMIT 1"
            )
        )
        if let last {
            if UInt64(bitPattern: last[0] as Int64) >= sequence { return }
            if let next, next - (last[1] as Int64) < 3_600_000 { return }
        }
        try db.cachedStatement(sql: "INSERT INTO receipt_time VALUES (?, ?)")
            .execute(arguments: [Int64(bitPattern: sequence), time])
    }

    /// When an entry had certainly come; nil while that is not noted.
    func timeOfReceipt(_ sequence: UInt64, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT at FROM receipt_time WHERE sequence >= ? ORDER BY sequence LIMIT 1"
            ),
            arguments: [Int64(bitPattern: sequence)]
        )
    }
}
