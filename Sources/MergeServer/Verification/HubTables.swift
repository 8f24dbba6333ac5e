import GRDB
import Replication
import SyncCore

/// The check of what only a hub's file has: scopes, receipts of everybody, figures.
struct HubTables: Sendable {
    /// The scopes by name.
    private(set) var scopes: [String: Int64] = [:]
    /// Per record, the scopes that it is in and since which sequence.
    private(set) var memberships: [Int64: [Int64: UInt64]] = [:]

    mutating func check(_ check: StoreCheck, _ db: Database) throws {
        check.attempt("scopes") { try checkScopes(check, db) }
        check.attempt("memberships") { try readMemberships(check, db) }
        check.attempt("receipts") { try HubTables.checkReceipts(check, db) }
        check.attempt("registrations") { try HubTables.checkRegistrations(check, db) }
        check.attempt("figures") {
            let (kept, counted) = (try HubFigures.load(db), try HubFigures.count(db))
            if kept != counted {
                check.note(
                    .projection,
                    "figures",
                    "\(kept.records) records, \(kept.conflicts) conflicts and \(kept.quarantined) "
                        + "changes held apart are noted; \(counted.records), \(counted.conflicts) "
                        + "and \(counted.quarantined) are there"
                )
            }
        }
    }

    /// Every scope's entries are numbered densely, in the order of the log.
    private mutating func checkScopes(_ check: StoreCheck, _ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT number, name, head FROM scope")
        var heads: [Int64: (name: String, head: Int64)] = [:]
        while let row = try rows.next() {
            scopes[try row.value(1)] = try row.value(0)
            heads[try row.value(0)] = (try row.value(1), try row.value(2))
        }
        var last: [Int64: (position: Int64, sequence: Int64)] = [:]
        let entries = try Row.fetchCursor(
            db,
            sql: """
                SELECT scope, position, scope_entry.sequence, scope_entry.record, log.number
                FROM scope_entry LEFT JOIN log ON log.number = scope_entry.sequence
                ORDER BY scope, position
                """
        )
        while let row = try entries.next() {
            let (scope, position, sequence): (Int64, Int64, Int64) = (
                try row.value(0), try row.value(1), try row.value(2)
            )
            let name = heads[scope]?.name ?? "scope \(scope)"
            let before = last[scope] ?? (0, 0)
            if position != before.position + 1 {
                check.note(
                    .denseOrder,
                    name,
                    "position \(position) follows \(before.position)"
                )
            }
            if sequence < before.sequence || row.hasNull(atIndex: 4) {
                check.note(
                    .denseOrder,
                    name,
                    "position \(position) names the entry \(sequence) after \(before.sequence)"
                )
            }
            if check.account.records[try row.value(3)] == nil {
                check.note(
                    .soundFile,
                    name,
                    "position \(position) names a record that is not there"
                )
            }
            last[scope] = (position, sequence)
        }
        for (scope, head) in heads.sorted(by: { $0.key < $1.key })
        where head.head != last[scope]?.position ?? 0 {
            check.note(
                .denseOrder,
                head.name,
                "has \(head.head) entries by its count and \(last[scope]?.position ?? 0) listed"
            )
        }
        for scope in last.keys.sorted() where heads[scope] == nil {
            check.note(.soundFile, "scope \(scope)", "has entries and no name")
        }
    }

    private mutating func readMemberships(_ check: StoreCheck, _ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT record, scope, since FROM record_scope")
        let names = Set(scopes.values)
        while let row = try rows.next() {
            let (record, scope): (Int64, Int64) = (try row.value(0), try row.value(1))
            let since = UInt64(bitPattern: try row.value(2) as Int64)
            memberships[record, default: [:]][scope] = since
            if check.account.records[record] == nil || !names.contains(scope) {
                check.note(.soundFile, "record \(record)", "is in scope \(scope); one is not there")
            }
            if since > check.account.cursor {
                check.note(
                    .denseOrder,
                    "record \(record)",
                    "is in a scope since \(since), past the head \(check.account.cursor)"
                )
            }
        }
        try readPastMemberships(check, names, db)
        let families = try Row.fetchCursor(db, sql: "SELECT record, parent FROM record_parent")
        while let row = try families.next() {
            for record in [try row.value(0) as Int64, try row.value(1)]
            where check.account.records[record] == nil {
                check.note(.soundFile, "record \(record)", "has a family and is not there")
            }
        }
    }

    private func readPastMemberships(
        _ check: StoreCheck,
        _ names: Set<Int64>,
        _ db: Database
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT record, scope, since, until FROM record_scope_past"
        )
        while let row = try rows.next() {
            let (record, scope): (Int64, Int64) = (row[0], row[1])
            let (since, until) = (UInt64(bitPattern: row[2]), UInt64(bitPattern: row[3]))
            if check.account.records[record] == nil || !names.contains(scope) {
                check.note(.soundFile, "record \(record)", "was in scope \(scope); one is not here")
            }
            if since >= until || until > check.account.cursor {
                check.note(
                    .denseOrder,
                    "record \(record)",
                    "was in a scope since \(since) and until \(until)"
                )
            }
        }
    }

    /// Every change in the log has one receipt, and no receipt is of anything else.
    private static func checkReceipts(_ check: StoreCheck, _ db: Database) throws {
        var receipts: [ReplicaID: Receipts] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, first, count, sequence, entries
                FROM receipt LEFT JOIN replica ON number = replica ORDER BY replica, first
                """
        )
        var promised = 0
        while let row = try rows.next() {
            guard let id = try row.value(0) as Int64? else {
                check.note(.receipts, "receipts", "are there of a replica that is not")
                continue
            }
            let replica = ReplicaID(UInt64(bitPattern: id))
            let run = Receipts.Run(
                first: UInt64(bitPattern: try row.value(1)),
                count: UInt64(bitPattern: try row.value(2)),
                sequence: UInt64(bitPattern: try row.value(3)),
                entries: UInt64(bitPattern: try row.value(4))
            )
            do {
                try receipts[replica, default: Receipts()].append(run, allowingGap: true)
                promised += Int(clamping: run.count)
            } catch {
                check.note(.receipts, "\(replica)", "change \(run.first): \(error)")
            }
        }
        var changes = 0
        for (key, mark) in check.account.entries.sorted(by: { $0.key.dot < $1.key.dot }) {
            if key.part == 0 { changes += 1 }
            let receipt = receipts[key.dot.replica]?.sequence(of: key.dot.counter)
            guard receipt.map({ $0 + UInt64(key.part) }) != mark.sequence else { continue }
            check.note(
                .receipts,
                "\(key.dot) part \(key.part)",
                "stands at \(mark.sequence ?? 0); its receipt says "
                    + (receipt.map { "\($0)" } ?? "nothing")
            )
        }
        if promised != changes {
            check.note(.receipts, "receipts", "\(promised) for \(changes) changes")
        }
    }

    private static func checkRegistrations(_ check: StoreCheck, _ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT number, scopes FROM registration")
        while let row = try rows.next() {
            do {
                _ = try ScopeList.decode(try row.value(1))
            } catch {
                check.note(.soundFile, "registration \(row[0] as DatabaseValue)", "\(error)")
            }
        }
    }
}
