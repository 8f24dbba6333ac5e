import GRDB
import SyncCore

extension HubReader {
    /// How many runs say where the changes of a replica that brought none end.
    private static let runsMax = 1_000

    /// Adds where the replica's own and its peer-met changes stand.
    ///
    /// Up to the end of the page all of them: its entries may name by number the records that these
    /// changes made, and a base needs peers' receipts no earlier. Own receipts go on to the head,
    /// because they acknowledge. So no page repeats what another has brought.
    ///
    /// - `scopes`: what the device sees, nil for everything. It may have written to a record that it
    ///   does not see, under its name or while it was moved away: it is told to leave it, or it would
    ///   go on with a copy that no longer follows.
    func addReceipts(
        _ page: inout HubPage,
        _ replica: ReplicaID,
        seeing scopes: [Int64]?,
        _ pull: HubPull,
        _ db: Database
    ) throws {
        var met = Span(after: pull.cursor, through: page.through)
        met.membership = scopes.map { ScopeMembership(scopes: $0, cursor: pull.cursor) }
        var own = Span(after: page.through, through: page.head)
        own.counterMin = pull.pushedFrom ?? 1
        own.isDetailed = pull.pushedFrom != nil
        if !own.isDetailed { own.runsMax = Self.runsMax }
        try addReceipts(&page, of: replica, [met, own], db)
        for entry in pull.held.entries where entry.replica != replica {
            var met = met
            met.counterMax = entry.counter
            let first = pull.unplaced[entry.replica]
            guard first > 0 else {
                try addReceipts(&page, of: entry.replica, [met], db)
                continue
            }
            // A peer brought it after the page that passed it, and had not heard itself where it
            // stands; the hub did not send it, because it is out of the device's scopes.
            Mark.passedPlaceTold.hit()
            var passed = met
            (passed.after, passed.through, passed.counterMin) = (0, pull.cursor, first)
            try addReceipts(&page, of: entry.replica, [passed, met], db)
        }
    }

    /// What the device has of others, but for what may be a lost branch.
    ///
    /// A clone's change that a peer brought is held apart, because its number is taken. Nobody says
    /// which of the two a device holds: from there on it gets the hub's again, and compares.
    func undisputed(_ pull: HubPull, _ db: Database) throws -> HubPull {
        var pull = pull
        for entry in pull.held.entries {
            guard let number = try number(of: entry.replica, db) else { continue }
            let first = try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT min(counter) FROM quarantine JOIN receipt USING (replica)
                        WHERE replica = ? AND counter >= first AND counter < first + count
                        """
                ),
                arguments: [number]
            )
            guard let first, first > 0 else { continue }
            pull.held[entry.replica] = min(entry.counter, UInt64(first) - 1)
        }
        return pull
    }

    /// Which of a replica's receipts are wanted.
    private struct Span {
        var after: UInt64
        var through: UInt64
        var counterMin: UInt64 = 1
        var counterMax: UInt64 = .max
        var runsMax = Int.max
        /// Whether bounds and record numbers are wanted too.
        var isDetailed = true
        /// Tells which records leave; nil where none do.
        var membership: ScopeMembership?
    }

    private func addReceipts(
        _ page: inout HubPage,
        of replica: ReplicaID,
        _ spans: [Span],
        _ db: Database
    ) throws {
        guard let number = try number(of: replica, db) else { return }
        var receipts = SyncResponse.ReplicaReceipts(
            replica: replica,
            runs: [],
            bounds: [],
            records: []
        )
        for span in spans where span.after < span.through {
            let runs = try runs(of: number, span, db)
            receipts.runs += runs
            guard span.isDetailed else { continue }
            for run in runs {
                try addDetails(of: run, to: &receipts, leaving: &page, span.membership, db)
            }
        }
        if !receipts.runs.isEmpty { page.receipts.append(receipts) }
    }

    /// A replica's runs within a span, oldest first.
    private func runs(of number: Int64, _ span: Span, _ db: Database) throws -> [Receipts.Run] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT first, count, sequence, entries FROM receipt
                    WHERE replica = ? AND first <= ? ORDER BY first DESC
                    """
            ),
            arguments: [number, Int64(clamping: span.counterMax)]
        )
        var runs: [Receipts.Run] = []
        while runs.count < span.runsMax, let row = try rows.next() {
            var run = Receipts.Run(
                first: try row.natural(0),
                count: try row.natural(1),
                sequence: try row.natural(2),
                entries: try row.natural(3)
            )
            guard run.entries > 0, let end = run.end, let sequenceEnd = run.sequenceEnd else {
                throw StoreError(.corrupt, "a receipt of no entries, or one that overflows")
            }
            guard sequenceEnd > span.after + 1, end > span.counterMin else { break }
            if run.clip(span.after, span.through, span.counterMin, span.counterMax) {
                runs.append(run)
            }
        }
        return runs.reversed()
    }

    /// Bounds of the run's changes, and the numbers of the records that begin with them.
    private func addDetails(
        of run: Receipts.Run,
        to receipts: inout SyncResponse.ReplicaReceipts,
        leaving page: inout HubPage,
        _ membership: ScopeMembership?,
        _ db: Database
    ) throws {
        var leaves: [Int64: Bool] = [:]
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    \(Self.entries) WHERE log.number >= ? AND log.number < ? ORDER BY log.number
                    """
            ),
            arguments: [
                Int64(bitPattern: run.sequence), Int64(bitPattern: run.sequenceEnd ?? 0),
            ]
        )
        while let row = try rows.next() {
            let read = try entry(row, db)
            let counter = read.row.entry.dot.counter
            if let bound = read.row.bound, receipts.bounds.last?.counter != counter {
                receipts.bounds.append(.init(counter: counter, timestamp: bound))
            }
            let record = read.row.recordNumber
            if let membership, leaves[record] == nil {
                let visibility = try membership.visibility(of: record, db)
                leaves[record] = !visibility.isIn(at: page.through)
            }
            if read.introducesRecord || leaves[record] == true {
                receipts.records.append(
                    .init(
                        counter: counter,
                        part: read.row.entry.part,
                        number: UInt64(bitPattern: record)
                    )
                )
            }
        }
        for (record, hasLeft) in leaves.sorted(by: { $0.key < $1.key }) where hasLeft {
            let number = UInt64(bitPattern: record)
            if !page.leaves.contains(number) { page.leaves.append(number) }
        }
    }
}

extension Receipts.Run {
    /// Keeps the whole changes whose sequences lie in (after, through] and whose counters lie in
    /// min...max; false when none is left.
    ///
    /// The run is one of the store's: its ends do not overflow.
    fileprivate mutating func clip(
        _ after: UInt64,
        _ through: UInt64,
        _ counterMin: UInt64,
        _ counterMax: UInt64
    ) -> Bool {
        guard through >= sequence, counterMax >= first else { return false }
        var kept = min(count, (through - sequence + 1) / entries)
        kept = min(kept, counterMax - first == .max ? .max : counterMax - first + 1)
        // A change counts as seen when its first entry is.
        var dropped = after < sequence ? 0 : (after - sequence) / entries + 1
        if counterMin > first { dropped = max(dropped, counterMin - first) }
        guard dropped < kept else { return false }
        first += dropped
        sequence += dropped * entries
        count = kept - dropped
        return true
    }
}
