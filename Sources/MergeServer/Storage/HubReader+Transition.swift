import GRDB
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
            let to = try scopeNumbers(of: replica.scopes, db)
            let from = try scopeNumbers(of: transition.from, db)
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
                let isIn = try to.map { try isListed(number, under: $0, by: .max, db) } ?? true
                let wasIn =
                    try from.map { try isListed(number, under: $0, by: pull.cursor, db) } ?? true
                if isIn, !wasIn {
                    let rows = try history(
                        of: number,
                        isWanted: { $0.replica != replica.replica },
                        db
                    )
                    size += rows.reduce(0) { $0 + $1.entry.approximateSize }
                    page.introduce(rows, through: pull.cursor)
                } else if !isIn, wasIn || touched.contains(number) {
                    page.leaves.append(UInt64(bitPattern: number))
                    size += 4
                }
                if size > pull.bytesMax {
                    page.transitionThrough = UInt64(bitPattern: number)
                    break
                }
            }
            page.entries.entries.sort { $0.sequence < $1.sequence }
            try addReceipts(&page, replica.replica, pull, db)
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

    /// Whether a record is in one of these scopes, and has been since this sequence or before.
    private func isListed(
        _ record: Int64,
        under scopes: [Int64],
        by sequence: UInt64,
        _ db: Database
    ) throws -> Bool {
        try ScopeMembership(scopes: scopes, cursor: sequence).visibility(of: record, db) == .held
    }
}
