import Replication
import SyncCore

/// Batches and messages that golden frames are made of, for what `Frames.fullBatch` has not.
extension Frames {
    /// As in a delta: the hub has numbered one entry and not the other.
    static let partlySequenced = Batch(
        entries: [
            Batch.Item(entry: .sample(counter: 1), sequence: 41),
            Batch.Item(entry: .sample(counter: 2, text: "u")),
        ],
        isSequenced: true
    )

    /// A change of three entries: one on a record of which its writer had nothing, one on a record of
    /// which a peer had brought two changes, and one on a record that was there whole.
    static let blind: Batch = {
        let records = ["a", "b", "c"].map { RecordKey(type: 1, id: .named($0)) }
        var entries = records.enumerated()
            .map { LogEntry.sample(part: UInt32($0), parts: 3, record: $1) }
        entries[0].context.onlySeen = []
        entries[1].context.onlySeen = [Dot(ReplicaID(8), 2), Dot(ReplicaID(8), 300)]
        return Batch(entries: entries.map { Batch.Item(entry: $0) }, isSequenced: false)
    }()

    /// Columns of runs, of single values, and of both in turn.
    static let runs: Batch = {
        let numbers: [Int64] = [5, 5, 5, 7, 8, 9, 9, 9, 9, 2, 1, 1]
        let items = numbers.enumerated()
            .map { index, number in
                var entry = LogEntry.sample(counter: UInt64(index + 1))
                entry.context = CausalContext(base: UInt64(number))
                entry.author = index % 3 == 2 ? "bob" : "alice"
                entry.actions = [
                    .write(SlotKey(1), .integer(number)), .write(SlotKey(2), .scaled(number * 10)),
                    .write(SlotKey(3), .timestamp(1_785_744_000_000 + number)),
                ]
                if index % 4 == 0 { entry.actions.removeLast() }
                return Batch.Item(entry: entry, recordNumber: UInt64(number))
            }
        return Batch(entries: items, isSequenced: false)
    }()

    /// A registered device sends one edit of a record that the hub has numbered, and asks for what
    /// is new.
    static let oneEdit: SyncRequest = {
        var entry = LogEntry.sample(counter: 18)
        entry.context = CausalContext(base: 300)
        entry.reason = "check"
        entry.actions = [.write(SlotKey(4), .integer(-3))]
        return SyncRequest(
            caller: .registered(number: 5, tag: 9),
            cursor: 300,
            push: Batch(
                entries: [Batch.Item(entry: entry, recordNumber: 12)],
                isSequenced: false
            )
        )
    }()

    /// The answer: the edit stands at 301 in the hub's order, and bob has created a record.
    static let oneEditAnswer: SyncResponse = {
        var entry = LogEntry.sample(
            counter: 4,
            record: RecordKey(type: 1, id: .named("0f8fad5b-d9cb-469f-a165-70867728950e")),
            text: "电鱼"
        )
        entry.dot = Dot(ReplicaID(8), 4)
        entry.author = "bob"
        return SyncResponse(
            status: .done,
            through: 302,
            head: 302,
            receipts: [
                SyncResponse.ReplicaReceipts(
                    replica: ReplicaID(7),
                    runs: [Receipts.Run(first: 18, count: 1, sequence: 301)],
                    bounds: [],
                    records: []
                )
            ],
            entries: Batch(
                entries: [
                    Batch.Item(
                        entry: entry,
                        recordNumber: 13,
                        introducesRecord: true,
                        sequence: 302
                    )
                ],
                isSequenced: true
            )
        )
    }()

    /// A delta that relays receipts and is cut into pages.
    static let twoPages: DeltaFile = {
        var delta = DeltaFile(batch: partlySequenced, epoch: epoch)
        delta.relay(.sample(counter: 11), at: 30)
        delta.relay(.sample(counter: 12), at: 31)
        delta.heldApart = [.init(replica: ReplicaID(8), first: 3, count: 2)]
        return delta
    }()

    /// Messages that zlib made: another version of it may make others, so that these are only read.
    static let deflated:
        [(name: String, message: SyncResponse, dictionary: CompressionDictionary?)] = {
            var page = Frames.page
            for counter in 10..<60 as Range<UInt64> {
                page.entries.entries.append(
                    Batch.Item(
                        entry: .sample(counter: counter, text: "地笼 \(counter)"),
                        sequence: counter + 40
                    )
                )
            }
            return [
                ("response-deflated", page, nil),
                ("response-deflated-with-dictionary", page, dictionary),
            ]
        }()
}
