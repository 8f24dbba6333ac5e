import GRDB
import Replication

extension ReplicaCore {
    /// Records what waited in a damaged store again, in this new one.
    ///
    /// The identity comes from the changes, as after a restore: whoever salvages two copies of the
    /// damaged store, or goes on with one of them, records the same changes under the same names.
    func recordAgain(_ waiting: SalvagedChanges, _ db: Database) throws {
        hub.epoch = waiting.epoch
        hub.scopes = waiting.scopes
        let first = waiting.changes.first.map { entries in
            entries.map {
                RecordStore.LogRow(number: 0, recordNumber: 0, sequence: 0, bound: nil, entry: $0)
            }
        }
        if let derived = derivedIdentity(recording: first ?? []) {
            replica = derived
            isDerived = true
            try setMeta("replica", Int64(bitPattern: replica.rawValue), db)
            try setMeta("replica_derived", true, db)
            try db.execute(sql: "DELETE FROM meta WHERE key = 'own_counter_log'")
            try store.own(replica, db)
        }
        let counters = waiting.changes.compactMap(\.first?.dot.counter)
        let renaming = Renaming(
            from: waiting.old,
            to: replica,
            counters: Dictionary(zip(counters, 1...), uniquingKeysWith: { first, _ in first })
        )
        let writer = EntryWriter(store)
        for change in waiting.changes {
            for (part, old) in change.enumerated() {
                var entry = renaming.entry(waiting.rebased(old, by: store))
                entry.part = UInt32(part)
                entry.parts = UInt32(change.count)
                entry.context = waiting.context(old.context)
                clock.observe(entry.timestamp)
                try writer.apply(entry, db)
            }
        }
        try writer.flush(db)
        try storeHub(db)
    }
}

extension SalvagedChanges {
    /// What the hub knows of what a writer had seen: no change may stand before one that it names.
    ///
    /// What only the damaged store had of others is not named: at worst two values stand side by side
    /// of which one had replaced the other.
    fileprivate func context(_ seen: CausalContext) -> CausalContext {
        var context = CausalContext(base: seen.base, epoch: seen.epoch)
        for peer in seen.peers.entries where peer.replica != old {
            context.peers[peer.replica] = min(peer.counter, numbered[peer.replica])
        }
        context.peers[old] = acknowledged
        context.onlySeen = seen.onlySeen
            .map { dots in
                dots.filter {
                    $0.counter <= ($0.replica == old ? acknowledged : numbered[$0.replica])
                }
            }
        return context
    }

    /// An entry whose totals begin with nothing: what the old identity had counted stays its own.
    fileprivate func rebased(_ entry: LogEntry, by store: RecordStore) -> LogEntry {
        var entry = entry
        let counted = Set(store.totals(of: entry).map(\.slot))
        for (index, action) in entry.actions.enumerated() {
            guard case .write(let slot, let value) = action, counted.contains(slot) else {
                continue
            }
            switch (value, totals[entry.record]?[slot]) {
            case (.integer(let total), .integer(let before)):
                entry.actions[index] = .write(slot, .integer(total &- before))
            case (.scaled(let total), .scaled(let before)):
                entry.actions[index] = .write(slot, .scaled(total &- before))
            default: break
            }
        }
        return entry
    }
}
