import GRDB
import Replication

extension StoreCheck {
    /// Compares every record with what the log adds up to, and the query tables with the records.
    func checkRecords(_ db: Database, progress: (_ done: Int, _ of: Int) -> Void) throws {
        let numbers = try Int64.fetchAll(db, sql: "SELECT number FROM record ORDER BY number")
        let texts = try TextRebuild(records.schema)
        var chained = 0
        for (index, number) in numbers.enumerated() {
            do {
                guard let record = try records.load(number, db) else { continue }
                try check(record, texts, &chained, db)
            } catch {
                note(.soundFile, "record \(number)", "cannot be read: \(error)")
            }
            if (index + 1) % 200 == 0 || index + 1 == numbers.count {
                progress(index + 1, numbers.count)
            }
        }
        for schema in records.schema.records {
            let projection = Projection(schema)
            for stray in try StoreMaintenance.strayRows(of: projection, db) {
                note(.projection, "\(stray.key.id)", stray.problem)
            }
            if schema.place != nil { try checkPlaces(schema, db) }
        }
        for difference in try StoreMaintenance.logProblems(records, chained: chained, db) {
            note(.receipts, "log", difference.problem)
        }
        for problem in try texts.differences(from: db) {
            note(.projection, problem.table, problem.problem)
        }
    }

    private func check(
        _ record: LoadedRecord,
        _ texts: TextRebuild,
        _ chained: inout Int,
        _ db: Database
    ) throws {
        let place = "\(record.key)"
        for problem in try StoreMaintenance.problems(of: record, records, db, &chained) {
            note(.projection, place, problem)
        }
        let history = try records.history(of: record, db)
        for problem in NaiveFold(history, past: { self.records.past(of: $0) })
            .problems(of: record.state, schema: record.schema)
        {
            note(.mergeAlgebra, place, problem)
        }
        let view = record.view
        account.records[record.number] = StoreAccount.RecordMark(
            key: record.key,
            shown: StoreCheck.digest(of: view),
            isKnown: view.lifecycle != .unknown,
            hasLeft: try records.departure(of: record.number, db) != nil
        )
        if let projection = records.projections[record.key.type],
            let content = projection.content(of: view)
        {
            try texts.add(record.number, content, of: projection)
        }
    }

    /// What is shown, without the hub's numbers: stores learn them at different moments.
    private static func digest(of view: RecordView) -> Int {
        func candidates(_ all: [Conflict.Candidate], _ hasher: inout Hasher) {
            for candidate in all {
                hasher.combine(candidate.stamp.dot)
                hasher.combine(candidate.slot)
                hasher.combine(candidate.value)
            }
        }
        var hasher = Hasher()
        hasher.combine(view.lifecycle)
        hasher.combine(view.values)
        for conflict in view.conflicts {
            hasher.combine(conflict.subject)
            hasher.combine(conflict.shown)
            candidates(conflict.candidates, &hasher)
        }
        hasher.combine(view.standingSeal?.stamp.dot)
        candidates(view.supplements, &hasher)
        return hasher.finalize()
    }

    /// The R*Tree's own check.
    private func checkPlaces(_ schema: RecordSchema, _ db: Database) throws {
        let verdict = try String.fetchOne(
            db,
            sql: "SELECT rtreecheck(?)",
            arguments: ["r_\(schema.name)"]
        )
        if let verdict, verdict != "ok" { note(.projection, "r_\(schema.name)", verdict) }
    }
}

/// Which writes of a slot must be kept, from the definition and not step by step: those that no
/// other write has seen.
///
/// It knows nothing of packed states, and looks at every pair.
private struct NaiveFold {
    private struct Write {
        let dot: Dot
        let sequence: UInt64?
        let past: ResolvedPast
        let value: FieldValue
    }

    /// Slots with more writes than this are left out: every pair of them is looked at.
    private static let writesMax = 2_000

    private var writes: [SlotKey: [Write]] = [:]

    init(_ history: [RecordStore.LogRow], past: (LogEntry) -> ResolvedPast) {
        for row in history {
            let seen = past(row.entry)
            for case .write(let slot, let value) in row.entry.actions {
                // Of two writes of one change the last one counts.
                writes[slot, default: []].removeAll { $0.dot == row.entry.dot }
                writes[slot, default: []]
                    .append(
                        Write(
                            dot: row.entry.dot,
                            sequence: row.sequence == 0 ? nil : row.sequence,
                            past: seen,
                            value: value
                        )
                    )
            }
        }
    }

    func problems(of state: RecordState, schema: RecordSchema) -> [String] {
        var problems: [String] = []
        for slot in state.slots where writes[slot.key] == nil {
            problems.append("keeps writes of \(slot.key), of which the log has none")
        }
        for (key, all) in writes.sorted(by: { $0.key < $1.key }) where all.count <= Self.writesMax {
            let kept = state.slot(key)?.siblings ?? []
            let policy = schema.policy(of: key)
            let wanted: Set<Dot>
            if policy == .counter {
                // A replica's last total; totals of different replicas add up.
                let last = Dictionary(grouping: all, by: \.dot.replica)
                    .compactMapValues { $0.map(\.dot).max() }
                wanted = Set(last.values)
            } else {
                wanted = Set(
                    all.filter { write in
                        !all.contains {
                            $0.dot != write.dot
                                && $0.past.contains(write.dot, sequence: write.sequence)
                        }
                    }
                    .map(\.dot)
                )
            }
            // A monotone field keeps its extreme too, whoever has seen it.
            let found = Set(
                kept.filter { !policy.isMonotone || !$0.isSuperseded }.map(\.stamp.dot)
            )
            let values = Dictionary(uniqueKeysWithValues: all.map { ($0.dot, $0.value) })
            if found != wanted || kept.contains(where: { values[$0.stamp.dot] != $0.value }) {
                problems.append(
                    "field \(schema.name(of: key)) keeps the writes "
                        + "\(kept.map { "\($0.stamp.dot)" }.joined(separator: ", ")); unseen are "
                        + wanted.sorted().map { "\($0)" }.joined(separator: ", ")
                )
            }
        }
        return problems
    }
}

extension RecordSchema {
    fileprivate func policy(of slot: SlotKey) -> MergePolicy {
        guard slot.field != SlotKey.unlisted else {
            return unlistedFields?.policy ?? .keepSiblings
        }
        return field(slot.field)?.policy ?? .keepSiblings
    }
}

/// Full text made again from the records in a file that is nobody's, to compare word for word: what
/// an index without content holds cannot be read back otherwise.
private struct TextRebuild {
    private let queue: DatabaseQueue
    private let projections: [Projection]

    init(_ schema: Schema) throws {
        // An empty path is a private file that SQLite removes itself.
        let queue = try DatabaseQueue(path: "")
        let projections = schema.records.map { Projection($0) }.filter { !$0.searchable.isEmpty }
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            for projection in projections { try projection.createTables(db) }
        }
        self.queue = queue
        self.projections = projections
    }

    func add(_ number: Int64, _ content: Projection.Content, of projection: Projection) throws {
        guard !content.text.isEmpty, !projection.searchable.isEmpty else { return }
        try queue.writeWithoutTransaction { db in
            try projection.update(number, from: nil, to: content, db)
        }
    }

    func differences(from db: Database) throws -> [(table: String, problem: String)] {
        var differences: [(table: String, problem: String)] = []
        for projection in projections {
            let table = "f_\(projection.schema.name)"
            let words = "words_\(projection.schema.name)"
            let difference = try queue.writeWithoutTransaction { rebuilt in
                for db in [db, rebuilt] {
                    try db.execute(
                        sql: """
                            CREATE VIRTUAL TABLE temp."\(words)"
                            USING fts5vocab(main, "\(table)", instance)
                            """
                    )
                }
                return try first(
                    Row.fetchCursor(db, sql: "SELECT term, doc, offset FROM temp.\"\(words)\""),
                    Row.fetchCursor(rebuilt, sql: "SELECT term, doc, offset FROM temp.\"\(words)\"")
                )
            }
            if let difference { differences.append((table, difference)) }
        }
        return differences
    }

    /// Where two lists of words part.
    private func first(_ found: RowCursor, _ wanted: RowCursor) throws -> String? {
        while true {
            let (mine, theirs) = (try found.next()?.copy(), try wanted.next()?.copy())
            guard mine != theirs else {
                if mine == nil { return nil }
                continue
            }
            let words = [mine, theirs]
                .map { $0.map { "“\($0[0] as String)” of row \($0[1] as Int64)" } }
            return
                "the index has \(words[0] ?? "no more"), the records say \(words[1] ?? "no more")"
        }
    }
}
