import Replication
import SyncCore
import Testing

/// Several epochs on the wire, and none.
@Suite struct EpochWireTests {
    private func noNumber(_: UInt64) -> RecordKey? { RecordKey(type: 1, id: .named("n")) }

    @Test func `a base of another epoch travels with it, and one of the message's costs nothing`()
        throws
    {
        let batch = Frames.twoEpochs
        for epoch in [Frames.epoch, Frames.earlier, nil] {
            let bytes = BatchEncoder.encode(batch, epoch: epoch)
            let decoded = try BatchDecoder.decode(bytes, epoch: epoch, resolve: noNumber)
            #expect(
                decoded.entries.map(\.entry.context) == batch.entries.map(\.entry.context)
            )
        }
        let blind = BatchEncoder.encode(Frames.blindOfTwoEpochs, epoch: Frames.epoch)
        #expect(
            try BatchDecoder.decode(blind, epoch: Frames.epoch, resolve: noNumber)
                .entries.map(\.entry.context)
                == Frames.blindOfTwoEpochs.entries.map(\.entry.context)
        )
        var one = batch
        for index in one.entries.indices {
            one.entries[index].entry.context.epoch = Frames.epoch
        }
        var none = batch
        for index in none.entries.indices { none.entries[index].entry.context.epoch = nil }
        #expect(BatchEncoder.encode(one, epoch: Frames.epoch) == BatchEncoder.encode(none))
    }

    @Test func `news of epochs come as they were sent`() throws {
        let bytes = Frames.returning.encoded(dictionary: nil)
        let (request, push) = try SyncRequest.decode(bytes, dictionaries: [])
        #expect(request.news == Frames.news)
        let batch = try SyncRequest.decodePush(
            #require(push),
            epoch: Frames.epoch,
            resolve: noNumber
        )
        #expect(
            batch.entries.map(\.entry.context) == Frames.twoEpochs.entries.map(\.entry.context)
        )
        var answer = SyncResponse(status: .done, through: 3, head: 3)
        answer.news = Frames.news
        #expect(
            try SyncResponse.decode(
                answer.encoded(dictionary: nil),
                dictionaries: [],
                resolve: noNumber
            ) == answer
        )
        var delta = Frames.delta
        delta.news = Frames.news
        #expect(
            try DeltaFile(delta.encoded(dictionary: nil), dictionaries: []).news == Frames.news
        )
    }

    @Test func `a table of epochs that is not what is used is refused`() throws {
        let bytes = BatchEncoder.encode(Frames.twoEpochs, epoch: Frames.epoch)
        // The reader's own epoch does not stand in a table.
        #expect(throws: WireError.self) {
            try BatchDecoder.decode(bytes, epoch: Frames.earlier, resolve: noNumber)
        }
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try BatchDecoder.decode(
                    Array(bytes.prefix(length)),
                    epoch: Frames.epoch,
                    resolve: noNumber
                )
            }
        }
    }
}
