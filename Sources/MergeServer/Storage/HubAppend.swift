import GRDB
import Replication
import SyncCore

/// One push on its way into the log, within one transaction.
struct Append {
    /// Ends the transaction without storing anything.
    struct Refusal: Error {
        let outcome: AppendOutcome
    }

    /// What has become of the changes so far.
    private(set) var result = AppendOutcome.Stored()
    private let core: SQLiteHubCore
    private let sender: ReplicaID
    private let isTrusted: Bool
    private let now: Int64
    private let writer: EntryWriter
    private var head: UInt64
    /// The hub's clock at the push before this one.
    private let receivedBefore: Int64
    private var runs: [(replica: ReplicaID, run: Receipts.Run)] = []
    private var touched: [ScopeMoves.Touched] = []
    private var changesHeldApart = 0
    private var hasNews = false
    private var refolded: [Int64] = []
    /// How many epochs a hub keeps; an answer holds them all.
    private static let birthsMax = WireLimits.standard.epochsMax / 2

    init(core: SQLiteHubCore, replica: ReplicaID, isTrusted: Bool, now: Int64) {
        self.core = core
        sender = replica
        self.isTrusted = isTrusted
        self.now = now
        writer = EntryWriter(core.store)
        head = core.head
        receivedBefore = core.clock.latest.wallTime
    }

    private var knowledge: VersionVector { core.store.knowledge }
    /// By how many bytes collections have made the log smaller.
    var bytesCollected: Int { writer.bytesCollected }

    // MARK: Epochs

    /// Takes what the device knows of earlier epochs, before its changes.
    mutating func take(_ news: EpochNews, _ db: Database) throws {
        let (records, isNews) = try core.store.add(news, since: head + 1, db)
        guard core.store.lives.allBirths.count <= Self.birthsMax else {
            throw SyncError(.refused, "the push tells of more epochs than a hub can have had")
        }
        hasNews = isNews
        for key in records { try writer.refold(key, db) }
        refolded = writer.touched.compactMap { writer.number(of: $0) }
    }

    /// News are told with the next sequence, so there must be one.
    private mutating func announceNews(_ db: Database) throws {
        guard hasNews, runs.isEmpty,
            let record = try Int64.fetchOne(db, sql: "SELECT min(number) FROM record"),
            let key = try core.store.key(of: record, db)
        else { return }
        try write([], on: key, db)
    }

    // MARK: Changes

    /// Stores the next change, finds it stored, or holds it apart.
    mutating func take(_ change: HubChange, _ db: Database) throws {
        let dot = change.dot
        let known = knowledge[dot.replica]
        guard dot.counter > known else {
            Mark.changeRepeated.hit()
            try check(repeated: change, db)
            #if FIELD_MUTANTS
            if Mutant.isOn(.m18), change.isWhole {
                try store(change, db)
                runs.removeLast()
            }
            #endif
            result.repeated += 1
            return
        }
        guard change.isWhole else {
            throw SyncError(.refused, "change \(dot) is torn: a change goes up whole")
        }
        guard dot.counter == known + 1 else {
            if dot.replica == sender { throw Refusal(outcome: .gap(expected: known + 1)) }
            // It was lost with an earlier epoch, and so was the one before it: somebody may bring
            // that yet. Who brought this one keeps it and brings it again.
            if core.store.lives.hasNumbered(dot) { return }
            throw SyncError(
                .refused,
                "the push brings \(dot) of a peer, whose change \(known + 1) is next"
            )
        }
        // The order up to the base was this hub's once: nothing is wrong with the change.
        if let epoch = change.context.epoch, epoch != core.epoch {
            guard core.store.lives.knows(epoch) else {
                throw SyncError(.refused, "\(dot) is of an epoch that nobody has told of")
            }
        } else if change.context.base > core.head {
            throw Refusal(outcome: .ahead)
        }
        if let reason = try reasonToHoldApart(change, db) {
            try holdApart(change, reason, db)
            if dot.replica == sender {
                result.quarantined.append(.init(counter: dot.counter, reason: reason))
            }
            core.store.learn(dot)
            return
        }
        // It closed or collected, so it was a hub, which does not come back itself.
        if change.isOfHub { try core.forgetInRoster(dot.replica, db) }
        try store(change, db)
        result.changes += 1
    }

    private mutating func store(_ change: HubChange, _ db: Database) throws {
        #if FIELD_MUTANTS
        let receipt =
            Mutant.isOn(.m13) ? HybridTimestamp(wallTime: .max) : core.clock.now(at: now)
        #else
        let receipt = core.clock.now(at: now)
        #endif
        number(change.dot, entries: UInt64(change.entries.count))
        for entry in change.entries {
            head += 1
            let applied = try writer.apply(
                entry,
                sequence: head,
                bound: change.timestamp > receipt ? receipt : nil,
                logNumber: Int64(bitPattern: head),
                db
            )
            touched.append(
                ScopeMoves.Touched(
                    key: applied.key,
                    number: applied.number,
                    isNew: applied.isNewRecord,
                    writer: change.dot.replica,
                    cause: ScopeMoves.Cause(change: runs.count, sequence: head)
                )
            )
        }
    }

    private mutating func number(_ dot: Dot, entries: UInt64) {
        let run = Receipts.Run(first: dot.counter, count: 1, sequence: head + 1, entries: entries)
        runs.append((dot.replica, run))
    }

    /// Why a change is held apart, or nil when it is stored.
    private func reasonToHoldApart(_ change: HubChange, _ db: Database) throws -> String? {
        // A replica of which nothing is here at all may be a bundle that only devices have installed.
        // What an earlier epoch had numbered was lost with it, and may come back yet.
        func isMissing(_ replica: ReplicaID, _ counter: UInt64) -> Bool {
            0 < knowledge[replica] && knowledge[replica] < counter
                && !core.store.lives.hasNumbered(Dot(replica, counter))
        }
        let isAhead =
            change.context.peers.entries.contains { isMissing($0.replica, $0.counter) }
            || change.entries.contains { entry in
                entry.context.onlySeen?.contains { isMissing($0.replica, $0.counter) } ?? false
            }
        if isAhead {
            return "claims to have seen a peer's changes that nobody has brought to the hub"
        }
        guard !isTrusted else { return nil }
        return try core.check.want(of: change, isReturning: isReturning(change))
            ?? core.check.misfit(of: change)
            ?? homelessness(of: change, db)
    }

    /// Whether a change comes back that an earlier epoch's hub had taken or made.
    private func isReturning(_ change: HubChange) -> Bool {
        core.store.lives.hasNumbered(change.dot)
    }

    /// Why an entry's record cannot be: only the change that names it makes it.
    ///
    /// Else one could take the address of a record that another has yet to make. A record with a
    /// name of its own may be written without being made: a catalogue that only the devices have
    /// installed made it there, and its name is all that the hub needs to know.
    private func homelessness(of change: HubChange, _ db: Database) throws -> String? {
        for entry in change.entries {
            guard case .created(let maker, _) = entry.record.id else { continue }
            if maker == change.dot {
                if entry.actions.contains(.create) { continue }
                return "writes to a record of its own that it does not make"
            }
            if writer.number(of: entry.record) != nil { continue }
            // It was made in an earlier epoch, and whoever has it may come yet.
            if core.store.lives.hasNumbered(maker) { continue }
            if try core.store.number(of: entry.record, db) != nil { continue }
            return maker.counter > knowledge[maker.replica]
                ? "writes to a record of \(maker), which nobody has brought to the hub"
                : "writes to a record that the hub does not have"
        }
        return nil
    }

    /// A change that is known already: it was stored, and is the same, or it was held apart.
    private mutating func check(repeated change: HubChange, _ db: Database) throws {
        let isOwn = change.dot.replica == sender
        // The device has a clone, or is one: it takes a new identity.
        let fork = Refusal(outcome: .fork(counter: change.dot.counter))
        if let sequence = try core.sequence(of: change.dot, db) {
            #if FIELD_MUTANTS
            // Whoever writes under a replica's id is that replica.
            if Mutant.isOn(.m11) { return }
            #endif
            if try core.isStored(change, at: sequence, db) { return }
            if isOwn {
                Mark.forkFound.hit()
                throw fork
            }
            // A peer of the clone brings it. The clone itself will come with a new identity.
            if try core.heldApart(change.dot, db) == nil {
                try holdApart(change, "a clone's change under a number that is taken", db)
            }
        } else if isOwn, let held = try core.heldApart(change.dot, db) {
            for entry in change.entries {
                guard case .blob(let blob) = try core.store.quarantineBlob(of: entry, db).storage,
                    held.entries.contains(blob)
                else { throw fork }
            }
            // The device may not have heard of it: the answer may have been lost.
            result.quarantined.append(.init(counter: change.dot.counter, reason: held.reason))
        }
    }

    private mutating func holdApart(
        _ change: HubChange,
        _ reason: String,
        _ db: Database
    ) throws {
        Mark.changeHeldApart.hit()
        try core.quarantine(change, reason, db)
        changesHeldApart += 1
    }

    // MARK: The end

    /// Writes what the changes add up to: scopes, records, receipts, figures.
    mutating func finish(_ db: Database) throws {
        var moves = ScopeMoves(core: core, writer: writer, keepsMakers: !isTrusted)
        for group in try moves.settle(touched, db) {
            try note(group, db)
            try moves.place(group, at: head, db)
        }
        core.listed = moves.listed
        try announceNews(db)
        var figures = core.figures
        try figures.subtract(touched.filter { !$0.isNew }.map(\.number) + refolded, db)
        try writer.flush(db)
        try figures.add(touched.map(\.number) + refolded, db)
        figures.quarantined += changesHeldApart
        try figures.store(replacing: core.figures, db)
        core.figures = figures
        try storeRuns(db)
        if !runs.isEmpty {
            // What came before this push had come when the push before it did.
            try core.noteTime(
                core.head,
                at: receivedBefore,
                before: core.clock.latest.wallTime,
                db
            )
            try core.setMeta("clock_wall", core.clock.latest.wallTime, db)
            try core.setMeta("clock_logical", Int64(core.clock.latest.logical), db)
        }
        core.head = head
        #if FIELD_MUTANTS
        if Mutant.isOn(.m9) { try collect(deletedBefore: now - 86_400_000, db) }
        #endif
    }

    #if FIELD_MUTANTS
    /// Forgets what is known of deleted records by their age, whoever may still be away.
    private func collect(deletedBefore time: Int64, _ db: Database) throws {
        let writer = EntryWriter(core.store)
        for number in try Int64.fetchAll(db, sql: "SELECT number FROM record WHERE lifecycle = 2") {
            guard let record = try core.store.load(number, db),
                let last = try core.store.history(of: record, db).last,
                last.entry.timestamp.wallTime < time
            else { continue }
            try writer.amend(record.key, db) {
                $0.state = RecordState()
                $0.ancestors = [:]
                $0.last = 0
            }
        }
        try writer.flush(db)
    }
    #endif

    /// Takes a sequence of the hub's own, under which more records enter their scopes than one page
    /// could carry under the change that moved them.
    private mutating func note(_ group: [ScopeMoves.Move], _ db: Database) throws {
        guard let first = group.first, let key = try core.store.key(of: first.record, db) else {
            throw StoreError(.corrupt, "a record that moves is not there")
        }
        try write([], on: key, db)
    }

    /// The hub says something of a record itself; returns the row's number.
    @discardableResult
    mutating func say(
        _ action: Operation.Action,
        of key: RecordKey,
        _ db: Database
    ) throws -> Int64 {
        let applied = try write([action], on: key, db)
        touched.append(
            ScopeMoves.Touched(
                key: key,
                number: applied.number,
                isNew: false,
                writer: core.replica,
                cause: ScopeMoves.Cause(change: runs.count, sequence: head)
            )
        )
        return applied.logNumber
    }

    /// An entry of the hub's own.
    @discardableResult
    private mutating func write(
        _ actions: [Operation.Action],
        on key: RecordKey,
        _ db: Database
    ) throws -> EntryWriter.Applied {
        let dot = Dot(core.replica, knowledge[core.replica] + 1)
        let entry = LogEntry(
            dot: dot,
            part: 0,
            parts: 1,
            context: CausalContext(base: head, epoch: core.epoch),
            timestamp: core.clock.now(at: now),
            author: "hub",
            reason: "",
            record: key,
            actions: actions
        )
        number(dot, entries: 1)
        head += 1
        return try writer.apply(entry, sequence: head, logNumber: Int64(bitPattern: head), db)
    }

    private func storeRuns(_ db: Database) throws {
        var merged: [(replica: ReplicaID, run: Receipts.Run)] = []
        for (replica, run) in runs {
            if let last = merged.last, last.replica == replica, last.run.end == run.first,
                last.run.sequenceEnd == run.sequence, last.run.entries == run.entries
            {
                Mark.receiptsMerged.hit()
                merged[merged.count - 1].run.count += 1
            } else {
                merged.append((replica, run))
            }
        }
        for (replica, run) in merged {
            try db.cachedStatement(sql: "INSERT INTO receipt VALUES (?, ?, ?, ?, ?)")
                .run(
                    .integer(try core.store.replicaNumber(of: replica, db)),
                    BoundValue(run.first),
                    BoundValue(run.count),
                    BoundValue(run.sequence),
                    BoundValue(run.entries)
                )
        }
    }
}
