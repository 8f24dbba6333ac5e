import GRDB
import Replication
import SyncCore

extension HubReader {
    /// The rows of one page are about this many at most.
    static let rowsMax = 20_000

    func page(for replica: RegisteredReplica, _ pull: HubPull) throws -> HubPage {
        try read { db in
            let pull = try undisputed(pull, db)
            var page = try begin(pull, db)
            var scopes = try scopeNumbers(of: replica.scopes, and: replica.replica, db)
            #if FIELD_MUTANTS
            if Mutant.isOn(.m19) { scopes = nil }
            #endif
            if pull.bytesMax > 0, pull.cursor < page.head {
                if let scopes {
                    try fillScoped(&page, replica, scopes, pull, db)
                } else {
                    try fillAll(&page, replica, pull, db)
                }
            }
            try addReceipts(&page, replica.replica, seeing: scopes, pull, db)
            try addNews(&page, pull, db)
            return page
        }
    }

    /// An empty page at the cursor.
    func begin(_ pull: HubPull, _ db: Database) throws -> HubPage {
        var page = HubPage()
        page.head = try head(db)
        guard pull.cursor <= page.head else {
            throw SyncError(.newEpoch, "the device has seen more than the hub has")
        }
        page.through = pull.cursor
        return page
    }

    /// The scopes a device sees, nil for all: those it asked for, everyone's, and its own.
    func scopeNumbers(
        of names: [String],
        and replica: ReplicaID,
        _ db: Database
    ) throws -> [Int64]? {
        guard !names.isEmpty else { return nil }
        var numbers: [Int64] = []
        for name in names + [ScopeMoves.everyone, replica.ownScope] {
            let number =
                try db.cachedStatement(sql: "SELECT number FROM scope WHERE name = ?")
                .first(.text(name)) { try $0.integer(0) }
            if let number { numbers.append(number) }
        }
        return numbers
    }

    /// What has become known of earlier epochs since the cursor.
    func addNews(_ page: inout HubPage, _ pull: HubPull, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT epoch.id, replica.id, first, count, sequence, entries
                    FROM earlier JOIN epoch ON epoch.number = earlier.epoch
                    JOIN replica ON replica.number = earlier.replica
                    WHERE since > ? AND since <= ?
                    ORDER BY earlier.epoch, earlier.replica, first
                    """
            ),
            arguments: [Int64(bitPattern: pull.cursor), Int64(bitPattern: page.through)]
        )
        guard !rows.isEmpty else { return }
        for row in rows {
            let epoch = try RecordStore.epoch(row.value(0))
            let replica = ReplicaID(UInt64(bitPattern: try row.value(1)))
            let run = try RecordStore.run(row, from: 2)
            let last = page.news.numbers.indices.last
            if let last, page.news.numbers[last].epoch == epoch,
                page.news.numbers[last].replica == replica
            {
                page.news.numbers[last].runs.append(run)
            } else {
                page.news.numbers.append(.init(epoch: epoch, replica: replica, runs: [run]))
            }
        }
        page.news.births = try RecordStore.births(db)
    }

    private func isWanted(
        _ dot: Dot,
        _ replica: RegisteredReplica,
        _ pull: HubPull
    ) -> Bool {
        dot.replica != replica.replica && !pull.held.contains(dot)
    }

    // MARK: Everything

    private func fillAll(
        _ page: inout HubPage,
        _ replica: RegisteredReplica,
        _ pull: HubPull,
        _ db: Database
    ) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "\(Self.entries) WHERE log.number > ? ORDER BY log.number LIMIT ?"
            ),
            arguments: [Int64(bitPattern: pull.cursor), Self.rowsMax + 1]
        )
        var size = 0
        var count = 0
        var last: LogEntry?
        #if FIELD_MUTANTS
        let horizon = try horizon(db)
        #endif
        while let row = try rows.next() {
            let read = try entry(row, db)
            #if FIELD_MUTANTS
            if Mutant.isOn(.m3), size > pull.bytesMax, let last, read.row.entry.dot == last.dot {
                // The next page asks for what is greater than this key, which the rest has too.
                page.through += UInt64(last.parts - last.part) - 1
                return
            }
            if Mutant.isOn(.m2), read.row.recordNumber > horizon {
                page.through = read.row.sequence
                continue
            }
            #endif
            if read.row.entry.dot != last?.dot, size > pull.bytesMax {
                Mark.pageEnded.hit()
                return
            }
            count += 1
            last = read.row.entry
            page.through = read.row.sequence
            guard isWanted(read.row.entry.dot, replica, pull) else { continue }
            size += read.size
            page.entries.entries.append(read.item(introducesRecord: read.introducesRecord))
        }
        if count > Self.rowsMax, let last { dropTornChange(last, from: &page) }
    }

    #if FIELD_MUTANTS
    /// Rows from here on may be of a transaction that is still open, by the records' numbers; the
    /// cursor goes by the sequence.
    private func horizon(_ db: Database) throws -> Int64 {
        let last = try Int64.fetchOne(
            db,
            sql: "SELECT record FROM log ORDER BY number DESC LIMIT 1"
        )
        return (last ?? 0) - 1
    }
    #endif

    /// The row limit may have cut the last change; it waits for the next page, whole.
    ///
    /// A page ends where a change ends, so that a base never lies inside one.
    private func dropTornChange(_ last: LogEntry, from page: inout HubPage) {
        guard last.part &+ 1 < last.parts else { return }
        page.entries.entries.removeAll { $0.entry.dot == last.dot }
        page.through &-= UInt64(last.part) + 1
    }

    // MARK: Scopes

    private func fillScoped(
        _ page: inout HubPage,
        _ replica: RegisteredReplica,
        _ scopes: [Int64],
        _ pull: HubPull,
        _ db: Database
    ) throws {
        var rows = ScopeRows(scopes: scopes, after: pull.cursor)
        let membership = ScopeMembership(scopes: scopes, cursor: pull.cursor)
        var visible: [Int64: ScopeMembership.Visibility] = [:]
        var entering: [(record: Int64, since: UInt64, history: History)] = []
        var size = 0
        var count = 0
        var last: Entry?
        page.through = page.head
        while let (sequence, number) = try rows.next(db) {
            let read: Entry
            if let last, last.row.sequence == sequence {
                read = last
            } else {
                read = try entry(at: sequence, db)
            }
            if size > pull.bytesMax || count >= Self.rowsMax,
                read.row.entry.dot != last?.row.entry.dot
            {
                Mark.scopedPageEnded.hit()
                // Where this change begins: parts before this one may be out of scope.
                page.through = read.row.sequence &- UInt64(read.row.entry.part) &- 1
                break
            }
            last = read
            count += 1
            size += read.size
            let state = try visible[number] ?? membership.visibility(of: number, db)
            if visible.updateValue(state, forKey: number) == nil {
                switch state {
                case .held: break
                case .left: page.leaves.append(UInt64(bitPattern: number))
                case .entered(let since):
                    // Whole: what the device holds of a replica from elsewhere need not include what
                    // that replica wrote here, out of the device's sight.
                    let history = try history(
                        of: number,
                        isWanted: { $0.replica != replica.replica },
                        db
                    )
                    size += history.size
                    entering.append((number, since, history.echoing(ifBefore: since)))
                }
            }
            // A move of the parent lists a record under an entry that is not its own.
            guard case .held = state, read.row.recordNumber == number,
                isWanted(read.row.entry.dot, replica, pull)
            else { continue }
            page.entries.entries.append(read.item(introducesRecord: false))
        }
        for (record, since, history) in entering {
            if since <= page.through {
                page.introduce(history, through: page.through)
            } else {
                // It is out and comes back after this page: what is written until then is not sent.
                page.leaves.append(UInt64(bitPattern: record))
            }
        }
        page.entries.entries.sort { $0.sequence < $1.sequence }
    }

    private func entry(at sequence: UInt64, _ db: Database) throws -> Entry {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "\(Self.entries) WHERE log.number = ?"),
            arguments: [Int64(bitPattern: sequence)]
        )
        guard let row else { throw StoreError(.corrupt, "log entry \(sequence) is missing") }
        return try entry(row, db)
    }
}
