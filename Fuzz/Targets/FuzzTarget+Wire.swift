import GRDB
import Replication
import SyncCore
import Synchronization

extension FuzzTarget {
    private static let frames = "Tests/SyncCoreTests/Fixtures/frames"
    private static let malformed = "Tests/SyncCoreTests/Fixtures/malformed"

    /// The one of the frozen frames, so that those with a dictionary are read.
    private static let dictionary = CompressionDictionary(
        version: 3,
        text: "电鱼地笼观察 alice bob town="
    )

    /// What goes over the wire and what a store packs.
    static let wire: [FuzzTarget] = [
        FuzzTarget(
            name: "frame",
            subject: "requests, answers, transfers and batches",
            seeds: [frames, malformed],
            names: { $0 is WireError },
            read: { bytes in try FuzzTarget.frame(bytes) }
        ),
        FuzzTarget(
            name: "delta",
            subject: "what goes from device to device, page by page",
            seeds: [frames, malformed],
            names: { $0 is WireError },
            read: { bytes in
                let delta = try DeltaFile(bytes, dictionaries: [dictionary])
                guard !delta.batch.entries.isEmpty else { return }
                let again = try DeltaFile(delta.encoded(dictionary: nil), dictionaries: [])
                try hold(again == delta, "a delta that was read is written and read the same")
            }
        ),
        FuzzTarget(
            name: "state",
            subject: "packed records and entries of a store: its snapshots",
            seeds: [frames, malformed],
            names: { error in
                // A number of a replica or author that the store has not.
                if let error = error as? StoreError { return error.code == .corrupt }
                return error is WireError
            },
            read: { bytes in try FuzzTarget.state(bytes) }
        ),
        FuzzTarget(
            name: "dictionary",
            subject: "compressed blocks, with and without a preset dictionary",
            seeds: [frames, malformed],
            names: { $0 is WireError },
            read: { bytes in
                var reader = ByteReader(bytes, part: "block")
                let inflated = try CompressedBlock.decode(
                    from: &reader,
                    dictionaries: [dictionary],
                    limits: .standard
                )
                var writer = ByteWriter()
                CompressedBlock.encode(inflated, dictionary: dictionary, into: &writer)
                var second = ByteReader(writer.bytes, part: "block")
                let again = try CompressedBlock.decode(
                    from: &second,
                    dictionaries: [dictionary],
                    limits: .standard
                )
                try hold(again == inflated, "a block that was read is written and read the same")
            }
        ),
        FuzzTarget(
            name: "gzip",
            subject: "packed files, in pieces of any size",
            seeds: ["Tests/MalformedTests/Corpus/gzip"],
            names: { $0 is GzipReader.Failure },
            read: { bytes in
                let whole = try? FuzzTarget.unpacked(bytes, piece: max(bytes.count, 1))
                let pieces = try FuzzTarget.unpacked(bytes, piece: 7)
                try hold(whole == pieces, "a packed file does not depend on its pieces")
            }
        ),
    ]

    private static func unpacked(_ bytes: [UInt8], piece: Int) throws -> [UInt8] {
        let reader = try GzipReader(bytesMax: 1 << 22)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let end = min(start + piece, bytes.count)
            try reader.unpack(Array(bytes[start..<end])) { result += $0 }
        }
        try reader.finish()
        return result
    }

    private static let known = RecordKey(type: 1, id: .named("known"))

    private static func frame(_ bytes: [UInt8]) throws {
        // Only the last error is thrown: the others are looked at here.
        func attempt(_ body: () throws -> Void) throws {
            do { try body() } catch is WireError {}
        }
        try attempt {
            let batch = try BatchDecoder.decode(bytes, resolve: { $0 == 12 ? known : nil })
            let again = try BatchDecoder.decode(
                BatchEncoder.encode(batch),
                resolve: { $0 == 12 ? known : nil }
            )
            try hold(again == batch, "a batch that was read is written and read the same")
        }
        try attempt {
            let (request, push) = try SyncRequest.decode(bytes, dictionaries: [dictionary])
            let again = try SyncRequest.decode(request.encoded(dictionary: nil), dictionaries: [])
            try hold(again.request == request, "a request is written and read the same")
            if let push { _ = try SyncRequest.decodePush(push, resolve: { _ in known }) }
        }
        try attempt {
            let response = try SyncResponse.decode(
                bytes,
                dictionaries: [dictionary],
                resolve: { _ in known }
            )
            let again = try SyncResponse.decode(
                response.encoded(dictionary: nil),
                dictionaries: [],
                resolve: { _ in known }
            )
            try hold(again == response, "an answer is written and read the same")
        }
        try attempt { try again(try Transfer.upward(bytes), Transfer.upward) }
        try attempt { try again(try Transfer.downward(bytes), Transfer.downward) }
    }

    private static func again(
        _ transfer: Transfer,
        _ read: ([UInt8], WireLimits) throws(WireError) -> Transfer
    ) throws {
        let second = try read(transfer.encoded, .standard)
        try hold(second == transfer, "a transfer is written and read the same")
    }

    /// The tables that names stand in, made once: decoding writes none.
    private static let tables = Mutex<DatabaseQueue?>(nil)

    private static func makeTables() throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { db in
            try StoreSchema.migrate(db)
            var names = NameTable()
            for replica in [7, 8, 9] as [UInt64] {
                _ = try names.number(of: ReplicaID(replica), db)
            }
            for author in ["alice", "bob"] { _ = try names.number(ofAuthor: author, db) }
        }
        return queue
    }

    private static func state(_ bytes: [UInt8]) throws {
        let queue = try tables.withLock { held in
            let queue = try held ?? makeTables()
            held = queue
            return queue
        }
        try queue.writeWithoutTransaction { db in
            var names = NameTable()
            do {
                _ = try EntryCodec.decode(
                    bytes,
                    dot: Dot(ReplicaID(7), 1),
                    record: known,
                    names: &names,
                    db
                )
            } catch is WireError {} catch let error as StoreError where error.code == .corrupt {}
            _ = try StateCodec.decode(bytes, names: &names, db)
        }
    }
}
