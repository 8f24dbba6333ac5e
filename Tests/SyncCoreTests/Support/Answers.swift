import Replication
import SyncCore

/// A hub's answers, made by hand.
extension Replica {
    /// Makes a request and drops it: what is applied next is taken for its answer.
    @discardableResult
    func request(pushBytesMax: Int = 262_144) throws -> SyncRequest {
        let effect = SyncSession.Effect.prepare(pushBytesMax: pushBytesMax, pullBytesMax: nil)
        guard case .prepared(let bytes, _, _)? = perform(effect) else {
            throw SyncError(.store, "no request was made")
        }
        var (request, push) = try SyncRequest.decode(bytes, dictionaries: [])
        if let push {
            request.push = try SyncRequest.decodePush(
                push,
                resolve: { RecordKey(type: 1, id: .named("number \($0)")) }
            )
        }
        return request
    }

    /// Applies an answer.
    func answer(_ response: SyncResponse) throws -> SyncSession.Outcome {
        switch perform(.apply(response.encoded(dictionary: nil))) {
        case .applied(let outcome)?: return outcome
        case .rejected(let error)?: throw error
        default: throw SyncError(.store, "nothing came of the answer")
        }
    }
}

extension SyncResponse {
    /// The hub has put changes of a replica at a place in its order.
    static func receipts(
        of replica: ReplicaID,
        _ first: UInt64,
        _ count: UInt64,
        at sequence: UInt64,
        through: UInt64 = 500
    ) -> SyncResponse {
        var response = SyncResponse(status: .done, through: through, head: through)
        response.receipts = [
            ReplicaReceipts(
                replica: replica,
                runs: [Receipts.Run(first: first, count: count, sequence: sequence)],
                bounds: [],
                records: []
            )
        ]
        return response
    }
}
