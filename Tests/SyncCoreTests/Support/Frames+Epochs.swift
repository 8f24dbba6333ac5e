import Replication
import SyncCore

/// Golden frames of a hub that has lived several epochs.
extension Frames {
    static let earlier = Epoch(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F00)

    static let news = EpochNews(
        births: [
            EpochBirth(epoch: earlier),
            EpochBirth(epoch: epoch, parent: earlier, head: 250, records: 40),
        ],
        numbers: [
            EpochNews.Numbers(
                epoch: earlier,
                replica: ReplicaID(8),
                runs: [
                    Receipts.Run(first: 3, count: 4, sequence: 251),
                    Receipts.Run(first: 9, count: 1, sequence: 260, entries: 2),
                ]
            )
        ]
    )

    /// A push whose changes have bases of two epochs.
    static let twoEpochs: Batch = {
        var batch = push
        for index in batch.entries.indices {
            batch.entries[index].entry.context = CausalContext(base: 252, epoch: earlier)
        }
        var last = batch.entries[batch.entries.count - 1]
        last.entry.dot = Dot(last.entry.dot.replica, last.entry.dot.counter + 1)
        last.entry.part = 0
        last.entry.parts = 1
        last.entry.context = CausalContext(base: 250, epoch: epoch)
        batch.entries.append(last)
        return batch
    }()

    /// The same, the last change blind.
    static let blindOfTwoEpochs: Batch = {
        var batch = twoEpochs
        batch.entries[batch.entries.count - 1].entry.context.onlySeen = [Dot(ReplicaID(8), 300)]
        return batch
    }()

    static let returning: SyncRequest = {
        var request = introduction
        request.news = news
        request.epoch = epoch
        request.push = twoEpochs
        return request
    }()

    static var epochFrames: [(String, WireKind, [UInt8])] {
        var born = SyncResponse(status: .newEpoch(epoch))
        born.news.births = news.births
        var told = SyncResponse(status: .done, through: 300, head: 300)
        told.news = news
        var delta = Frames.delta
        delta.news = news
        return [
            ("batch-of-two-epochs", .batch, BatchEncoder.encode(twoEpochs, epoch: epoch)),
            (
                "batch-blind-of-two-epochs", .batch,
                BatchEncoder.encode(blindOfTwoEpochs, epoch: epoch)
            ),
            ("delta-with-news-of-epochs", .delta, delta.encoded(dictionary: nil)),
            ("request-after-a-restore", .request, returning.encoded(dictionary: nil)),
            ("response-new-epoch-with-births", .response, born.encoded(dictionary: nil)),
            ("response-news-of-epochs", .response, told.encoded(dictionary: nil)),
        ]
    }
}

extension Batch {
    /// The same, with bases that say of which epoch they are.
    fileprivate func of(_ epoch: Epoch?) -> Batch {
        var batch = self
        for index in batch.entries.indices where batch.entries[index].entry.context.base > 0 {
            let context = batch.entries[index].entry.context
            batch.entries[index].entry.context.epoch = context.epoch ?? epoch
        }
        return batch
    }
}

extension SyncResponse {
    /// As it is read: its bases are of its registration's epoch.
    var ofItsEpoch: SyncResponse {
        var response = self
        response.entries = entries.of(registration?.epoch)
        return response
    }
}

extension DeltaFile {
    /// As it is read: its bases are of its epoch.
    var ofItsEpoch: DeltaFile {
        var delta = self
        delta.batch = batch.of(epoch)
        return delta
    }
}
