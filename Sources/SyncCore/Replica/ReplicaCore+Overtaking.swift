import GRDB
import Replication

extension ReplicaCore {
    /// Whether the hub answers for changes under this store's id that were not in the request.
    ///
    /// Another store of this id has gone on: this one was restored from a backup, or is a clone that
    /// has written nothing since. Such an answer leaves out the other's changes, as if they were
    /// this store's own, so nothing of it but the receipts may be taken; its entries cannot even be
    /// read, because they name records by number that the other store created.
    ///
    /// What was written since the request went out has not been compared: a receipt for its number
    /// is not for it.
    func isOvertaken(by response: SyncResponse) -> Bool {
        #if FIELD_MUTANTS
        if Mutant.isOn(.m11) { return false }
        #endif
        return response.receipts.contains { receipts in
            guard receipts.replica == replica, let end = receipts.runs.last?.end, end > 0
            else { return false }
            return end - 1 > comparedThrough
        }
    }

    /// Up to this own change the hub has the same as this store; what it has of later ones under
    /// the same numbers may be another's.
    var comparedThrough: UInt64 { max(acknowledged, exchange.comparedThrough) }

    /// Takes the receipts of what was compared; when that is all, goes on under a new id.
    ///
    /// The cursor stays, so the next answer brings what the other store wrote under the old id.
    func followOvertaking(
        _ response: SyncResponse,
        _ result: inout SyncSession.Outcome,
        _ db: Database
    ) throws -> Touched {
        Mark.answerOvertaken.hit()
        var known = response
        known.through = hub.cursor
        known.head = hub.cursor
        known.leaves = []
        known.entries = Batch(isSequenced: true)
        known.transitionThrough = nil
        let last = comparedThrough
        known.receipts = response.receipts.filter { $0.replica == replica }
            .compactMap { $0.clipped(through: last) }
        let id = replica
        var touched = try applyDone(known, &result, db)
        if replica == id, acknowledged == store.knowledge[replica] {
            touched.add(try takeNewIdentity(from: store.knowledge[replica] + 1, db))
            result.reincarnatedAs = replica.description
        }
        result.ahead = 1
        return touched
    }
}

extension SyncResponse.ReplicaReceipts {
    /// The receipts of the changes up to a counter; nil when there are none.
    fileprivate func clipped(through counter: UInt64) -> SyncResponse.ReplicaReceipts? {
        var clipped = self
        clipped.runs = runs.compactMap { run in
            guard run.first <= counter else { return nil }
            var run = run
            run.count = min(run.count, counter - run.first + 1)
            return run
        }
        clipped.bounds = bounds.filter { $0.counter <= counter }
        clipped.records = records.filter { $0.counter <= counter }
        return clipped.runs.isEmpty ? nil : clipped
    }
}
