import GRDB
import Replication

extension ReplicaCore {
    /// What a change written now has seen of others, on every record whose whole history is here.
    var context: CausalContext {
        CausalContext(base: hub.cursor, peers: unsequencedPeers, epoch: hub.epoch)
    }

    /// Replicas whose changes were met directly and are not yet in the hub's order for us.
    var unsequencedPeers: VersionVector {
        var peers = VersionVector()
        for entry in store.peerMet.entries where entry.replica != replica {
            // A peer may have told a place in the order that lies beyond this device's cursor.
            let sequence = store.receipts[entry.replica]?.sequence(of: entry.counter)
            if sequence.map({ $0 > hub.cursor }) ?? true || lost.last[entry.replica] != nil {
                peers[entry.replica] = entry.counter
            }
        }
        return peers
    }

    /// Peers' changes that the hub need not send: it tells their places instead.
    var heldPeers: VersionVector {
        var held = unsequencedPeers
        for entry in store.unplaced.entries { held[entry.replica] = store.peerMet[entry.replica] }
        return held
    }

    /// Whether the cursor speaks for every record: what is not here is nowhere up to it.
    var seesEverything: Bool { hub.scopes.isEmpty && hub.transition == nil }

    /// What others wrote to a record and stands here, where that may not be all up to the cursor; nil
    /// where it is.
    ///
    /// - `record`: as this transaction has it, of number 0 for one that was never here.
    func onlySeen(of record: LoadedRecord, _ db: Database) throws -> [Dot]? {
        guard try !isWhole(record, db) else { return nil }
        let dots = try store.history(of: record, db).map(\.entry.dot)
        return CausalContext.onlySeen(dots.filter { $0.replica != replica })
    }

    /// Gives a record that has left what this replica's next write of it replaces, seen or not: its own
    /// totals, and the entries by id that never change.
    ///
    /// The rest of what it wrote before stays out of sight until the record is back.
    func recallOwn(_ record: inout LoadedRecord, _ db: Database) throws {
        let fields = record.schema.fields
            .filter { $0.policy == .counter || $0.policy == .growOnly }
            .map(\.number)
        guard record.number != 0, !fields.isEmpty,
            let departure = try store.departure(of: record.number, db), departure > 0
        else { return }
        let rows = try store.wholeHistory(of: record, db)
            .filter { $0.entry.dot.replica == replica || $0.number > departure }
        record.state = record.state.taking(
            fields,
            from: store.fold(rows, schema: record.schema).state
        )
    }

    /// Whether everything up to the cursor that was written to a record is here.
    ///
    /// Records come with their whole history and leave without a trace. So it is enough that one entry
    /// of it is known to stand at or before the cursor: the page that passed this entry brought the
    /// others too, or took the record away. A record that this replica made has no entry before its own.
    private func isWhole(_ record: LoadedRecord, _ db: Database) throws -> Bool {
        if seesEverything { return true }
        if record.number != 0, try store.departure(of: record.number, db) != nil { return false }
        if case .created(let maker, _) = record.key.id, maker.replica == replica { return true }
        // The hub has told its number of every record that it keeps here.
        guard record.hub != nil else { return false }
        if let creation = record.state.creation, isPassed(creation.dot, creation.sequence) {
            return true
        }
        var next = record.last
        while next != 0 {
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT previous, replica, counter, sequence FROM log WHERE number = ?"
                ),
                arguments: [next]
            )
            guard let row else {
                throw StoreError(.corrupt, "log entry \(next) is missing from a record's chain")
            }
            let dot = Dot(try store.names.replica(try row.value(1), db), try row.natural(2))
            let sequence = try row.natural(3)
            if isPassed(dot, sequence == 0 ? nil : sequence) { return true }
            let previous: Int64 = try row.value(0)
            guard previous < next else {
                throw StoreError(.corrupt, "log entry \(next) is chained to a later one")
            }
            next = previous
        }
        return false
    }

    private func isPassed(_ dot: Dot, _ sequence: UInt64?) -> Bool {
        let sequence = sequence ?? store.receipts[dot.replica]?.sequence(of: dot.counter)
        return sequence.map { $0 <= hub.cursor } ?? false
    }
}

extension RecordState {
    /// The state with the slots of these fields as another state of the record has them.
    fileprivate func taking(_ fields: [UInt32], from other: RecordState) -> RecordState {
        let slots =
            slots.filter { !fields.contains($0.key.field) }
            + other.slots.filter { fields.contains($0.key.field) }
        return RecordState(
            slots: slots.sorted { $0.key < $1.key },
            marks: marks,
            creation: creation,
            seals: seals
        )
    }
}
