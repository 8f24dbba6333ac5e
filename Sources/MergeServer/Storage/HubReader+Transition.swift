import GRDB
import Replication
import SyncCore

extension HubReader {
    /// How many records one page of a transition looks at.
    private static let recordsMax = 5_000

    func transitionPage(
        for replica: RegisteredReplica,
        _ transition: SyncRequest.Transition,
        _ pull: HubPull
    ) throws -> HubPage {
        try read { db in
            let pull = try undisputed(pull, db)
            var page = try begin(pull, db)
            let to = try scopeNumbers(of: replica.scopes, and: replica.replica, db)
            let from = try scopeNumbers(of: transition.from, and: replica.replica, db)
            let touched = try records(listedUnder: from, after: pull.cursor, db)
            let numbers = try Int64.fetchAll(
                db.cachedStatement(
                    sql: "SELECT number FROM record WHERE number > ? ORDER BY number LIMIT ?"
                ),
                arguments: [Int64(bitPattern: transition.after), Self.recordsMax]
            )
            let isRest = numbers.count < Self.recordsMax
            page.transitionThrough = isRest ? 0 : numbers.last.map { UInt64(bitPattern: $0) }
            var size = 0
            for number in numbers {
                // What enters after the cursor comes with the pages that follow.
                let isIn =
                    try to.map { try isListed(number, under: $0, by: pull.cursor, db) } ?? true
                let wasIn =
                    try from.map { try isListed(number, under: $0, by: pull.cursor, db) } ?? true
                if isIn, !wasIn {
                    let history = try history(
                        of: number,
                        isWanted: { $0.replica != replica.replica },
                        db
                    )
                    size += history.size
                    // It was not in the device's scopes at the cursor: it may have left them.
                    page.introduce(history.echoing(ifBefore: .max), through: pull.cursor)
                } else if !isIn, wasIn || touched.contains(number),
                    try !isWhollyAhead(number, to, pull.cursor, db)
                {
                    page.leaves.append(UInt64(bitPattern: number))
                    size += 4
                }
                if size > pull.bytesMax {
                    Mark.transitionContinued.hit()
                    page.transitionThrough = UInt64(bitPattern: number)
                    break
                }
            }
            page.entries.entries.sort { $0.sequence < $1.sequence }
            try addReceipts(&page, replica.replica, seeing: to, pull, db)
            return page
        }
    }

    /// The records that were in these scopes at some time after the cursor: the device may have
    /// them, wherever they have gone since.
    private func records(
        listedUnder scopes: [Int64]?,
        after cursor: UInt64,
        _ db: Database
    ) throws -> Set<Int64> {
        var records: Set<Int64> = []
        for scope in scopes ?? [] {
            let found = try Int64.fetchCursor(
                db.cachedStatement(
                    sql: "SELECT record FROM scope_entry WHERE scope = ? AND sequence > ?"
                ),
                arguments: [scope, Int64(bitPattern: cursor)]
            )
            while let record = try found.next() { records.insert(record) }
        }
        return records
    }

    /// Whether a record is in these scopes from its first entry on, which is after the cursor: the
    /// device may have made it itself.
    private func isWhollyAhead(
        _ record: Int64,
        _ scopes: [Int64]?,
        _ cursor: UInt64,
        _ db: Database
    ) throws -> Bool {
        let membership = ScopeMembership(scopes: scopes ?? [], cursor: cursor)
        guard case .entered(let since) = try membership.visibility(of: record, db) else {
            return false
        }
        return try history(of: record, isWanted: { _ in false }, db).rows.first?.sequence == since
    }

    /// Whether a record is in one of these scopes, and has been since this sequence or before.
    private func isListed(
        _ record: Int64,
        under scopes: [Int64],
        by sequence: UInt64,
        _ db: Database
    ) throws -> Bool {
        let membership = ScopeMembership(scopes: scopes, cursor: sequence)
        if case .held = try membership.visibility(of: record, db) { return true }
        return false
    }
}
