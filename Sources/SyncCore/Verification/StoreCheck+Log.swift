import GRDB
import Replication

extension StoreCheck {
    /// Reads every row of the log once: names, numbers, order, and what each writer had seen.
    func checkLog(_ db: Database) throws {
        var pass = LogPass(check: self)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, replica, counter, record, sequence, entry FROM log ORDER BY number
                """
        )
        while let row = try rows.next() {
            do {
                pass.take(try records.logRow(row, db))
            } catch {
                note(.soundFile, "log row \(number(of: row))", "cannot be read: \(error)")
            }
        }
        pass.finish()
        if !account.isHub {
            let last = try Int64.fetchOne(db, sql: "SELECT max(number) FROM log") ?? 0
            let after =
                try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'outbox_after'")
                ?? 0
            if after > last {
                note(.noLoss, "settings", "what waits begins after row \(after) of \(last)")
            }
        }
    }
}

/// A row's number for a finding, whatever the file holds there.
private func number(of row: Row) -> String { "\(row[0] as DatabaseValue)" }

/// What the rows of a log say together.
private struct LogPass {
    private let check: StoreCheck
    private var isHub: Bool { check.account.isHub }
    /// Per replica, the highest counter so far.
    private var last = VersionVector()
    /// Per change, how many of its parts came, and how many it has.
    private var parts: [Dot: (found: UInt32, of: UInt32)] = [:]
    /// The numbers in use, and by which entry.
    private var sequences: [UInt64: Dot] = [:]
    /// The number of the row before.
    private var number: Int64 = 0

    init(check: StoreCheck) { self.check = check }

    mutating func take(_ row: RecordStore.LogRow) {
        let entry = row.entry
        let key = StoreAccount.EntryKey(entry.dot, part: entry.part)
        let place = "\(entry.dot) part \(entry.part)"
        let sequence = check.records.sequence(of: row)
        if check.account.entries[key] != nil {
            check.note(.exactlyOnce, place, "stands twice, the second time in row \(row.number)")
        }
        if entry.part >= entry.parts {
            check.note(.soundFile, place, "is one of only \(entry.parts) parts")
        }
        check.account.entries[key] = StoreAccount.EntryMark(
            sequence: sequence,
            content: entry.digest.hashValue,
            record: row.recordNumber
        )
        parts[entry.dot, default: (0, entry.parts)].found += 1
        if let sequence { takeNumber(sequence, entry.dot, place) }
        if isHub {
            takeOrder(row, place)
        } else {
            takeReceived(row, place)
        }
        last.insert(entry.dot)
        number = row.number
    }

    private mutating func takeNumber(_ sequence: UInt64, _ dot: Dot, _ place: String) {
        if let other = sequences.updateValue(dot, forKey: sequence) {
            check.note(.denseOrder, place, "has the number \(sequence), which \(other) has too")
        }
    }

    /// A hub's order: dense, each replica's changes one after the other, causes before effects.
    private mutating func takeOrder(_ row: RecordStore.LogRow, _ place: String) {
        let entry = row.entry
        if row.number != number + 1 || row.sequence != UInt64(bitPattern: row.number) {
            check.note(
                .denseOrder,
                place,
                "has the number \(row.sequence) in row \(row.number) after row \(number)"
            )
        }
        let before = last[entry.dot.replica]
        if entry.dot.counter < before {
            check.note(.denseOrder, place, "stands after its replica's change \(before)")
        } else if entry.dot.counter > before + 1 {
            let missing = entry.dot.counter - before - 1
            let apart = check.account.heldApart.count {
                $0.replica == entry.dot.replica && before < $0.counter
                    && $0.counter < entry.dot.counter
            }
            if UInt64(apart) != missing {
                check.note(
                    .denseOrder,
                    place,
                    "follows change \(before) of its replica; \(missing) are missing between"
                )
            }
        }
        if let base = check.base(of: entry.context), base >= row.sequence {
            check.note(.causality, place, "has seen the order up to \(base)")
        }
        for peer in entry.context.peers.entries {
            let known = last[peer.replica]
            let apart = check.account.heldApart.contains(Dot(peer.replica, peer.counter))
            // What an earlier epoch had numbered may come back after those that had seen it.
            let isLate = check.records.lives.hasNumbered(Dot(peer.replica, peer.counter))
            if known > 0, known < peer.counter, !apart, !isLate {
                check.note(
                    .causality,
                    place,
                    "has seen change \(peer.counter) of \(peer.replica), which stands after it"
                )
            }
        }
    }

    /// A device's rows: what came from the hub lies within what the device says that it has seen.
    private func takeReceived(_ row: RecordStore.LogRow, _ place: String) {
        // A delta between devices brings the hub's numbers along, ahead of the cursor.
        let isMet = check.records.peerMet.contains(row.entry.dot)
        if row.sequence > check.account.cursor, !isMet {
            check.note(
                .cursorHonesty,
                place,
                "came with the number \(row.sequence), past the cursor \(check.account.cursor)"
            )
        }
        if row.sequence != 0,
            let receipt = check.records.receipts[row.entry.dot.replica]?
                .sequence(of: row.entry.dot.counter),
            receipt + UInt64(row.entry.part) != row.sequence
        {
            check.note(
                .receipts,
                place,
                "came with the number \(row.sequence), its receipt says \(receipt)"
            )
        }
    }

    /// What only the whole log shows.
    func finish() {
        let own = check.account.replica
        for (dot, count) in parts.sorted(by: { $0.key < $1.key })
        where (isHub || dot.replica == own) && count.found != count.of {
            check.note(
                .exactlyOnce,
                "\(dot)",
                "is torn: \(count.found) of its \(count.of) parts are here"
            )
        }
        for entry in check.account.knowledge.entries where isHub || entry.replica == own {
            checkContiguity(of: entry.replica, through: entry.counter)
        }
    }

    private func checkContiguity(of replica: ReplicaID, through counter: UInt64) {
        let dots = parts.keys.filter { $0.replica == replica }
        // A hub counts what it holds apart as known; a device keeps its own such changes in its log.
        let apart =
            isHub
            ? check.account.heldApart.filter { $0.replica == replica && parts[$0] == nil } : []
        let count = UInt64(dots.count + apart.count)
        let highest = max(dots.map(\.counter).max() ?? 0, apart.map(\.counter).max() ?? 0)
        if count != counter || highest != counter {
            check.note(
                .denseOrder,
                "\(replica)",
                "is counted up to \(counter); \(count) of its changes are here, up to \(highest)"
            )
        }
    }
}
