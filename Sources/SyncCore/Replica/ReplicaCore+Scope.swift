import GRDB
import Replication

extension ReplicaCore {
    /// Beside what a device asks for, a change of subscription may name this many scopes of its
    /// earlier ids.
    static let formerScopesMax = 64

    /// A record has left this device's scopes: others' data goes, own log rows stay.
    ///
    /// So do peers' rows that the hub has not acknowledged, and what was lost with an earlier epoch:
    /// this device may be the only one that brings them there, and a change goes up whole. And so do
    /// those whose place is beyond the page: until the cursor has passed it this device tells the hub
    /// that it holds them, and where their record comes back the hub does not send them.
    func leave(
        _ hubNumber: UInt64,
        through: UInt64,
        _ writer: EntryWriter,
        _ db: Database
    ) throws {
        guard let key = try store.key(ofHubNumber: hubNumber, db),
            let record = try writer.current(key, db)
        else { return }
        Mark.recordLeft.hit()
        var kept: [RecordStore.LogRow] = []
        for row in try store.wholeHistory(of: record, db) {
            let dot = row.entry.dot
            #if FIELD_MUTANTS
            if Mutant.isOn(.m20) {
                try db.execute(sql: "DELETE FROM log WHERE number = ?", arguments: [row.number])
                continue
            }
            #endif
            let receipts = store.receipts[dot.replica]
            let isAhead =
                receipts?.sequence(of: dot.counter).map { $0 > through }
                ?? (lost.contains(dot) || dot.counter > receipts?.acknowledged ?? 0)
            if dot.replica == replica || (row.sequence == 0 && isAhead) {
                kept.append(row)
            } else {
                try db.cachedStatement(sql: "DELETE FROM log WHERE number = ?")
                    .execute(arguments: [row.number])
            }
        }
        let last = try store.chain(kept, db)
        try store.noteDeparture(of: record.number, after: last, through: through, db)
        try writer.amend(key, db) {
            $0.state = RecordState()
            $0.ancestors = [:]
            $0.last = last
        }
    }

    /// Takes what an answer says of the subscription and of this device's registration.
    func followSubscription(
        _ response: SyncResponse,
        _ result: inout SyncSession.Outcome
    ) {
        hub.epoch = response.registration?.epoch ?? hub.epoch
        // Other scopes were chosen while the request was under way: its answer is for the old ones,
        // and so is its registration.
        if let asked = exchange.scopes, asked != hub.scopes {
            hub.registration = nil
            hub.transition =
                hub.cursor > 0 ? SyncRequest.Transition(from: asked, after: 0) : nil
            return
        }
        hub.registration = response.registration ?? hub.registration
        if let through = response.transitionThrough, let transition = hub.transition {
            result.moved = result.moved || through != transition.after
            hub.transition =
                through == 0
                ? nil : SyncRequest.Transition(from: transition.from, after: through)
        }
    }
}
