import GRDB
import Replication
import SyncCore

/// Everything that is decoded from bytes which somebody else made.
enum WireKind: String, CaseIterable, Sendable {
    case batch, request, response, delta, upward, downward, state, entry

    /// Decodes and forgets; throws what the decoder throws.
    func decode(_ bytes: [UInt8], names: inout NameTable, _ db: Database) throws {
        switch self {
        case .batch: _ = try BatchDecoder.decode(bytes, resolve: RandomBatches.known)
        case .request:
            let (_, push) = try SyncRequest.decode(bytes, dictionaries: [Frames.dictionary])
            guard let push else { return }
            _ = try SyncRequest.decodePush(push, resolve: RandomBatches.known)
        case .response:
            _ = try SyncResponse.decode(
                bytes,
                dictionaries: [Frames.dictionary],
                resolve: RandomBatches.known
            )
        case .delta: _ = try DeltaFile(bytes, dictionaries: [Frames.dictionary])
        case .upward: _ = try Transfer.upward(bytes)
        case .downward: _ = try Transfer.downward(bytes)
        case .state: _ = try StateCodec.decode(bytes, names: &names, db)
        case .entry:
            _ = try EntryCodec.decode(
                bytes,
                dot: Dot(ReplicaID(7), 1),
                record: RecordKey(type: 1, id: .named("n")),
                names: &names,
                db
            )
        }
    }

    /// Decodes, and returns the error of bytes that are refused.
    func refusal(_ bytes: [UInt8], names: inout NameTable, _ db: Database) -> (any Error)? {
        do {
            try decode(bytes, names: &names, db)
            return nil
        } catch {
            return error
        }
    }
}

/// A store's tables in memory, with the names that `Frames` uses.
enum Tables {
    static func with<Result>(
        _ body: (inout NameTable, Database) throws -> Result
    ) throws -> Result {
        let queue = try DatabaseQueue()
        return try queue.writeWithoutTransaction { db in
            try StoreSchema.migrate(db)
            var names = NameTable()
            for replica in [7, 8, 9] as [UInt64] {
                _ = try names.number(of: ReplicaID(replica), db)
            }
            for author in ["alice", "bob"] { _ = try names.number(ofAuthor: author, db) }
            return try body(&names, db)
        }
    }
}
